import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import type { Box, Polygon } from "../../src/model/vision.ts";
import {
  leastShareOf,
  MotionFinder,
  type MotionOptions,
  thresholdsOf,
} from "../../src/vision/motion.ts";
import { overlapOf } from "../../src/vision/polygon.ts";
import { GrayScene, type SceneThing } from "../support/gray_scene.ts";

const OPTIONS: MotionOptions = { sensitivity: 0.5, masks: [] };

/** Small pictures are quick to make, and have the same grid as large ones. */
const SMALL = { width: 320, height: 180 };

/** Shows a scene without things until it is known: two seconds. */
function known(scene: GrayScene, options: MotionOptions = OPTIONS): MotionFinder {
  const finder = new MotionFinder(options);
  for (let picture = 0; picture < 10; picture += 1) finder.see(scene.picture());
  return finder;
}

function square(x: number, y: number, size = 0.15): SceneThing {
  return { box: { x, y, width: size, height: size * 16 / 9 }, gray: 200 };
}

/** The boxes of one thing that moves to the right, picture by picture. */
function pass(finder: MotionFinder, scene: GrayScene, y = 0.4): (readonly Box[])[] {
  return [0.1, 0.2, 0.3, 0.4, 0.5].map((x) =>
    finder.see(scene.picture({ things: [square(x, y)] })).moving
  );
}

Deno.test("MotionFinder finds one box where one thing moves", () => {
  const scene = new GrayScene(SMALL);
  const boxes = pass(known(scene), scene);
  for (const [index, found] of boxes.entries()) {
    strictEqual(found.length, 1);
    ok(overlapOf(found[0]!, square(0.1 + index / 10, 0.4).box) > 0.7, JSON.stringify(found[0]));
  }
});

Deno.test("MotionFinder finds nothing in a still scene with noise", () => {
  const scene = new GrayScene({ ...SMALL, noise: 8 });
  const finder = known(scene);
  for (let picture = 0; picture < 40; picture += 1) {
    deepStrictEqual(finder.see(scene.picture()).moving, []);
  }
});

const SIZES = [
  { name: "a large picture", width: 1280, height: 720 },
  { name: "a 4:3 picture", width: 640, height: 480 },
  { name: "an upright picture", width: 360, height: 640 },
  { name: "a picture of an odd size", width: 354, height: 202 },
  { name: "a very small picture", width: 64, height: 36 },
] as const;

for (const { name, ...size } of SIZES) {
  Deno.test(`MotionFinder finds a thing in ${name}`, () => {
    const scene = new GrayScene(size);
    const found = pass(known(scene), scene).at(-1)!;
    strictEqual(found.length, 1);
    ok(overlapOf(found[0]!, square(0.5, 0.4).box) > 0.6, JSON.stringify(found[0]));
  });
}

Deno.test("MotionFinder begins anew when pictures change their size", () => {
  const scene = new GrayScene(SMALL);
  const finder = known(scene);
  const other = new GrayScene({ width: 640, height: 480 });
  deepStrictEqual(finder.see(other.picture({ things: [square(0.3, 0.3)] })).moving, []);
});

const LIGHTS = [
  { name: "a lamp that goes on", light: { gain: 1, offset: 60 } },
  { name: "a lamp that goes out", light: { gain: 0.35, offset: 0 } },
  { name: "a stronger contrast", light: { gain: 1.5, offset: -20 } },
  {
    name: "an inverted scene, as the infrared switch makes some",
    light: { gain: -1, offset: 230 },
  },
] as const;

for (const { name, light } of LIGHTS) {
  Deno.test(`MotionFinder finds nothing through ${name}, and a thing soon after`, () => {
    const scene = new GrayScene(SMALL);
    const finder = known(scene);
    for (let picture = 0; picture < 10; picture += 1) {
      deepStrictEqual(finder.see(scene.picture({ light })).moving, []);
    }
    const { moving } = finder.see(scene.picture({ light, things: [square(0.5, 0.5)] }));
    strictEqual(moving.length, 1);
  });
}

Deno.test("MotionFinder finds nothing through light that fades in 4 seconds", () => {
  const scene = new GrayScene(SMALL);
  const finder = known(scene);
  for (let picture = 0; picture < 20; picture += 1) {
    const light = { gain: 1 - picture / 40, offset: -picture };
    deepStrictEqual(finder.see(scene.picture({ light })).moving, []);
  }
});

Deno.test("MotionFinder takes a thing that covers a third of the picture for a thing", () => {
  const scene = new GrayScene(SMALL);
  const finder = known(scene);
  const near = (x: number) => ({ box: { x, y: 0, width: 0.35, height: 1 }, gray: 30 });
  for (const x of [0.1, 0.2, 0.3]) {
    const { moving, isLightChange } = finder.see(scene.picture({ things: [near(x)] }));
    strictEqual(isLightChange, false);
    ok(overlapOf(moving[0]!, near(x).box) > 0.6, JSON.stringify(moving));
  }
});

