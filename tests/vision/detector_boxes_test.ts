import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Box } from "../../src/model/vision.ts";
import { mergeDetections, type RawDetection } from "../../src/vision/detector_boxes.ts";

const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };
const LABELS = [null, "person", "vehicle", "vehicle"];

function box(x: number, y: number, width: number, height: number): Box {
  return { x, y, width, height };
}

function found(label: number, score: number, where: Box): RawDetection {
  return { label, score, box: where };
}

Deno.test("mergeDetections() keeps the surest of boxes that are one thing, whatever the model calls it", () => {
  const merged = mergeDetections([{
    area: WHOLE,
    found: [
      found(2, 0.6, box(0.1, 0.1, 0.4, 0.4)),
      found(3, 0.8, box(0.11, 0.1, 0.4, 0.4)),
      found(3, 0.5, box(0.6, 0.6, 0.2, 0.2)),
    ],
  }], LABELS);
  deepStrictEqual(merged.map(({ class: name, score }) => [name, score]), [
    ["vehicle", 0.8],
    ["vehicle", 0.5],
  ]);
});

Deno.test("mergeDetections() keeps things of different classes in one place", () => {
  const where = box(0.2, 0.2, 0.2, 0.4);
  const merged = mergeDetections(
    [{ area: WHOLE, found: [found(1, 0.5, where), found(2, 0.6, where)] }],
    LABELS,
  );
  deepStrictEqual(merged.map(({ class: name }) => name), ["vehicle", "person"]);
});

Deno.test("mergeDetections() leaves out classes without a name and boxes as large as the picture", () => {
  const merged = mergeDetections([{
    area: WHOLE,
    found: [
      found(0, 0.9, box(0.1, 0.1, 0.2, 0.2)),
      found(9, 0.9, box(0.1, 0.1, 0.2, 0.2)),
      found(1, 0.9, box(0, 0, 0.95, 0.95)),
      found(1, 0.9, box(1.2, 0.5, 0.2, 0.2)),
      found(1, 0.9, box(NaN, 0.5, 0.2, 0.2)),
    ],
  }], LABELS);
  deepStrictEqual(merged, []);
});

Deno.test("mergeDetections() brings a piece's boxes to the picture and cuts them at its edge", () => {
  const [detection] = mergeDetections([{
    area: box(0.5, 0.25, 0.5, 0.5),
    found: [found(1, 0.9, box(0.5, 0.5, 0.75, 0.25))],
  }], LABELS);
  deepStrictEqual(detection?.box, box(0.75, 0.5, 0.25, 0.125));
});

Deno.test("mergeDetections() takes what a piece's edge cut off for a part of the whole thing", () => {
  const whole = { area: box(0, 0, 0.5, 1), found: [found(1, 0.6, box(0.4, 0.2, 0.4, 0.6))] };
  const half = { area: box(0.3, 0, 0.5, 1), found: [found(1, 0.7, box(0, 0.2, 0.2, 0.6))] };
  strictEqual(mergeDetections([whole, half], LABELS).length, 1);
  // In one piece a small box inside a large one is another thing: a child before an adult.
  const both = [found(1, 0.6, box(0.2, 0.2, 0.4, 0.6)), found(1, 0.7, box(0.4, 0.4, 0.2, 0.3))];
  strictEqual(mergeDetections([{ area: WHOLE, found: both }], LABELS).length, 2);
});
