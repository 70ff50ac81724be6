import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { type BatchWithFrames, planFootage } from "../../src/footage/plan.ts";
import type { Batch } from "../../src/model/batch.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";

const FPS = 10;

/** A batch of frames at 10 fps. */
function batch(
  at: { readonly run: number; readonly firstId: number; readonly fromMs: number; frames: number },
): BatchWithFrames {
  const frames = Array.from({ length: at.frames }, (_, index): LoggedFrame => ({
    cameraId: "front",
    run: at.run,
    timescale: 1_000,
    frameId: at.firstId + index,
    atMs: unixMs(at.fromMs + index * 1_000 / FPS),
    imagePath: null,
    isKey: index === 0,
    sizeBytes: 1,
    pts: at.fromMs + index * 1_000 / FPS,
    duration: 1_000 / FPS,
  }));
  const row: Batch = {
    batchId: at.firstId,
    cameraId: "front",
    run: at.run,
    startingFrameId: at.firstId,
    endingFrameId: at.firstId + at.frames - 1,
    timestamp: "",
    startMs: unixMs(at.fromMs),
    endMs: unixMs(at.fromMs + at.frames * 1_000 / FPS),
    frameCount: at.frames,
    recordingPath: "",
    recordingBytes: 1,
    framesPath: "",
    framesOffset: 0,
    framesBytes: 1,
    stillsBytes: 0,
    shiftMs: 0,
    seals: null,
  };
  return { batch: row, frames };
}

const window = (fromMs: number, toMs: number) => ({ fromMs: unixMs(fromMs), toMs: unixMs(toMs) });

const FIRST = batch({ run: 1, firstId: 1, fromMs: 0, frames: 50 });
const SECOND = batch({ run: 1, firstId: 51, fromMs: 5_000, frames: 50 });
const AFTER_RESTART = batch({ run: 2, firstId: 101, fromMs: 13_000, frames: 50 });

const CASES = [
  {
    name: "takes frames from the start of the window to before its end",
    batches: [FIRST],
    window: window(1_000, 2_000),
    frameIds: [[11, 20]],
    holes: [],
  },
  {
    name: "joins batches of one run whose frames follow each other",
    batches: [FIRST, SECOND],
    window: window(4_550, 5_250),
    frameIds: [[47, 53]],
    holes: [],
  },
  {
    name: "begins a segment at a restart and names the hole",
    batches: [SECOND, AFTER_RESTART],
    window: window(9_000, 14_000),
    frameIds: [[91, 100], [101, 110]],
    holes: [[10_000, 13_000]],
  },
  {
    name: "begins a segment where a batch between two is missing",
    batches: [FIRST, batch({ run: 1, firstId: 101, fromMs: 10_000, frames: 50 })],
    window: window(4_000, 11_000),
    frameIds: [[41, 50], [101, 110]],
    holes: [[5_000, 10_000]],
  },
  {
    name: "names what lies before the first and behind the last frame",
    batches: [FIRST],
    window: window(-2_000, 7_000),
    frameIds: [[1, 50]],
    holes: [[-2_000, 0], [5_000, 7_000]],
  },
  {
    name: "does not call less than half a second a hole",
    batches: [FIRST],
    window: window(-500, 5_500),
    frameIds: [[1, 50]],
    holes: [],
  },
  {
    name: "delivers both runs in order of their frames where the clock was set back",
    batches: [SECOND, batch({ run: 2, firstId: 101, fromMs: 4_000, frames: 50 })],
    window: window(4_500, 9_500),
    frameIds: [[51, 95], [106, 150]],
    holes: [],
  },
  {
    name: "answers with one hole when nothing was recorded",
    batches: [],
    window: window(0, 300),
    frameIds: [],
    holes: [[0, 300]],
  },
] as const;

for (const { name, batches, window: asked, frameIds, holes } of CASES) {
  Deno.test(`planFootage() ${name}`, () => {
    const plan = planFootage(batches, asked);
    deepStrictEqual(
      plan.segments.map(({ frames }) => [frames[0]!.frameId, frames.at(-1)!.frameId]),
      frameIds,
    );
    deepStrictEqual(plan.holes.map((hole) => [hole.window.fromMs, hole.window.toMs]), holes);
  });
}

Deno.test("planFootage() finds a hole inside a batch and the frames on both sides of it", () => {
  const { batch: row, frames } = FIRST;
  const broken = {
    batch: row,
    frames: frames.filter(({ frameId }) => frameId < 20 || frameId > 39),
  };
  const { segments, holes: [hole] } = planFootage([broken], window(0, 5_000));
  strictEqual(segments.length, 1);
  deepStrictEqual(hole!.window, window(1_900, 3_900));
  strictEqual(hole!.before!.frameId, 19);
  strictEqual(hole!.after!.frameId, 40);
});

Deno.test("planFootage() calls a hole of one run none that another run fills, and names the rest", () => {
  // The clock was set back while run 1 had a hole from 5 to 13 s; run 2 fills 5 to 9 s.
  const late = batch({ run: 1, firstId: 51, fromMs: 13_000, frames: 10 });
  const again = batch({ run: 2, firstId: 61, fromMs: 4_000, frames: 50 });
  const { segments, holes } = planFootage([FIRST, late, again], window(0, 14_000));
  deepStrictEqual(segments.map(({ frames }) => frames[0]!.frameId), [1, 61]);
  deepStrictEqual(holes.map((hole) => hole.window), [window(9_000, 13_000)]);
  deepStrictEqual([holes[0]!.before!.frameId, holes[0]!.after!.frameId], [110, 51]);
});
