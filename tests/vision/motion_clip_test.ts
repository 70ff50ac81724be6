/**
 * Movement in pictures that ffmpeg decoded from a compressed clip, as vision gets them.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import { type Motion, MotionFinder } from "../../src/vision/motion.ts";
import { runFfmpeg } from "../support/clips.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SIZE = { width: 320, height: 180 };
const FPS = 5;

/**
 * A textured still scene with noise. A white square of 30 points goes through it from second
 * 4 to 8; from second 11 on a lamp is out.
 */
const SCENE = "testsrc=size=320x180:rate=1:duration=1";
const GRAPH = "[0]loop=-1:1,fps=10,eq=contrast=0.4,noise=alls=6:allf=t[scene];" +
  "[scene][1]overlay=x='if(between(t,4,8),(t-4)*70,-200)':y=75," +
  "eq=brightness='if(gte(t,11),-0.2,0)':contrast='if(gte(t,11),0.6,1)':eval=frame";

/** What moves in each picture of a clip, five a second. */
async function look(clip: string, raw: string): Promise<Motion[]> {
  await runFfmpeg([
    ...["-i", clip, "-vf", `fps=${FPS},scale=320:180`, "-pix_fmt", "yuv420p"],
    ...["-f", "rawvideo", raw],
  ]);
  const bytes = await Deno.readFile(raw);
  const size = SIZE.width * SIZE.height * 3 / 2;
  const finder = new MotionFinder({ sensitivity: 0.5, masks: [] });
  return Array.from({ length: bytes.length / size }, (_, index) =>
    finder.see({
      ...SIZE,
      yuv: bytes.subarray(index * size, (index + 1) * size),
      atMs: unixMs(1_000_000 + index * 1_000 / FPS),
    }));
}

Deno.test("MotionFinder finds the square of a compressed clip, and nothing when a lamp goes out", async () => {
  await using folder = await tempFolder();
  const clip = join(folder.path, "clip.mp4");
  await runFfmpeg([
    ...["-f", "lavfi", "-i", SCENE, "-f", "lavfi", "-i", "color=white:size=30x30:rate=10"],
    ...["-filter_complex", GRAPH, "-t", "15", "-c:v", "libx264", "-preset", "ultrafast"],
    ...["-g", "10", "-pix_fmt", "yuv420p", clip],
  ]);
  const pictures = await look(clip, join(folder.path, "pictures.yuv"));
  strictEqual(pictures.length, 15 * FPS);
  const moving = pictures.flatMap(({ moving: boxes }, index) =>
    boxes.length > 0 ? [index / FPS] : []
  );
  deepStrictEqual(moving.filter((second) => second < 4 || second > 8.5), []);
  // While it enters there is little to see of it.
  ok(moving.filter((second) => second >= 4.4 && second <= 7.8).length === 18, `${moving}`);
  for (const second of [5, 6, 7]) {
    const [box] = pictures[second * FPS]!.moving;
    ok(Math.abs(box!.x - (second - 4) * 70 / 320) < 0.03, `${second} s: ${JSON.stringify(box)}`);
    ok(Math.abs(box!.height - 30 / 180) < 0.06, `${second} s: ${JSON.stringify(box)}`);
  }
  ok(pictures.some(({ isLightChange }) => isLightChange));
});
