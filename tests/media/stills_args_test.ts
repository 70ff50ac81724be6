import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  jpegQscale,
  STILLS_TIMESCALE,
  stillsArgs,
  stillsTick,
} from "../../src/media/stills_args.ts";

const QUALITIES = [
  { quality: 1, qscale: 31 },
  { quality: 50, qscale: 17 },
  { quality: 85, qscale: 6 },
  { quality: 100, qscale: 2 },
];

for (const { quality, qscale } of QUALITIES) {
  Deno.test(`jpegQscale() makes quality ${quality} the scale ${qscale}`, () => {
    strictEqual(jpegQscale(quality), qscale);
  });
}

Deno.test("jpegQscale() stays between 2 and 31 and never worsens with more quality", () => {
  const scales = Array.from({ length: 100 }, (_, index) => jpegQscale(index + 1));
  deepStrictEqual(scales, scales.toSorted((one, other) => other - one));
  deepStrictEqual([scales.at(0), scales.at(-1)], [31, 2]);
});

Deno.test("stillsTick() is odd for a wanted frame alone and counts half milliseconds", () => {
  fc.assert(fc.property(fc.nat(1e9), (elapsedMs) => {
    strictEqual(stillsTick(elapsedMs, "helper") * 1_000 / STILLS_TIMESCALE, elapsedMs);
    strictEqual(stillsTick(elapsedMs, "wanted"), stillsTick(elapsedMs, "helper") + 1);
    strictEqual(stillsTick(elapsedMs, "wanted") % 2, 1);
  }));
});

Deno.test("stillsArgs() hands the quality on as ffmpeg's scale", () => {
  const args = stillsArgs({ quality: 85 });
  strictEqual(args[args.indexOf("-q:v") + 1], "6");
});
