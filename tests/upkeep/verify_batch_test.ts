import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import type { Batch } from "../../src/model/batch.ts";
import type { Fault } from "../../src/upkeep/fault.ts";
import { verifyBatch } from "../../src/upkeep/verify_batch.ts";
import { flipByte, realArchive } from "../support/real_archive.ts";

const AT_ONCE = () => {};

/** Every fault lies in its batch, in bytes and in time. */
function checkPlaces(faults: readonly Fault[], batch: Batch): void {
  for (const { bytes, window } of faults) {
    ok(bytes === null || bytes.fromByte < bytes.toByte);
    ok(window !== null);
    ok(window.fromMs >= batch.startMs && window.toMs <= batch.endMs);
    ok(window.fromMs <= window.toMs);
  }
}

function covers(faults: readonly Fault[], path: string, offset: number): boolean {
  return faults.some((fault) =>
    fault.path === path && fault.bytes !== null &&
    fault.bytes.fromByte <= offset && offset < fault.bytes.toByte
  );
}

Deno.test("verifyBatch() finds nothing in batches that are as they were written", async () => {
  await using archive = await realArchive();
  strictEqual(archive.batches().length, 3);
  for (const batch of archive.batches()) {
    let readBytes = 0;
    const count = (bytes: number) => void (readBytes += bytes);
    deepStrictEqual(await verifyBatch(archive.root, batch, count), []);
    strictEqual(readBytes, batch.recordingBytes + batch.framesBytes);
  }
});

Deno.test("verifyBatch() names the place of any byte that is flipped in a recording", async () => {
  await using archive = await realArchive();
  const [, batch] = archive.batches() as [Batch, Batch];
  const path = join(archive.root, batch.recordingPath);
  const property = fc.asyncProperty(
    fc.nat(batch.recordingBytes - 1),
    fc.integer({ min: 1, max: 255 }),
    async (offset, mask) => {
      await flipByte(path, offset, mask);
      const faults = await verifyBatch(archive.root, batch, AT_ONCE);
      await flipByte(path, offset, mask);
      checkPlaces(faults, batch);
      ok(covers(faults, batch.recordingPath, offset), JSON.stringify(faults));
      strictEqual(faults.length, 1);
      // The head has 1.3 kB, a fragment of this clip at most 12 kB.
      const [{ bytes }] = faults as [Fault];
      ok(bytes!.toByte - bytes!.fromByte < 12_000, JSON.stringify(faults));
    },
  );
  await fc.assert(property, { numRuns: 400 });
});

