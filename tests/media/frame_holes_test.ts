import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { FrameHoles } from "../../src/media/frame_holes.ts";
import { makeClip, runFfmpeg } from "../support/clips.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CASES = [
  { name: "even frames", durations: [40, 40, 40, 40], holes: [0, 0, 0, 0] },
  { name: "a silence of three seconds", durations: [40, 40, 3_040, 40], holes: [0, 0, 3_000, 0] },
  {
    name: "half a second, which is no hole yet",
    durations: [40, 40, 500, 40],
    holes: [0, 0, 0, 0],
  },
  { name: "one frame a second", durations: [1_000, 1_000, 1_010, 990], holes: [0, 0, 0, 0] },
  {
    name: "a silence of a camera with one frame a second",
    durations: [1_000, 1_000, 5_000, 1_000],
    holes: [0, 0, 4_000, 0],
  },
  {
    name: "a first frame that nothing can be compared with",
    durations: [3_000, 40],
    holes: [0, 0],
  },
  {
    name: "a camera that slows down for good, after its first long frame",
    durations: [40, 40, 2_000, 2_000, 2_000],
    holes: [0, 0, 1_960, 0, 0],
  },
] as const;

for (const { name, durations, holes } of CASES) {
  Deno.test(`FrameHoles.take() tells holes from ${name}`, () => {
    const finder = new FrameHoles(1_000);
    const found = durations.map((duration) => finder.take(duration));
    deepStrictEqual(found.map(({ holeTicks }) => holeTicks), holes);
    for (const [index, { duration, holeTicks }] of found.entries()) {
      strictEqual(duration + holeTicks, durations[index]);
    }
  });
}

for (const bframes of [0, 2]) {
  Deno.test(`FrameHoles.take() finds frames that a camera left out, with ${bframes} B-frames`, async () => {
    await using folder = await tempFolder();
    const options = { seconds: 4, gop: 50, bframes, size: "64x36" } as const;
    const whole = await makeClip(`${folder.path}/whole.mp4`, options);
    const holed = `${folder.path}/holed.mp4`;
    const drop = "noise=drop='between(n,40,79)'";
    await runFfmpeg(["-i", whole, "-c", "copy", "-bsf:v", drop, holed]);
    const { start, fragments } = readStream(await recordFile(holed));
    const { timescale } = start.init.video;
    const finder = new FrameHoles(timescale);
    const found = fragments.flatMap(({ samples }) => samples.video)
      .map(({ duration }) => finder.take(duration).holeTicks / timescale)
      .filter((seconds) => seconds > 0);
    strictEqual(found.length, 1);
    strictEqual(found[0]!.toFixed(1), "1.6");
  });
}

Deno.test("FrameHoles.filled() leaves out what no frame fills, in the order of the frames", () => {
  const finder = new FrameHoles(1_000);
  const fragments = [[40, 40], [40, 3_040], [40, 40]];
  const filled = fragments.map((durations) =>
    finder.filled(durations.map((duration) => ({ duration })))
  );
  deepStrictEqual(filled, [80, 80, 80]);
});
