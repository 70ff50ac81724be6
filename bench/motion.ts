// deno-lint-ignore-file no-console
/**
 * What looking for movement costs: milliseconds of processor time a picture of 640x360,
 * in a still scene and with things in it, and how much memory it leaves behind.
 *
 * Run as `deno run bench/motion.ts [PICTURES]` at the repository's top. Times wander with
 * what else the machine does: the lowest tenth tells most.
 *
 * @module
 */

import { unixMs } from "../src/base/units.ts";
import { MotionFinder, type MotionPicture } from "../src/vision/motion.ts";
import { GrayScene, type SceneThing } from "../tests/support/gray_scene.ts";

/** Pictures that are made, and then shown again and again. */
const MADE = 40;

/** Pictures after which the engine has compiled what it runs. */
const WARM_UP = 100;

function walkersAt(picture: number, count: number): SceneThing[] {
  return Array.from({ length: count }, (_, index) => ({
    box: {
      x: (picture * 0.02 + index * 0.3) % 0.9,
      y: 0.2 + index * 0.1,
      width: 0.08,
      height: 0.4,
    },
    gray: 190,
  }));
}

function measure(name: string, { things, pictures }: { things: number; pictures: number }): void {
  const scene = new GrayScene();
  const made: MotionPicture[] = Array.from(
    { length: MADE },
    (_, picture) => scene.picture({ things: walkersAt(picture, things) }),
  );
  const finder = new MotionFinder({ sensitivity: 0.5, masks: [] });
  const tookMs: number[] = [];
  let moving = 0;
  for (let index = 0; index < WARM_UP + pictures; index += 1) {
    const picture = { ...made[index % MADE]!, atMs: unixMs(1_000_000 + index * 200) };
    const start = performance.now();
    const seen = finder.see(picture);
    if (index < WARM_UP) continue;
    tookMs.push(performance.now() - start);
    if (seen.moving.length > 0) moving += 1;
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(2);
  console.log(
    `${name}: ${at(0.1)} ms lowest tenth, ${at(0.5)} ms median, ${at(0.95)} ms 95 % ` +
      `(${moving} of ${pictures} pictures with movement)`,
  );
}

const pictures = Number(Deno.args[0] ?? 1_000);
measure("still scene", { things: 0, pictures });
measure("one walker", { things: 1, pictures });
measure("three walkers", { things: 3, pictures });