Deno.test("verifyBatch() names the line of any byte that is flipped in a frame log", async () => {
  await using archive = await realArchive();
  const [, batch] = archive.batches() as [Batch, Batch];
  const path = join(archive.root, batch.framesPath);
  const property = fc.asyncProperty(
    fc.nat(batch.framesBytes - 1),
    fc.integer({ min: 1, max: 255 }),
    async (place, mask) => {
      const offset = batch.framesOffset + place;
      await flipByte(path, offset, mask);
      const faults = await verifyBatch(archive.root, batch, AT_ONCE);
      await flipByte(path, offset, mask);
      checkPlaces(faults, batch);
      ok(covers(faults, batch.framesPath, offset), JSON.stringify(faults));
      strictEqual(faults.length, 1);
      const [{ bytes, window, detail }] = faults as [Fault];
      ok(bytes!.toByte - bytes!.fromByte < 400);
      strictEqual(window!.toMs - window!.fromMs, 40);
      ok(/^the line of frame \d+ has changed$/.test(detail), detail);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

Deno.test("verifyBatch() names two damaged fragments of one file with their times", async () => {
  await using archive = await realArchive();
  const [batch] = archive.batches() as [Batch];
  const path = join(archive.root, batch.recordingPath);
  await flipByte(path, Math.round(batch.recordingBytes * 0.3));
  await flipByte(path, Math.round(batch.recordingBytes * 0.9));
  const faults = await verifyBatch(archive.root, batch, AT_ONCE);
  checkPlaces(faults, batch);
  deepStrictEqual(faults.map(({ kind }) => kind), ["recording-damaged", "recording-damaged"]);
  const [one, other] = faults as [Fault, Fault];
  ok(one.window!.toMs <= other.window!.fromMs);
  ok(one.window!.toMs - one.window!.fromMs <= 400);
});

Deno.test("verifyBatch() adds the shift of the clock to the times of a fault", async () => {
  await using archive = await realArchive();
  const [{ run, cameraId }] = archive.batches() as [Batch];
  archive.commit([{ type: "run-shift", cameraId, run, shiftMs: 3_600_000 }]);
  const [batch] = archive.batches() as [Batch];
  const path = join(archive.root, batch.recordingPath);
  await flipByte(path, Math.round(batch.recordingBytes * 0.5));
  const [fault] = await verifyBatch(archive.root, batch, AT_ONCE) as [Fault];
  checkPlaces([fault], batch);
  ok(fault.window!.toMs - fault.window!.fromMs <= 400);
});

const WHOLE_FILE_CASES: readonly {
  readonly name: string;
  readonly harm: (paths: { recording: string; log: string }, batch: Batch) => Promise<void>;
  readonly kinds: readonly string[];
}[] = [
  {
    name: "a recording that is not there",
    harm: ({ recording }) => Deno.remove(recording),
    kinds: ["recording-missing"],
  },
  {
    name: "a recording whose end is torn off",
    harm: ({ recording }, batch) => Deno.truncate(recording, batch.recordingBytes - 3_000),
    kinds: ["recording-short"],
  },
  {
    name: "a recording that has grown",
    harm: ({ recording }) => Deno.writeTextFile(recording, "more", { append: true }),
    kinds: ["recording-long"],
  },
  {
    name: "a recording that became a folder",
    harm: async ({ recording }) => {
      await Deno.remove(recording);
      await Deno.mkdir(recording);
    },
    kinds: ["recording-unreadable"],
  },
  {
    name: "a frame log that is not there",
    harm: ({ log }) => Deno.remove(log),
    kinds: ["frames-missing"],
  },
  {
    name: "a frame log whose end is torn off",
    harm: ({ log }, batch) => Deno.truncate(log, batch.framesOffset + batch.framesBytes - 1),
    kinds: ["frames-short"],
  },
];

for (const { name, harm, kinds } of WHOLE_FILE_CASES) {
  Deno.test(`verifyBatch() names ${name}`, async () => {
    await using archive = await realArchive();
    const batch = archive.batches().at(-1)!;
    const [recording, log] = [batch.recordingPath, batch.framesPath].map((path) =>
      join(archive.root, path)
    ) as [string, string];
    await harm({ recording, log }, batch);
    const faults = await verifyBatch(archive.root, batch, AT_ONCE);
    deepStrictEqual(faults.map(({ kind }) => kind), kinds);
    checkPlaces(faults, batch);
  });
}

Deno.test("verifyBatch() names a whole recording that lies in the place of another", async () => {
  await using archive = await realArchive();
  const [one, other] = archive.batches() as [Batch, Batch];
  const renamed = { ...one, recordingPath: other.recordingPath };
  const borrowed = { recordingBytes: other.recordingBytes, seals: other.seals };
  const faults = await verifyBatch(archive.root, { ...renamed, ...borrowed }, AT_ONCE);
  ok(faults.some(({ kind, detail }) => kind === "label" && detail.includes("frames from 1 on")));
});

Deno.test("verifyBatch() checks the structure of a batch without hashes", async () => {
  await using archive = await realArchive();
  const [hashed] = archive.batches() as [Batch];
  const batch: Batch = { ...hashed, seals: null };
  deepStrictEqual(await verifyBatch(archive.root, batch, AT_ONCE), []);
  const log = join(archive.root, batch.framesPath);
  await flipByte(log, batch.framesOffset + 2);
  const faults = await verifyBatch(archive.root, batch, AT_ONCE);
  deepStrictEqual(faults.map(({ kind }) => kind), ["frames-damaged"]);
});
