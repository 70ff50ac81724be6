/**
 * How the outputs of models of one's own are read.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { decodeEndToEnd } from "../../src/vision/detector_end_to_end.ts";
import { decodeYolox, yoloxCount } from "../../src/vision/yolox_decoder.ts";

const INPUT = { width: 64, height: 32 };

Deno.test("yoloxCount() counts the cells of three grids", () => {
  strictEqual(yoloxCount(INPUT), 8 * 4 + 4 * 2 + 2 * 1);
  strictEqual(yoloxCount({ width: 416, height: 416 }), 3_549);
});

Deno.test("decodeYolox() reads a box of the second grid, with its likeliest class", () => {
  const output = new Float32Array(yoloxCount(INPUT) * 7);
  // Column 1, row 1 of the grid with 16 pixels a cell: the centre at 24, 20, 16 x 32 pixels.
  const at = (32 + 5) * 7;
  output.set([0.5, 0.25, 0, Math.log(2), 0.9, 0.1, 0.8], at);
  const [found, ...others] = decodeYolox(output, INPUT, 0.3);
  deepStrictEqual(others, []);
  strictEqual(found?.label, 1);
  ok(Math.abs(found.score - 0.72) < 1e-6);
  const { x, y, width, height } = found.box;
  deepStrictEqual([x, y, width, height].map((value) => Math.round(value * 1e4) / 1e4), [
    0.25,
    0.125,
    0.25,
    1,
  ]);
});

Deno.test("decodeYolox() leaves out what is sure of no class", () => {
  const output = new Float32Array(yoloxCount(INPUT) * 7);
  output.set([0, 0, 0, 0, 0.9, 0.2, 0.3], 0);
  deepStrictEqual(decodeYolox(output, INPUT, 0.3), []);
});

Deno.test("decodeEndToEnd() reads corners in pixels and leaves out unused rows", () => {
  const output = Float32Array.of(16, 8, 48, 24, 0.9, 3, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 0.1, 1);
  deepStrictEqual(decodeEndToEnd(output, INPUT, 0.3), [{
    label: 3,
    score: Math.fround(0.9),
    box: { x: 0.25, y: 0.25, width: 0.5, height: 0.5 },
  }]);
});
