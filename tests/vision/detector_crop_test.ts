import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Box } from "../../src/model/vision.ts";
import { type Crop, cropToRgb, type YuvPicture } from "../../src/vision/detector_crop.ts";

const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };

/** One colour in yuv420p. */
function plain(width: number, height: number, [y, u, v]: readonly number[]): YuvPicture {
  const yuv = new Uint8Array(width * height * 3 / 2);
  yuv.fill(y!, 0, width * height);
  yuv.fill(u!, width * height, width * height * 5 / 4);
  yuv.fill(v!, width * height * 5 / 4);
  return { width, height, yuv };
}

function pixel({ rgb }: Crop, width: number, [x, y]: readonly [number, number]): number[] {
  return [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

const COLOURS = [
  { name: "black", yuv: [16, 128, 128], rgb: [0, 0, 0] },
  { name: "white", yuv: [235, 128, 128], rgb: [255, 255, 255] },
  { name: "red", yuv: [81, 90, 240], rgb: [254, 0, 0] },
  { name: "green", yuv: [145, 54, 34], rgb: [0, 255, 1] },
  { name: "blue", yuv: [41, 240, 110], rgb: [0, 0, 255] },
  { name: "brighter than white", yuv: [255, 128, 128], rgb: [255, 255, 255] },
] as const;

for (const { name, yuv, rgb } of COLOURS) {
  Deno.test(`cropToRgb() turns ${name} into red, green and blue`, () => {
    const crop = cropToRgb(plain(32, 16, yuv), WHOLE, { width: 8, height: 8, fit: "stretch" });
    const differences = pixel(crop, 8, [3, 5]).map((value, index) => Math.abs(value - rgb[index]!));
    ok(Math.max(...differences) <= 1, `${pixel(crop, 8, [3, 5])}`);
    strictEqual(crop.rgb.length, 8 * 8 * 3);
  });
}

/** Brightness grows by one from column to column, from 100 on. */
function ramp(width: number, height: number): YuvPicture {
  const picture = plain(width, height, [0, 128, 128]);
  for (let at = 0; at < width * height; at++) picture.yuv[at] = 100 + at % width;
  return picture;
}

Deno.test("cropToRgb() takes the piece that was asked for, from its first to its last column", () => {
  const piece = { x: 0.25, y: 0.5, width: 0.5, height: 0.25 };
  const crop = cropToRgb(ramp(64, 32), piece, { width: 32, height: 8, fit: "stretch" });
  const bright = (column: number) => Math.round(pixel(crop, 32, [column, 4])[0]! / 1.164 + 16);
  deepStrictEqual([bright(0), bright(10), bright(31)], [116, 126, 147]);
  deepStrictEqual(crop.area, piece);
});

Deno.test("cropToRgb() goes on with the edge where it enlarges", () => {
  const crop = cropToRgb(ramp(8, 8), WHOLE, { width: 64, height: 64, fit: "stretch" });
  strictEqual(pixel(crop, 64, [0, 0])[0], pixel(crop, 64, [1, 0])[0]);
  strictEqual(pixel(crop, 64, [63, 63])[0], pixel(crop, 64, [62, 63])[0]);
});

Deno.test("cropToRgb() keeps the shape with bars, and says what they cover", () => {
  const white = plain(64, 32, [235, 128, 128]);
  const crop = cropToRgb(white, WHOLE, { width: 32, height: 32, fit: "letterbox" });
  deepStrictEqual(pixel(crop, 32, [16, 7]), [114, 114, 114]);
  deepStrictEqual(pixel(crop, 32, [16, 8]), [255, 255, 255]);
  deepStrictEqual(pixel(crop, 32, [16, 24]), [114, 114, 114]);
  // The input is twice as high as the picture, and the picture lies in its middle.
  deepStrictEqual(crop.area, { x: 0, y: -0.5, width: 1, height: 2 });
});
