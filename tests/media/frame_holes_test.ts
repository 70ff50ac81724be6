import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { FrameHoles, StreamHoles } from "../../src/media/frame_holes.ts";
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

/** Fragments of two frames each, one behind the other, but for what lies between them. */
function fragmentsOf(
  fragments: readonly { readonly afterTicks: number; readonly durations: readonly number[] }[],
) {
  let dts = 0;
  return fragments.map(({ afterTicks, durations }) => {
    dts += afterTicks;
    return durations.map((duration) => {
      const sample = { dts, duration };
      dts += duration;
      return sample;
    });
  });
}

Deno.test("StreamHoles.take() counts what no frame fills, within a fragment and before it", () => {
  const holes = new StreamHoles(1_000);
  const fragments = fragmentsOf([
    { afterTicks: 7_000, durations: [40, 40] },
    { afterTicks: 0, durations: [40, 3_040] },
    { afterTicks: 0, durations: [40, 40] },
    { afterTicks: 2_500, durations: [40, 40] },
  ]);
  deepStrictEqual(fragments.map((video) => holes.take(video)), [0, 3_000, 0, 2_500]);
});

Deno.test("StreamHoles.take() takes a stream that was set back for one without a hole", () => {
  const holes = new StreamHoles(1_000);
  const fragments = fragmentsOf([
    { afterTicks: 0, durations: [40, 40] },
    { afterTicks: -5_000, durations: [40, 40] },
  ]);
  deepStrictEqual(fragments.map((video) => holes.take(video)), [0, 0]);
});
