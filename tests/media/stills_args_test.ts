import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  jpegQscale,
  parseFrameCrc,
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

const LINES = [
  // A line of ffmpeg 5.1.
  {
    line: "0,     120001,     120001,        1,    14036, 0x3b7c2f1e",
    still: { pts: 120_001, sizeBytes: 14_036 },
  },
  {
    line: "0,      -3,       121,        1,     4036, 0x00000000",
    still: { pts: 121, sizeBytes: 4_036 },
  },
  { line: "#tb 0: 1/2000", still: undefined },
  { line: "#dimensions 0: 320x180", still: undefined },
  { line: "1,     120001,     120001,        1,    14036, 0x3b7c2f1e", still: undefined },
  { line: "[h264 @ 0x5614] error while decoding MB 3 4, bytestream -5", still: undefined },
  { line: "", still: undefined },
];

for (const { line, still } of LINES) {
  Deno.test(`parseFrameCrc() reads ${still === undefined ? "nothing" : "a still"} in "${line}"`, () => {
    deepStrictEqual(parseFrameCrc(line), still);
  });
}

Deno.test("stillsArgs() hands the quality on as ffmpeg's scale", () => {
  const args = stillsArgs({ quality: 85 });
  strictEqual(args[args.indexOf("-q:v") + 1], "6");
});
