import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { frameLineWriter, parseFrameLine } from "../../src/model/frame.ts";
import { parseSightLine, writeSightLine } from "../../src/model/sight_line.ts";

const AT_MS = unixMs(Date.parse("2026-11-21T20:57:09.020Z"));

const share = fc.integer({ min: 0, max: 10_000 }).map((steps) => steps / 10_000);
const sight = fc.record({
  cameraId: fc.constantFrom("front", "yard-2"),
  frameId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  atMs: fc.integer({ min: 0, max: 4e12 }).map(unixMs),
  detections: fc.array(
    fc.record({
      class: fc.string({ unit: "binary", maxLength: 20 }),
      score: share,
      box: fc.record({ x: share, y: share, width: share, height: share }, {
        noNullPrototype: true,
      }),
    }, { noNullPrototype: true }),
    { maxLength: 5 },
  ),
}, { noNullPrototype: true });

Deno.test("parseSightLine() gives back what writeSightLine() wrote, and it is no frame", () => {
  fc.assert(fc.property(sight, (seen) => {
    const line = writeSightLine(seen);
    strictEqual(line.indexOf("\n"), line.length - 1);
    deepStrictEqual(parseSightLine(line.slice(0, -1)), seen);
    strictEqual(parseFrameLine(line), undefined);
  }));
});

Deno.test("writeSightLine() writes keys as the frame's own line has them, and four decimals", () => {
  const box = { x: 1 / 3, y: 0, width: 0.123_45, height: 1 };
  strictEqual(
    writeSightLine({
      cameraId: "front",
      frameId: 44,
      atMs: AT_MS,
      detections: [{ class: "person", score: 2 / 3, box }],
    }),
    '{"camera_id":"front","frame_id":44,"timestamp":"2026-11-21T20:57:09.020Z",' +
      '"detections":[{"class":"person","score":0.6667,' +
      '"box":{"x":0.3333,"y":0,"width":0.1235,"height":1}}]}\n',
  );
});

const FRAME = frameLineWriter({ cameraId: "front", geoLocation: null, run: 1, timescale: 25 })({
  frameId: 1,
  atMs: AT_MS,
  imagePath: null,
  isKey: true,
  sizeBytes: 10,
  pts: 0,
  duration: 1,
});

const FOREIGN = [
  { name: "a frame", line: FRAME },
  { name: "an empty line", line: "" },
  { name: "a torn line", line: '{"camera_id":"front","detections":[' },
  { name: "detections of nothing", line: '{"detections":[]}' },
  {
    name: "a detection without a box",
    line: '{"camera_id":"front","frame_id":1,"timestamp":"2026-11-21T20:57:09.020Z",' +
      '"detections":[{"class":"person","score":1}]}',
  },
];

for (const { name, line } of FOREIGN) {
  Deno.test(`parseSightLine() gives undefined for ${name}`, () => {
    strictEqual(parseSightLine(line), undefined);
  });
}