Deno.test("MotionFinder lets a thing that stopped become part of the scene, and its place when it is gone", () => {
  const scene = new GrayScene(SMALL);
  const finder = known(scene);
  pass(finder, scene);
  const parked = { things: [square(0.5, 0.4)] };
  let last = 0;
  for (let picture = 1; picture <= 60; picture += 1) {
    if (finder.see(scene.picture(parked)).moving.length > 0) last = picture;
  }
  ok(last <= 6, `it moved in picture ${last}, need at most the first second`);
  // Another thing in front of it is found as before.
  strictEqual(
    finder.see(scene.picture({ things: [...parked.things, square(0.1, 0.1)] })).moving.length,
    1,
  );
  for (let picture = 0; picture < 6; picture += 1) finder.see(scene.picture());
  deepStrictEqual(finder.see(scene.picture()).moving, []);
});

Deno.test("MotionFinder finds nothing in the first picture after a pause of two minutes", () => {
  const scene = new GrayScene(SMALL);
  const finder = known(scene);
  const later = scene.picture({ things: [square(0.5, 0.5)] });
  deepStrictEqual(finder.see({ ...later, atMs: unixMs(later.atMs + 120_000) }).moving, []);
});

Deno.test("MotionFinder goes on after the clock was put back", () => {
  const scene = new GrayScene(SMALL);
  const finder = known(scene);
  const atOtherTime = (options = {}) => {
    const picture = scene.picture(options);
    return { ...picture, atMs: unixMs(picture.atMs - 3_600_000) };
  };
  for (let picture = 0; picture < 10; picture += 1) {
    deepStrictEqual(finder.see(atOtherTime()).moving, []);
  }
  strictEqual(finder.see(atOtherTime({ things: [square(0.5, 0.5)] })).moving.length, 1);
});

Deno.test("MotionFinder never finds what lies in a mask", () => {
  const corner = fc.record({
    x: fc.double({ min: 0, max: 0.5, noNaN: true }),
    y: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });
  const side = fc.double({ min: 0.2, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(
      corner,
      side,
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      ({ x, y }, size, share) => {
        const mask: Polygon = [
          { x, y },
          { x: x + size, y },
          { x: x + size, y: y + size },
          { x, y: y + size },
        ];
        const scene = new GrayScene({ width: 160, height: 90 });
        const finder = known(scene, { sensitivity: 1, masks: [mask] });
        for (const step of [0, 0.3, 0.6, 1]) {
          const inner = size * share;
          const box = {
            x: x + step * (size - inner),
            y: y + step * (size - inner),
            width: inner,
            height: inner,
          };
          deepStrictEqual(finder.see(scene.picture({ things: [{ box, gray: 230 }] })).moving, []);
        }
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("MotionFinder finds a thing beside a mask, without the masked part", () => {
  const scene = new GrayScene(SMALL);
  const masks = [[{ x: 0, y: 0 }, { x: 0.5, y: 0 }, { x: 0.5, y: 1 }, { x: 0, y: 1 }]];
  const finder = known(scene, { sensitivity: 0.5, masks });
  const thing = { box: { x: 0.4, y: 0.4, width: 0.3, height: 0.3 }, gray: 220 };
  const { moving: [box] } = finder.see(scene.picture({ things: [thing] }));
  ok(Math.abs(box!.x - 0.5) < 0.01 && Math.abs(box!.width - 0.2) < 0.01, JSON.stringify(box));
});

Deno.test("MotionFinder needs less of a thing the more sensitive it is", () => {
  const isFound = (sensitivity: number, thing: SceneThing) => {
    const scene = new GrayScene(SMALL);
    const finder = known(scene, { sensitivity, masks: [] });
    return finder.see(scene.picture({ things: [thing] })).moving.length > 0;
  };
  const small = square(0.5, 0.5, 0.03);
  deepStrictEqual([0, 0.5, 1].map((sensitivity) => isFound(sensitivity, small)), [
    false,
    true,
    true,
  ]);
  const tiny = square(0.5, 0.5, 0.017);
  deepStrictEqual([0, 0.5, 1].map((sensitivity) => isFound(sensitivity, tiny)), [
    false,
    false,
    true,
  ]);
});

Deno.test("thresholdsOf() and leastShareOf() have the values of the documents in the middle", () => {
  deepStrictEqual(thresholdsOf(0.5), { level: 12, deviations: 3.5 });
  strictEqual(Math.round(leastShareOf(0.5) * 320 * 180), 60);
  strictEqual(Math.round(leastShareOf(0) * 320 * 180), 480);
});
