import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ssdAnchors, SsdDecoder } from "../../src/vision/ssd_decoder.ts";

Deno.test("ssdAnchors() has three boxes in each cell of the finest grid and six in the others", () => {
  const anchors = ssdAnchors(300);
  strictEqual(anchors.length, 1917);
  const [square, wide, tall] = anchors as [typeof anchors[0], typeof anchors[0], typeof anchors[0]];
  deepStrictEqual([square.width, square.height], [0.1, 0.1]);
  ok(wide.width > wide.height && tall.height > tall.width);
  deepStrictEqual([square.x, square.y], [0.5 / 19, 0.5 / 19]);
  const last = anchors.at(-1)!;
  deepStrictEqual([last.x, last.y], [0.5, 0.5]);
  ok(Math.abs(last.width - Math.sqrt(0.95)) < 1e-9);
});

const CLASSES = 3;

/** Outputs in which nothing is seen. */
function nothing() {
  const decoder = new SsdDecoder(300);
  const offsets = new Float32Array(decoder.count * 4);
  const classes = new Float32Array(decoder.count * CLASSES).fill(-10);
  return { decoder, offsets, classes };
}

Deno.test("SsdDecoder moves and sizes the fixed box, and turns the number into a score", () => {
  const { decoder, offsets, classes } = nothing();
  const anchor = ssdAnchors(300)[1_000]!;
  offsets.set([5, -5, 5 * Math.log(2), 5 * Math.log(0.5)], 4_000);
  classes[1_000 * CLASSES + 2] = Math.log(0.8 / 0.2);
  const [found, ...others] = decoder.decode(offsets, classes, 0.3);
  deepStrictEqual(others, []);
  strictEqual(found?.label, 2);
  ok(Math.abs(found.score - 0.8) < 1e-6);
  const { box } = found;
  ok(
    Math.abs(box.width - anchor.width / 2) < 1e-6 &&
      Math.abs(box.height - anchor.height * 2) < 1e-6,
  );
  ok(Math.abs(box.y + box.height / 2 - (anchor.y + anchor.height / 2)) < 1e-6);
  ok(Math.abs(box.x + box.width / 2 - (anchor.x - anchor.width / 2)) < 1e-6);
});

Deno.test("SsdDecoder leaves out the background and what is below the floor", () => {
  const { decoder, offsets, classes } = nothing();
  classes[0] = 8;
  classes[CLASSES + 1] = Math.log(0.29 / 0.71);
  deepStrictEqual(decoder.decode(offsets, classes, 0.3), []);
  strictEqual(decoder.decode(offsets, classes, 0.28).length, 1);
});
