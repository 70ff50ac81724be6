// deno-lint-ignore-file no-console
/**
 * What looking for movement costs: milliseconds of processor time a picture of 640x360,
 * in a still scene and with things in it, and how much memory it leaves behind.
 *
 * Run as `deno run bench/motion.ts [PICTURES [OTHER]]` at the repository's top. Times wander
 * with what else the machine does: the lowest tenth tells most. OTHER is the path of another
 * version's src/vision/motion.ts (with --allow-read): both see the same pictures in turns,
 * and what counts is how their times compare.
 *
 * @module
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
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

/** The times of one version, in milliseconds. */
interface Times {
  readonly name: string;
  readonly finder: Pick<MotionFinder, "see">;
  readonly tookMs: number[];
  moving: number;
}

/** Pictures that a version sees before it is another's turn: caches are as warm as in use. */
const TURN = 20;

function measure(
  name: string,
  { things, pictures, versions }: {
    readonly things: number;
    readonly pictures: number;
    readonly versions: ReadonlyMap<string, typeof MotionFinder>;
  },
): void {
  const scene = new GrayScene();
  const made: MotionPicture[] = Array.from(
    { length: MADE },
    (_, picture) => scene.picture({ things: walkersAt(picture, things) }),
  );
  const all = [...versions].map(([version, Finder]): Times => ({
    name: version,
    finder: new Finder({ sensitivity: 0.5, masks: [] }),
    tookMs: [],
    moving: 0,
  }));
  for (let from = 0; from < WARM_UP + pictures; from += TURN) {
    for (const times of all) {
      for (let index = from; index < from + TURN; index += 1) {
        const picture = { ...made[index % MADE]!, atMs: unixMs(1_000_000 + index * 200) };
        const start = performance.now();
        const seen = times.finder.see(picture);
        if (index < WARM_UP) continue;
        times.tookMs.push(performance.now() - start);
        if (seen.moving.length > 0) times.moving += 1;
      }
    }
  }
  for (const times of all) console.log(`${name}: ${textOf(times)}`);
  const [own, other] = all.map(({ tookMs }) => lowestTenth(tookMs));
  if (other !== undefined) {
    console.log(`  ${Math.round(own! / other * 100)} % of what ${all[1]!.name} takes`);
  }
}

function lowestTenth(values: readonly number[]): number {
  return shareOf(values, 0.1);
}

function shareOf(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]!;
}

function textOf({ name, tookMs, moving }: Times): string {
  const at = (share: number) => shareOf(tookMs, share).toFixed(3);
  return `${name} ${at(0.1)} ms lowest tenth, ${at(0.5)} ms median, ${at(0.95)} ms 95 % ` +
    `(${moving} of ${tookMs.length} pictures with movement)`;
}

const pictures = Number(Deno.args[0] ?? 1_000);
const other = Deno.args[1];
const versions = new Map([["own", MotionFinder]]);
if (other !== undefined) {
  versions.set("other", (await import(pathToFileURL(resolve(other)).href)).MotionFinder);
}
for (
  const [name, things] of [["still scene", 0], ["one walker", 1], ["three walkers", 3]] as const
) {
  measure(name, { things, pictures, versions });
}
