import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Polygon } from "../../src/model/vision.ts";
import { isMasked } from "../../src/vision/mask.ts";
import { feetOf, isInside, overlapOf, shareInside, visiblePart } from "../../src/vision/polygon.ts";

const LEFT: Polygon = [{ x: 0, y: 0 }, { x: 0.5, y: 0 }, { x: 0.5, y: 1 }, { x: 0, y: 1 }];
const RIGHT: Polygon = LEFT.map(({ x, y }) => ({ x: x + 0.5, y }));
/** A triangle with a notch. */
const NOTCHED: Polygon = [
  { x: 0.1, y: 0.1 },
  { x: 0.9, y: 0.1 },
  { x: 0.9, y: 0.9 },
  { x: 0.5, y: 0.3 },
  { x: 0.1, y: 0.9 },
];

const POINTS = [
  { name: "a point inside", point: { x: 0.2, y: 0.2 }, polygon: NOTCHED, want: true },
  { name: "a point in the notch", point: { x: 0.5, y: 0.6 }, polygon: NOTCHED, want: false },
  { name: "a point outside", point: { x: 0.95, y: 0.5 }, polygon: NOTCHED, want: false },
] as const;

for (const { name, point, polygon, want } of POINTS) {
  Deno.test(`isInside() answers ${want} for ${name}`, () => {
    strictEqual(isInside(point, polygon), want);
  });
}

Deno.test("isInside() has each point in one of two neighbours", () => {
  const inside = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(inside, inside, (x, y) => {
    strictEqual(isInside({ x, y }, LEFT) !== isInside({ x, y }, RIGHT), true);
  }));
});

Deno.test("feetOf() lies in a zone that ends at the picture's lower edge", () => {
  const zone: Polygon = [{ x: 0, y: 0.8 }, { x: 1, y: 0.8 }, { x: 1, y: 1 }, { x: 0, y: 1 }];
  ok(isInside(feetOf({ x: 0.4, y: 0.5, width: 0.1, height: 0.5 }), zone));
});

Deno.test("shareInside() tells how much of a box is in any polygon", () => {
  strictEqual(shareInside({ x: 0.25, y: 0, width: 0.5, height: 1 }, [LEFT]), 0.5);
  strictEqual(shareInside({ x: 0.25, y: 0, width: 0.5, height: 1 }, [LEFT, RIGHT]), 1);
  strictEqual(shareInside({ x: 0.25, y: 0, width: 0.5, height: 1 }, []), 0);
});

Deno.test("isMasked() is true for things that lie in a mask for the most part", () => {
  strictEqual(isMasked({ x: 0.3, y: 0.2, width: 0.3, height: 0.2 }, [LEFT]), true);
  strictEqual(isMasked({ x: 0.4, y: 0.2, width: 0.3, height: 0.2 }, [LEFT]), false);
});

Deno.test("overlapOf() is 1 for equal boxes and 0 for separate ones", () => {
  const box = { x: 0.1, y: 0.1, width: 0.2, height: 0.2 };
  ok(Math.abs(overlapOf(box, box) - 1) < 1e-9);
  strictEqual(overlapOf(box, { ...box, x: 0.4 }), 0);
});

Deno.test("visiblePart() cuts a box at the picture's edges", () => {
  deepStrictEqual(visiblePart({ x: 0.75, y: -0.5, width: 0.5, height: 1 }), {
    x: 0.75,
    y: 0,
    width: 0.25,
    height: 0.5,
  });
});
