import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { cutOut } from "../../src/media/event_picture_args.ts";

const SIZE = { width: 640, height: 360 };

Deno.test("cutOut() shows a thing with a fifth of its size around it", () => {
  const box = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };
  deepStrictEqual(cutOut(box, SIZE), { x: 288, y: 162, width: 224, height: 126 });
});

Deno.test("cutOut() moves into the picture what would reach over its edge", () => {
  const box = { x: 0, y: 0.9, width: 0.01, height: 0.1 };
  deepStrictEqual(cutOut(box, SIZE), { x: 0, y: 296, width: 64, height: 64 });
});

Deno.test("cutOut() is even, inside the picture and around the box, whatever the box", () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  const boxes = fc.tuple(fraction, fraction, fraction, fraction).map(([x, y, right, below]) => ({
    x,
    y,
    width: (1 - x) * right,
    height: (1 - y) * below,
  }));
  fc.assert(fc.property(boxes, (box) => {
    const { x, y, width, height } = cutOut(box, SIZE);
    ok([x, y, width, height].every((each) => each % 2 === 0));
    ok(x >= 0 && y >= 0 && x + width <= 640 && y + height <= 360);
    // A pixel off, because of evenness.
    ok(x <= box.x * 640 && x + width >= (box.x + box.width) * 640 - 2);
    ok(y <= box.y * 360 && y + height >= (box.y + box.height) * 360 - 2);
  }));
});
