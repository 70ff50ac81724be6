import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { parseFrameCrc, pictureAhead } from "../../src/media/announced_pictures.ts";
import { MalformedMedia } from "../../src/media/boxes.ts";

const LINES = [
  // A line of ffmpeg 5.1.
  {
    line: "0,     120001,     120001,        1,    14036, 0x3b7c2f1e",
    picture: { pts: 120_001, sizeBytes: 14_036 },
  },
  {
    // Before the stream's beginning, and with data beside the picture.
    line: "0,      -3,       -3,        1,     4036, 0x00000000, F=0x0, S=1,     8, 0x00000000",
    picture: { pts: -3, sizeBytes: 4_036 },
  },
  { line: "#tb 0: 1/2000", picture: undefined },
  { line: "#dimensions 0: 320x180", picture: undefined },
  { line: "1,     120001,     120001,        1,    14036, 0x3b7c2f1e", picture: undefined },
  { line: "[h264 @ 0x5614] error while decoding MB 3 4, bytestream -5", picture: undefined },
  { line: "", picture: undefined },
];

for (const { line, picture } of LINES) {
  Deno.test(`parseFrameCrc() reads ${picture === undefined ? "nothing" : "a picture"} in "${line}"`, () => {
    deepStrictEqual(parseFrameCrc(line), picture);
  });
}

/** A stream of lines. */
function linesOf(...lines: readonly string[]) {
  const left = [...lines];
  return { line: () => Promise.resolve(left.shift()) };
}

const HEAD = ["#software: Lavf59.27.100", "#tb 0: 1/2000000", "#sar 0: 1/1"];

Deno.test("pictureAhead() passes the head over, and says when the stream ends", async () => {
  const source = linesOf(...HEAD, "0,  3600,  3600,  1,  345600, 0x1234abcd");
  deepStrictEqual(await pictureAhead(source), { pts: 3_600, sizeBytes: 345_600 });
  strictEqual(await pictureAhead(source), undefined);
});

Deno.test("pictureAhead() takes nothing else for a picture, and tells what it found", async () => {
  const found = "what ".repeat(100);
  await rejects(
    pictureAhead(linesOf(...HEAD, found)),
    new MalformedMedia(`Need the line before a picture, found "${found.slice(0, 80)}"`),
  );
});
