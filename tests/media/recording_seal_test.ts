import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { box, latin1, zeros } from "../../src/media/box_writer.ts";
import { type Box, childBoxes, MalformedMedia } from "../../src/media/boxes.ts";
import { buildLabel } from "../../src/media/recording_label.ts";
import { buildSeal, parseSeal } from "../../src/media/recording_seal.ts";
import { unixMs } from "../../src/base/units.ts";
import { damaged } from "../support/damage.ts";

function asBox(bytes: Uint8Array): Box {
  const [found] = childBoxes(bytes);
  return found!;
}

const sums = fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 300 });

Deno.test("parseSeal() gives back what buildSeal() wrote", () => {
  fc.assert(fc.property(sums, (sums) => {
    deepStrictEqual(parseSeal(asBox(buildSeal(sums))), sums);
  }));
});

Deno.test("buildSeal() needs 24 bytes and 4 for each sum", () => {
  strictEqual(buildSeal([1]).length, 28);
  strictEqual(buildSeal(Array(600).fill(7)).length, 24 + 4 * 600);
});

const LABEL = {
  cameraId: "front",
  run: 1,
  startingFrameId: 1,
  originMs: unixMs(1),
  geoLocation: null,
  stillsEveryMs: null,
};

const FOREIGN = [
  { name: "a label", bytes: buildLabel(LABEL) },
  { name: "a uuid box of another type", bytes: box("uuid", zeros(16), latin1("1234")) },
  { name: "a uuid box without a type", bytes: box("uuid", zeros(3)) },
  { name: "a box that is no uuid", bytes: box("free", buildSeal([1, 2]).subarray(8)) },
];

for (const { name, bytes } of FOREIGN) {
  Deno.test(`parseSeal() gives undefined for ${name}`, () => {
    strictEqual(parseSeal(asBox(bytes)), undefined);
  });
}

Deno.test("parseSeal() throws MalformedMedia when its list ends within a value", () => {
  const bytes = box("uuid", buildSeal([1, 2]).subarray(8, -1));
  throws(() => parseSeal(asBox(bytes)), MalformedMedia);
});

Deno.test("parseSeal() gives a value or MalformedMedia for a damaged seal", () => {
  fc.assert(
    fc.property(damaged(buildSeal([1, 2, 3]).subarray(8)), (payload) => {
      try {
        parseSeal({ type: "uuid", bytes: payload, payload });
      } catch (error) {
        if (!(error instanceof MalformedMedia)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
