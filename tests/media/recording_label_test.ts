import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { box, latin1, zeros } from "../../src/media/box_writer.ts";
import { type Box, childBoxes, MalformedMedia } from "../../src/media/boxes.ts";
import { buildLabel, LABEL_BYTES, parseLabel } from "../../src/media/recording_label.ts";
import { frameMd5s, makeClip } from "../support/clips.ts";
import { damaged } from "../support/damage.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

const LABEL = {
  cameraId: "front",
  run: 1_795_294_629_000,
  startingFrameId: 1_001,
  originMs: unixMs(1_795_294_628_660),
  geoLocation: { lat: 12.9716, lon: 77.5946 },
  stillsEveryMs: 1_000,
};

function asBox(bytes: Uint8Array): Box {
  const [found] = childBoxes(bytes);
  return found!;
}

function degrees(most: number): fc.Arbitrary<number> {
  // JSON has no -0.
  return fc.double({ min: -most, max: most, noNaN: true }).map((value) => value + 0);
}

/** A label box with another text in it. */
function labelWith(text: string): Box {
  const extendedType = buildLabel(LABEL).subarray(8, 24);
  return asBox(box("uuid", extendedType, latin1(text)));
}

Deno.test("parseLabel() gives back what buildLabel() wrote", () => {
  const id = fc.string({ unit: fc.constantFrom(..."abz019-"), minLength: 1, maxLength: 64 });
  const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const label = fc.record({
    cameraId: id,
    run: count,
    startingFrameId: count,
    originMs: fc.maxSafeInteger().map(unixMs),
    geoLocation: fc.option(
      fc.record({ lat: degrees(90), lon: degrees(180) }, { noNullPrototype: true }),
    ),
    stillsEveryMs: fc.option(fc.integer({ min: 1, max: 86_400_000 })),
  }, { noNullPrototype: true });
  fc.assert(fc.property(label, (label) => {
    deepStrictEqual(parseLabel(asBox(buildLabel(label))), label);
  }));
});

Deno.test("buildLabel() has one size, so that it can be written again in place", () => {
  const longest = {
    cameraId: "x".repeat(64),
    run: Number.MAX_SAFE_INTEGER,
    startingFrameId: Number.MAX_SAFE_INTEGER,
    originMs: unixMs(Number.MIN_SAFE_INTEGER),
    geoLocation: { lat: -1.2345678901234567e-300, lon: -1.2345678901234567e-300 },
    stillsEveryMs: Number.MAX_SAFE_INTEGER,
  };
  strictEqual(buildLabel(LABEL).length, LABEL_BYTES);
  strictEqual(buildLabel({ ...LABEL, geoLocation: null, stillsEveryMs: null }).length, LABEL_BYTES);
  strictEqual(buildLabel(longest).length, LABEL_BYTES);
});

Deno.test("buildLabel() throws a RangeError when the text does not fit", () => {
  throws(() => buildLabel({ ...LABEL, cameraId: "x".repeat(480) }), RangeError);
});

Deno.test("buildLabel() makes a box that players pass over", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "64x36" });
  const stream = await recordFile(clip);
  const { ftyp, moov } = readStream(stream).start;
  const initBytes = ftyp.length + moov.length;
  const path = `${folder.path}/labelled.mp4`;
  await Deno.writeFile(path, stream.subarray(0, initBytes));
  await Deno.writeFile(path, buildLabel(LABEL), { append: true });
  await Deno.writeFile(path, stream.subarray(initBytes), { append: true });
  deepStrictEqual(await frameMd5s(path), await frameMd5s(clip));
});

const FOREIGN = [
  { name: "a uuid box of another type", bytes: box("uuid", zeros(16), latin1("{}")) },
  { name: "a uuid box without a type", bytes: box("uuid", zeros(3)) },
  { name: "an empty uuid box", bytes: box("uuid") },
  { name: "a box that is no uuid", bytes: box("free", buildLabel(LABEL).subarray(8)) },
];

for (const { name, bytes } of FOREIGN) {
  Deno.test(`parseLabel() gives undefined for ${name}`, () => {
    strictEqual(parseLabel(asBox(bytes)), undefined);
  });
}

/** The text of a label with one field set, or left out when `value` is undefined. */
function textWith(field: string, value: unknown): string {
  const text = '{"camera_id":"front","run":7,"starting_frame_id":1,"origin_ms":1000}';
  return JSON.stringify({ ...JSON.parse(text), [field]: value });
}

Deno.test("parseLabel() reads the label of a version that said nothing of place and stills", () => {
  deepStrictEqual(parseLabel(labelWith(textWith("run", 7))), {
    cameraId: "front",
    run: 7,
    startingFrameId: 1,
    originMs: 1_000,
    geoLocation: null,
    stillsEveryMs: null,
  });
});

const BROKEN = [
  { name: "its text is not JSON", text: "{" },
  { name: "its text is null", text: "null" },
  { name: "it is all zeros", text: "\0".repeat(480) },
  { name: "its origin is not whole", text: textWith("origin_ms", 0.5) },
  ...["camera_id", "run", "starting_frame_id", "origin_ms"].map((field) => ({
    name: `it has no "${field}"`,
    text: textWith(field, undefined),
  })),
  { name: "its run is a text", text: textWith("run", "soon") },
  {
    name: "its frame id is past what a number holds",
    text: textWith("starting_frame_id", 2 ** 53),
  },
];

for (const { name, text } of BROKEN) {
  Deno.test(`parseLabel() throws MalformedMedia when ${name}`, () => {
    throws(() => parseLabel(labelWith(text)), MalformedMedia);
  });
}

Deno.test("parseLabel() gives a value or MalformedMedia for a damaged label", () => {
  fc.assert(
    fc.property(damaged(buildLabel(LABEL).subarray(8)), (payload) => {
      try {
        parseLabel({ type: "uuid", bytes: payload, payload });
      } catch (error) {
        if (!(error instanceof MalformedMedia)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
