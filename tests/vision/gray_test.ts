import { deepStrictEqual, throws } from "node:assert/strict";
import { grayGrid, readGray } from "../../src/vision/gray.ts";

const SIZES = [
  { name: "every point of a small picture", width: 64, height: 36 },
  { name: "every second point", width: 640, height: 360 },
  { name: "every second point, of an odd number of rows", width: 640, height: 481 },
  { name: "every second point of a width that fours do not fill", width: 642, height: 362 },
  { name: "every fourth point of a large picture", width: 1280, height: 720 },
] as const;

for (const { name, width, height } of SIZES) {
  // Bytes that do not begin at an address of four go another way.
  for (const start of [0, 1]) {
    Deno.test(`readGray() copies ${name}, from byte ${start} on`, () => {
      const yuv = new Uint8Array(width * height + start).map((_, at) => at * 7 % 251)
        .subarray(start);
      const grid = grayGrid({ width, height });
      const out = new Uint8Array(grid.width * grid.height);
      readGray({ width, height, yuv }, grid, out);
      const want = out.map((_, at) => {
        const row = Math.floor(at / grid.width) * grid.step;
        return yuv[row * width + at % grid.width * grid.step]!;
      });
      deepStrictEqual(out, want);
    });
  }
}

Deno.test("readGray() refuses a picture with too few bytes", () => {
  const size = { width: 64, height: 36 };
  const picture = { ...size, yuv: new Uint8Array(64 * 36 - 1) };
  throws(() => readGray(picture, grayGrid(size), new Uint8Array(64 * 36)), RangeError);
});
