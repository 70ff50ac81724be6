import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { makeWindow } from "../../src/footage/request.ts";
import {
  intersect,
  subtractWindows,
  type TimeWindow,
  windowLengthMs,
} from "../../src/model/window.ts";

/** A window in seconds. */
function span(from: number, to: number): TimeWindow {
  return { fromMs: unixMs(from * 1_000), toMs: unixMs(to * 1_000) };
}

const INTERSECT_CASES = [
  { name: "gives the common part when two overlap", other: span(4, 15), common: span(4, 10) },
  { name: "gives the inner one when it lies within", other: span(4, 6), common: span(4, 6) },
  { name: "gives null when they only touch", other: span(10, 15), common: null },
  { name: "gives null when they are apart", other: span(12, 15), common: null },
  { name: "gives null when one is empty", other: span(5, 5), common: null },
];

for (const { name, other, common } of INTERSECT_CASES) {
  Deno.test(`intersect() ${name}`, () => {
    deepStrictEqual(intersect(span(0, 10), other), common);
    deepStrictEqual(intersect(other, span(0, 10)), common);
  });
}

const SUBTRACT_CASES = [
  { name: "gives the whole window when nothing covers it", pieces: [], holes: [[0, 20]] },
  { name: "gives nothing when one piece covers it", pieces: [[-5, 25]], holes: [] },
  { name: "gives nothing when pieces touch", pieces: [[0, 10], [10, 20]], holes: [] },
  {
    name: "gives the hole between two pieces",
    pieces: [[-5, 6], [7, 20]],
    holes: [[6, 7]],
  },
  { name: "gives both edges when a piece lies within", pieces: [[5, 6]], holes: [[0, 5], [6, 20]] },
  { name: "counts overlapping pieces once", pieces: [[0, 9], [2, 5], [8, 12]], holes: [[12, 20]] },
  { name: "leaves out pieces beyond the edges", pieces: [[-9, 0], [20, 30]], holes: [[0, 20]] },
  { name: "leaves out empty pieces", pieces: [[5, 5]], holes: [[0, 20]] },
  { name: "sorts pieces that are out of order", pieces: [[10, 20], [0, 9]], holes: [[9, 10]] },
] as const;

for (const { name, pieces, holes } of SUBTRACT_CASES) {
  Deno.test(`subtractWindows() ${name}`, () => {
    const found = subtractWindows(span(0, 20), pieces.map(([from, to]) => span(from, to)));
    deepStrictEqual(found, holes.map(([from, to]) => span(from, to)));
  });
}

Deno.test("subtractWindows() gives nothing when the window is empty", () => {
  deepStrictEqual(subtractWindows(span(5, 5), []), []);
});

Deno.test("subtractWindows() marks exactly the seconds that no piece covers", () => {
  const second = fc.integer({ min: -5, max: 25 });
  fc.assert(fc.property(fc.array(fc.tuple(second, second)), (edges) => {
    const pieces = edges.map(([from, to]) => span(from, to));
    const holes = subtractWindows(span(0, 20), pieces);
    for (let at = 0; at < 20; at++) {
      const covers = (window: TimeWindow) => intersect(window, span(at, at + 1)) !== null;
      strictEqual(holes.some(covers), !pieces.some(covers));
    }
  }));
});

Deno.test("windowLengthMs() gives the distance from start to end", () => {
  strictEqual(windowLengthMs(span(2, 5)), 3_000);
});

Deno.test("makeWindow() ends a duration after its start", () => {
  deepStrictEqual(makeWindow(unixMs(5_000), 2_500), { fromMs: 5_000, toMs: 7_500 });
});

for (const durationMs of [0, -1, 0.5, NaN, Infinity]) {
  Deno.test(`makeWindow() throws a RangeError when the duration is ${durationMs} ms`, () => {
    throws(() => makeWindow(unixMs(0), durationMs), RangeError);
  });
}
