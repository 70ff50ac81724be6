import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { cocoOf } from "../../src/footage/coco.ts";
import { chooseFrames, type FrameSetWish, pictureName } from "../../src/footage/frame_set.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";
import type { Detection } from "../../src/model/vision.ts";
import { at } from "../support/ledger_entries.ts";

/** Frames at these milliseconds; their ids count from 1. */
function framesAt(times: readonly number[]): LoggedFrame[] {
  return times.map((ms, index) => ({
    cameraId: "front",
    frameId: index + 1,
    atMs: unixMs(at(0) + ms),
    imagePath: null,
    isKey: index === 0,
    sizeBytes: 100,
    pts: ms * 90,
    duration: 3_600,
    run: 1,
    timescale: 90_000,
  }));
}

/** 25 frames a second. */
function evenly(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index * 40);
}

const WISH: FrameSetWish = {
  window: { fromMs: at(0), toMs: at(10) },
  fps: 5,
  max: null,
  classes: null,
  onlyAnalysed: false,
};

const PERSON: Detection = {
  class: "person",
  score: 0.9,
  box: { x: 0.25, y: 0.5, width: 0.5, height: 0.75 },
};

function chosenIds(
  times: readonly number[],
  wish: Partial<FrameSetWish> = {},
  sights: ReadonlyMap<number, readonly Detection[]> = new Map(),
): number[] {
  const { chosen } = chooseFrames(framesAt(times), { sights }, { ...WISH, ...wish });
  return chosen.map(({ frame }) => frame.frameId);
}

Deno.test("chooseFrames() takes the first frame at or after each instant", () => {
  deepStrictEqual(chosenIds(evenly(25)), [1, 6, 11, 16, 21]);
  deepStrictEqual(chosenIds(evenly(25), { fps: 10 }), [1, 4, 6, 9, 11, 14, 16, 19, 21, 24]);
});

Deno.test("chooseFrames() takes no frame twice where the camera is slower", () => {
  deepStrictEqual(chosenIds([0, 500, 1_000], { fps: 25 }), [1, 2, 3]);
});

Deno.test("chooseFrames() takes nothing in a gap, and goes on at the instants behind it", () => {
  deepStrictEqual(chosenIds([0, 40, 1_010, 1_050, 1_090, 1_210], { fps: 5 }), [1, 3, 6]);
});

Deno.test("chooseFrames() ends at the most that is asked for, and says that there is more", () => {
  const frames = framesAt(evenly(25));
  const known = { sights: new Map() };
  strictEqual(chooseFrames(frames, known, { ...WISH, max: 2 }).isCut, true);
  strictEqual(chooseFrames(frames, known, { ...WISH, max: 5 }).isCut, false);
});

Deno.test("chooseFrames() keeps frames near which a class was seen, of the nearest look only", () => {
  // Looked at: frames 3 (a person), 9 (nothing) and 20 (a person).
  const sights = new Map([[3, [PERSON]], [9, []], [20, [PERSON]]]);
  deepStrictEqual(chosenIds(evenly(25), { classes: ["person"] }, sights), [1, 16, 21]);
  deepStrictEqual(chosenIds(evenly(25), { classes: ["car"] }, sights), []);
});

Deno.test("chooseFrames() with `onlyAnalysed` takes frames that were looked at themselves", () => {
  const sights = new Map([[3, [PERSON]], [4, []], [9, []], [20, [PERSON]]]);
  deepStrictEqual(chosenIds(evenly(25), { onlyAnalysed: true }, sights), [3, 9, 20]);
});

Deno.test("chooseFrames() knows nothing of a frame more than a quarter of a second away", () => {
  const { chosen } = chooseFrames(framesAt([0, 260, 520]), { sights: new Map([[1, [PERSON]]]) }, {
    ...WISH,
    fps: 25,
  });
  deepStrictEqual(chosen.map(({ sight }) => sight?.laterMs), [0, undefined, undefined]);
});

Deno.test("pictureName() has camera, time to the millisecond and frame id", () => {
  const [frame] = framesAt([340]);
  strictEqual(pictureName(frame!, "jpg"), "front_20261121T205700340Z_1.jpg");
});

Deno.test("cocoOf() gives boxes in pixels of the written size, within the picture", () => {
  const [frame] = framesAt([0]);
  const sight = { detections: [PERSON], frameId: 1, laterMs: 0 };
  const picture = { fileName: "a.jpg", width: 640, height: 360, frame: frame!, sight };
  const coco = cocoOf([picture], {
    description: "",
    classes: null,
    version: "1",
    createdMs: 0,
  });
  deepStrictEqual(coco.categories, [{ id: 1, name: "person", supercategory: "person" }]);
  const [annotation] = coco.annotations;
  // It reached a quarter of its height below the picture.
  deepStrictEqual(annotation!.bbox, [160, 180, 320, 180]);
  strictEqual(annotation!.area, 320 * 180);
});
