import { strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { frameFault } from "../../src/bench/capacity_check.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";

const SIZES = [900, 30, 31, 32];

function frame(index: number, change: Partial<LoggedFrame> = {}): LoggedFrame {
  return {
    cameraId: "front",
    frameId: index + 1,
    atMs: unixMs(1_000_000 + index * 40),
    imagePath: null,
    isKey: index % 4 === 0,
    sizeBytes: SIZES[index % 4]!,
    pts: index * 512,
    duration: 512,
    run: 1,
    timescale: 12_800,
    ...change,
  };
}

const TWO_LOOPS = Array.from({ length: 8 }, (_, index) => frame(index));

const CASES = [
  { name: "finds nothing in two whole loops", frames: TWO_LOOPS, fault: undefined },
  { name: "does not take silence for success", frames: [], fault: "nothing was recorded" },
  {
    name: "finds a frame that was left out, although ids and times were closed up",
    frames: [0, 1, 3].map((index, place) => frame(place, { sizeBytes: SIZES[index]! })),
    fault: "frame 3 has 32 bytes, the source's 31",
  },
  {
    name: "finds an id that was given twice",
    frames: [frame(0), frame(1, { frameId: 1 })],
    fault: "frame 2 has the id 1",
  },
  {
    name: "finds a hole in the stream's time",
    frames: [frame(0), frame(1, { pts: 1_024 })],
    fault: "frame 2 comes 1024 ticks after the one before it, not 512",
  },
  {
    name: "finds wall time that went back",
    frames: [frame(0), frame(1, { atMs: unixMs(1_000_000) })],
    fault: "the time of frame 2 is -40 ms off",
  },
  {
    name: "finds that the recorder was started again",
    frames: [frame(0), frame(1, { run: 2 })],
    fault: "a new run begins at frame 2",
  },
];

for (const { name, frames, fault } of CASES) {
  Deno.test(`frameFault() ${name}`, () => strictEqual(frameFault(frames, SIZES), fault));
}
