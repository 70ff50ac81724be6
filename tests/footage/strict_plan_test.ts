import { deepStrictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { InitSegment } from "../../src/media/init_segment.ts";
import type { Sample } from "../../src/media/fragment.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";
import { divideStrictly } from "../../src/footage/strict_plan.ts";
import { decodableFrom, keyBefore, toStretches } from "../../src/footage/stretches.ts";

const INIT = { video: { timescale: 1_000 }, audio: undefined } as unknown as InitSegment;

/** Samples in decode order, written as presentation times; "K" in front marks key frames. */
function samples(decodeOrder: string): Sample[] {
  return decodeOrder.split(" ").map((text, index) => ({
    dts: index,
    pts: Number(text.replace("K", "")),
    duration: 1,
    sizeBytes: 1,
    isKey: text.startsWith("K"),
    offset: index,
  }));
}

function frame(pts: number): LoggedFrame {
  return {
    cameraId: "front",
    run: 1,
    timescale: 1_000,
    frameId: pts + 100,
    atMs: unixMs(pts),
    imagePath: null,
    isKey: false,
    sizeBytes: 1,
    pts,
    duration: 1,
  };
}

function divide(decodeOrder: string, from: number, to: number): string[] {
  const video = samples(decodeOrder);
  const shown = video.map(({ pts }) => pts).filter((pts) => pts >= from && pts < to)
    .sort((one, other) => one - other);
  const [stretch] = toStretches([{
    init: INIT,
    fragments: [{ source: 0, video, audio: [] }],
    frames: shown.map(frame),
  }], "collapse");
  return divideStrictly(stretch!).map(({ type, frames, used }) =>
    `${type} ${frames.map(({ pts }) => pts).join(" ")} from ${
      used.map((index) => video[index]!.pts).join(" ")
    }`
  );
}

const SIMPLE = "K0 1 2 3 K4 5 6 7 K8 9";
/** Two B-frames between reference frames; closed groups. */
const B_FRAMES = "K0 3 1 2 6 4 5 K7 10 8 9 13 11 12";
/** The key frame 6 is followed by frames that are shown before it. */
const OPEN_GOP = "K0 3 1 2 K6 4 5 9 7 8";

const CASES = [
  {
    name: "copies all from a key frame on",
    order: SIMPLE,
    window: [4, 10],
    pieces: ["copy 4 5 6 7 8 9 from 4 5 6 7 8 9"],
  },
  {
    name: "encodes up to the first key frame inside",
    order: SIMPLE,
    window: [2, 7],
    pieces: ["encode 2 3 from 0 1 2 3", "copy 4 5 6 from 4 5 6"],
  },
  {
    name: "encodes everything when no key frame is inside",
    order: SIMPLE,
    window: [1, 3],
    pieces: ["encode 1 2 from 0 1 2"],
  },
  {
    name: "encodes the B-frames at the end whose reference lies outside",
    order: B_FRAMES,
    window: [7, 12],
    pieces: ["copy 7 8 9 10 from 7 10 8 9", "encode 11 from 7 10 8 9 13 11"],
  },
  {
    name: "copies to the end where the last reference frame is the last shown",
    order: B_FRAMES,
    window: [0, 7],
    pieces: ["copy 0 1 2 3 4 5 6 from 0 3 1 2 6 4 5"],
  },
  {
    name: "encodes frames of an open group that are shown before its key frame",
    order: OPEN_GOP,
    window: [4, 10],
    pieces: ["encode 4 5 from 0 3 1 2 6 4 5", "copy 6 7 8 9 from 6 9 7 8"],
  },
] as const;

for (const { name, order, window: [from, to], pieces } of CASES) {
  Deno.test(`divideStrictly() ${name}`, () => {
    deepStrictEqual(divide(order, from, to), pieces);
  });
}

Deno.test("keyBefore() goes back over a key frame that is shown later", () => {
  const video = samples(OPEN_GOP);
  deepStrictEqual([keyBefore(video, 5), keyBefore(video, 7), keyBefore(video, 99)], [
    0,
    4,
    undefined,
  ]);
});

Deno.test("decodableFrom() leaves out what is shown before its key frame", () => {
  const video = samples(OPEN_GOP);
  deepStrictEqual(decodableFrom(video, { key: 4, last: 9 }), [4, 7, 8, 9]);
});
