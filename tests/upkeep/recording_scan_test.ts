import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { type Box, childBoxes } from "../../src/media/boxes.ts";
import { parseSeal } from "../../src/media/recording_seal.ts";
import type { BatchEntry } from "../../src/model/ledger.ts";
import { type RecordingScan, scanRecording } from "../../src/upkeep/recording_scan.ts";
import { at } from "../support/ledger_entries.ts";
import { recordRun } from "../support/recorded_run.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A closed recording of the product: its bytes and boxes, and a path for damaged copies. */
interface World extends AsyncDisposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly boxes: readonly (Box & { readonly offset: number })[];
  readonly batch: BatchEntry;
  scanOf(bytes: Uint8Array): RecordingScan;
}

async function makeWorld(): Promise<World> {
  const folder = await tempFolder();
  const entries = await recordRun(folder.path, { geoLocation: { lat: 1.5, lon: -2 } });
  const batch = entries.filter((entry) => entry.type === "batch")[1]!;
  const bytes = await Deno.readFile(`${folder.path}/${batch.recordingPath}`);
  let offset = 0;
  const boxes = [...childBoxes(bytes)].map((box) => {
    offset += box.bytes.length;
    return { ...box, offset: offset - box.bytes.length };
  });
  const path = `${folder.path}/copy.mp4`;
  return {
    bytes,
    boxes,
    batch,
    scanOf: (bytes) => scanBytes(path, bytes),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Scans a file of these bytes. */
function scanBytes(path: string, bytes: Uint8Array): RecordingScan {
  Deno.writeFileSync(path, bytes);
  return scanRecording(path);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Places where a file may end whole: behind the head's boxes, a fragment, or the seal. */
function wholePlaces({ boxes }: World): number[] {
  const ends = boxes.filter(({ type }) => type !== "moof")
    .map(({ offset, bytes }) => offset + bytes.length);
  return [0, ...ends];
}

Deno.test("scanRecording() reads a closed recording to its end", async () => {
  await using world = await makeWorld();
  const { bytes, boxes, batch, scanOf } = world;
  const { label, init, fragments, hash, seal, ...scan } = scanOf(bytes);
  ok(Math.abs(label!.originMs - at(0)) < 10);
  deepStrictEqual(label, {
    cameraId: "front",
    run: at(0),
    startingFrameId: batch.startingFrameId,
    originMs: label!.originMs,
    geoLocation: { lat: 1.5, lon: -2 },
    stillsEveryMs: null,
  });
  deepStrictEqual([init?.video.width, init?.video.height], [128, 72]);
  strictEqual(fragments.flatMap(({ video }) => video).length, batch.frameCount);
  strictEqual(hash.hex(), batch.recordingSha256);
  deepStrictEqual(seal, parseSeal(boxes.at(-1)!));
  const size = bytes.length;
  deepStrictEqual(scan, {
    headSum: seal![0],
    wholeBytes: size,
    sizeBytes: size,
    fault: undefined,
  });
});

Deno.test("scanRecording() finds the sums that the seal has, and the places that they are of", async () => {
  await using world = await makeWorld();
  const { fragments, headSum, seal } = world.scanOf(world.bytes);
  deepStrictEqual([headSum, ...fragments.map(({ sum }) => sum)], seal);
  const moofs = world.boxes.filter(({ type }) => type === "moof");
  deepStrictEqual(fragments.map(({ offset }) => offset), moofs.map(({ offset }) => offset));
  for (const { offset, sizeBytes, sum } of fragments) {
    strictEqual(crc32(world.bytes.subarray(offset, offset + sizeBytes)), sum);
  }
});

Deno.test("scanRecording() is whole up to the last box before a cut, wherever that is", async () => {
  await using world = await makeWorld();
  const { bytes, scanOf } = world;
  const { fragments, seal } = scanOf(bytes);
  const places = wholePlaces(world);
  const edges = places.flatMap((place) => [place - 1, place, place + 1, place + 8, place + 15]);
  const cut = fc.oneof(fc.nat(bytes.length), fc.constantFrom(...edges));
  fc.assert(
    fc.property(cut.filter((cut) => cut >= 0 && cut <= bytes.length), (cut) => {
      const torn = scanOf(bytes.subarray(0, cut));
      const whole = places.findLast((place) => place <= cut)!;
      strictEqual(torn.wholeBytes, whole);
      strictEqual(torn.sizeBytes, cut);
      strictEqual(torn.fault === undefined, whole === cut);
      deepStrictEqual(
        torn.fragments,
        fragments.filter(({ offset, sizeBytes }) => offset + sizeBytes <= cut),
      );
      deepStrictEqual(torn.seal, cut === bytes.length ? seal : undefined);
      strictEqual(torn.hash.hex(), sha256Of(bytes.subarray(0, whole)));
    }),
    { numRuns: 400 },
  );
});

const TAILS = [
  { name: "zeros", tail: new Uint8Array(100_000) },
  { name: "a few zeros", tail: new Uint8Array(3) },
  { name: "ones", tail: new Uint8Array(5_000).fill(0xff) },
  { name: "text", tail: new TextEncoder().encode("this is not a movie at all ".repeat(50)) },
  {
    name: "the head of a box of another kind",
    tail: Uint8Array.of(0, 0, 0, 8, 102, 114, 101, 101),
  },
  { name: "media without its index", tail: Uint8Array.of(0, 0, 0, 8, 109, 100, 97, 116) },
  { name: "an index that is none", tail: Uint8Array.of(0, 0, 0, 8, 109, 111, 111, 102) },
];

for (const { name, tail } of TAILS) {
  Deno.test(`scanRecording() is whole up to ${name} behind the last fragment`, async () => {
    await using world = await makeWorld();
    const whole = world.boxes.at(-1)!.offset;
    const bytes = new Uint8Array([...world.bytes.subarray(0, whole), ...tail]);
    const { wholeBytes, fragments, fault, hash } = world.scanOf(bytes);
    strictEqual(wholeBytes, whole);
    strictEqual(fragments.length, world.scanOf(world.bytes).fragments.length);
    ok(fault!.length > 0);
    strictEqual(hash.hex(), sha256Of(world.bytes.subarray(0, whole)));
  });
}

Deno.test("scanRecording() gives what is whole, and never throws, whatever bytes stand behind it", async () => {
  await using world = await makeWorld();
  const places = wholePlaces(world);
  const garbage = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(fc.nat(world.bytes.length), garbage, (cut, garbage) => {
      const bytes = new Uint8Array([...world.bytes.subarray(0, cut), ...garbage]);
      const { wholeBytes } = world.scanOf(bytes);
      ok(wholeBytes >= places.findLast((place) => place <= cut)!);
      ok(wholeBytes <= bytes.length);
    }),
    { numRuns: 300 },
  );
});

const NOTHING = [
  { name: "an empty file", bytes: new Uint8Array() },
  { name: "zeros", bytes: new Uint8Array(10_000) },
];

for (const { name, bytes } of NOTHING) {
  Deno.test(`scanRecording() finds nothing in ${name}`, async () => {
    await using world = await makeWorld();
    const { label, init, fragments, wholeBytes } = world.scanOf(bytes);
    deepStrictEqual({ label, init, fragments, wholeBytes }, {
      label: undefined,
      init: undefined,
      fragments: [],
      wholeBytes: 0,
    });
  });
}

Deno.test("scanRecording() throws when there is no file", () => {
  throws(() => scanRecording("/no/such/file.mp4"), Deno.errors.NotFound);
});
