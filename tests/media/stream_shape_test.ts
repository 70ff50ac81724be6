import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Sample } from "../../src/media/fragment.ts";
import { ShapeWatch } from "../../src/media/stream_shape.ts";

/** A frame each 40 ms, 1000 ticks a second. */
function frame(index: number, { isKey = false, shownAt = index } = {}): Sample {
  return { dts: index * 40, pts: shownAt * 40, duration: 40, sizeBytes: 1, isKey, offset: 0 };
}

function feed(watch: ShapeWatch, frames: readonly Sample[]): boolean {
  return frames.map((each) => watch.take({ video: [each], audio: [] }, 500))
    .some((isNews) => isNews);
}

Deno.test("ShapeWatch knows nothing before a whole group of pictures", () => {
  const watch = new ShapeWatch(1_000);
  const group = Array.from({ length: 25 }, (_, index) => frame(index, { isKey: index === 0 }));
  strictEqual(feed(watch, group), false);
  strictEqual(watch.shape, undefined);
  strictEqual(feed(watch, [frame(25, { isKey: true })]), true);
  deepStrictEqual(watch.shape, { hasBFrames: false, keyEveryMs: 1_000, bitsPerSecond: 100_000 });
});

Deno.test("ShapeWatch finds frames that are shown in another order than they come", () => {
  const watch = new ShapeWatch(1_000);
  const shown = [3, 6, 4, 5];
  feed(watch, shown.map((shownAt, index) => frame(index, { isKey: index === 0, shownAt })));
  feed(watch, [frame(4, { isKey: true, shownAt: 7 })]);
  strictEqual(watch.shape?.hasBFrames, true);
});

Deno.test("ShapeWatch takes an odd time of the first packet for no reordering, and little changes for no news", () => {
  const watch = new ShapeWatch(1_000);
  feed(watch, [frame(0, { isKey: true, shownAt: 0.2 }), frame(1), frame(2), frame(3)]);
  strictEqual(feed(watch, [frame(4, { isKey: true })]), true);
  strictEqual(watch.shape?.hasBFrames, false);
  strictEqual(feed(watch, [5, 6, 7].map((index) => frame(index))), false);
  strictEqual(feed(watch, [frame(8, { isKey: true })]), false);
  strictEqual(feed(watch, [frame(20, { isKey: true })]), true);
  strictEqual(watch.shape?.keyEveryMs, 480);
});
