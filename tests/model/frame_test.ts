import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { type Frame, frameLineWriter, parseFrameLine } from "../../src/model/frame.ts";

const CAMERA = {
  cameraId: "front",
  geoLocation: { lat: 12.9716, lon: 77.5946 },
  run: 1_795_294_629_000,
  timescale: 90_000,
};

const FRAME: Frame = {
  frameId: 17,
  atMs: unixMs(Date.parse("2026-11-21T20:57:09.340Z")),
  imagePath: "frames/front/2026-11-21/20/570900.jpg",
  isKey: true,
  sizeBytes: 4_108,
  pts: 135_000,
  duration: 3_600,
};

Deno.test("frameLineWriter() writes the object that the README promises, on one line", () => {
  const line = frameLineWriter(CAMERA)(FRAME);
  strictEqual(line.indexOf("\n"), line.length - 1);
  deepStrictEqual(JSON.parse(line), {
    camera_id: "front",
    frame_id: 17,
    timestamp: "2026-11-21T20:57:09.340Z",
    geo_location: { lat: 12.9716, lon: 77.5946 },
    image_path: "frames/front/2026-11-21/20/570900.jpg",
    key_frame: true,
    size_bytes: 4_108,
    stream_time: 1.5,
    pts: 135_000,
    duration: 3_600,
    run: 1_795_294_629_000,
    timescale: 90_000,
  });
});

Deno.test("frameLineWriter() writes null where place or still are unknown", () => {
  const line = frameLineWriter({ ...CAMERA, geoLocation: null })({ ...FRAME, imagePath: null });
  const { geo_location, image_path } = JSON.parse(line);
  deepStrictEqual([geo_location, image_path], [null, null]);
});

Deno.test("parseFrameLine() gives back every frame that frameLineWriter() wrote", () => {
  const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const camera = fc.record({
    cameraId: fc.string({ unit: "binary" }),
    geoLocation: fc.option(fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
    })),
    run: count,
    timescale: fc.integer({ min: 1, max: 0xffffffff }),
  });
  const frame = fc.record({
    frameId: count,
    // Year 0 to year 9999.
    atMs: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }).map(unixMs),
    imagePath: fc.option(fc.string({ unit: fc.constantFrom(..."abz09-/.") })),
    isKey: fc.boolean(),
    sizeBytes: count,
    pts: fc.maxSafeInteger(),
    duration: count,
  });
  fc.assert(fc.property(camera, frame, (camera, frame) => {
    const { cameraId, run, timescale } = camera;
    deepStrictEqual(parseFrameLine(frameLineWriter(camera)(frame)), {
      ...frame,
      cameraId,
      run,
      timescale,
    });
  }));
});

const LINE = frameLineWriter(CAMERA)(FRAME);

/** The line with one field set, or left out when `value` is undefined. */
function lineWith(field: string, value: unknown): string {
  return JSON.stringify({ ...JSON.parse(LINE), [field]: value });
}

const MALFORMED = [
  { name: "an empty line", line: "" },
  { name: "zeros that a power cut left", line: "\0".repeat(300) },
  { name: "a line without its end", line: LINE.slice(0, -20) },
  { name: "the end of a line", line: LINE.slice(20) },
  { name: "two lines in one", line: LINE.trim() + LINE },
  { name: "a number", line: "17" },
  { name: "null", line: "null" },
  { name: "a list", line: "[]" },
  { name: "another object", line: '{"level":"info"}' },
  { name: "no camera", line: lineWith("camera_id", undefined) },
  { name: "a frame id as text", line: lineWith("frame_id", "17") },
  { name: "half a frame id", line: lineWith("frame_id", 1.5) },
  { name: "no frame id", line: lineWith("frame_id", undefined) },
  { name: "a time that is none", line: lineWith("timestamp", "soon") },
  { name: "no time", line: lineWith("timestamp", undefined) },
  { name: "a still as a number", line: lineWith("image_path", 5) },
  { name: "no still at all", line: lineWith("image_path", undefined) },
  { name: "a key flag as a number", line: lineWith("key_frame", 1) },
  { name: "a size past what a number holds", line: lineWith("size_bytes", 2 ** 53) },
  { name: "no timescale", line: lineWith("timescale", undefined) },
  { name: "no run", line: lineWith("run", null) },
];

for (const { name, line } of MALFORMED) {
  Deno.test(`parseFrameLine() gives undefined for ${name}`, () => {
    strictEqual(parseFrameLine(line), undefined);
  });
}

Deno.test("parseFrameLine() gives undefined for whatever text is no frame", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
    strictEqual(parseFrameLine(line), undefined);
  }));
});
