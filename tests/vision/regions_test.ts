import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Box } from "../../src/model/vision.ts";
import { planRegions } from "../../src/vision/regions.ts";

const WIDE = { width: 640, height: 360 };

function box(x: number, y: number, width: number, height: number): Box {
  return { x, y, width, height };
}

function plan(...moving: readonly Box[]): Box[] {
  return planRegions({ moving, still: [] }, WIDE).map(rounded);
}

function rounded({ x, y, width, height }: Box): Box {
  const [left, top, across, down] = [x, y, width, height].map((value) => +value.toFixed(3));
  return box(left!, top!, across!, down!);
}

Deno.test("planRegions() puts at least 40 % of the picture's width around a small thing", () => {
  deepStrictEqual(plan(box(0.5, 0.5, 0.02, 0.02)), [box(0.31, 0.31, 0.4, 0.4)]);
});

Deno.test("planRegions() stays in the picture", () => {
  deepStrictEqual(plan(box(0.98, 0.02, 0.02, 0.02)), [box(0.6, 0, 0.4, 0.4)]);
});

Deno.test("planRegions() puts a fifth more around a large thing, and keeps 16:9 for an upright one", () => {
  deepStrictEqual(plan(box(0.2, 0.2, 0.5, 0.3)), [box(0.15, 0.05, 0.6, 0.6)]);
  deepStrictEqual(plan(box(0.45, 0.2, 0.1, 0.6)), [box(0.14, 0.14, 0.72, 0.72)]);
});

Deno.test("planRegions() has one part for things close together, two for others", () => {
  const left = box(0.1, 0.1, 0.1, 0.1);
  strictEqual(plan(left, box(0.27, 0.1, 0.1, 0.1)).length, 1);
  strictEqual(plan(left, box(0.75, 0.7, 0.1, 0.1)).length, 2);
});

Deno.test("planRegions() has no part of its own for what the part of a larger thing holds", () => {
  strictEqual(plan(box(0.4, 0.4, 0.1, 0.1), box(0.4, 0.6, 0.02, 0.02)).length, 1);
});

Deno.test("planRegions() looks at the three largest things, moving ones first", () => {
  const moving = [0, 0.25, 0.5, 0.75].map((at, index) =>
    box(at, at, 0.05 + index / 100, 0.05 + index / 100)
  );
  const still = [box(0.05, 0.9, 0.1, 0.1)];
  const regions = planRegions({ moving, still }, WIDE);
  strictEqual(regions.length, 3);
  ok(regions.every(({ x, y }) => x > 0 || y > 0), "the smallest has none");
  strictEqual(planRegions({ moving: moving.slice(0, 1), still }, WIDE).length, 2);
});

Deno.test("planRegions() covers the three largest of any things, within the picture", () => {
  const part = fc.double({ min: 0.01, max: 0.5, noNaN: true });
  const boxes = fc.tuple(part, part, part, part).map(([x, y, width, height]) =>
    box(x, y, width, height)
  );
  fc.assert(fc.property(fc.array(boxes, { maxLength: 6 }), (moving) => {
    const regions = planRegions({ moving, still: [] }, WIDE);
    ok(regions.length <= 3);
    for (const { x, y, width, height } of regions) {
      ok(x >= 0 && y >= 0 && x + width <= 1 + 1e-9 && y + height <= 1 + 1e-9 && width >= 0.4);
    }
    const largest = moving.toSorted((a, b) => b.width * b.height - a.width * a.height)[0];
    ok(
      largest === undefined || regions.some((region) =>
        largest.x >= region.x - 1e-9 && largest.y >= region.y - 1e-9 &&
        largest.x + largest.width <= region.x + region.width + 1e-9 &&
        largest.y + largest.height <= region.y + region.height + 1e-9
      ) || regions.length === 3,
    );
  }));
});
