import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { RetentionReader } from "../../src/store/retention_reader.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  runEndEntry,
  runStartEntry,
  visionEntry,
} from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A reader of a database with these entries. */
async function readerOf(
  entries: readonly LedgerEntry[],
): Promise<AsyncDisposable & { readonly reader: RetentionReader }> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  const database = openForWriting(folder.path);
  new LedgerWriter(database).commit(entries);
  database.close();
  const reader = new RetentionReader(folder.path);
  return {
    reader,
    async [Symbol.asyncDispose]() {
      reader[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const FIVE = [cameraEntry(), runStartEntry(), ...[0, 1, 2, 3, 4].map((each) => batchEntry(each))];

/** The walk of batches in which nothing was seen, and that of the others. */
const PLAIN = { cameraId: "front", hasEvent: false };
const SEEN = { cameraId: "front", hasEvent: true };

/** Recording, stills and lines of a batch. */
const BATCH_BYTES = 1_000_000 + 500_000 + 75_000;

Deno.test("usage() sums up each camera, and counts the open batch like the newest", async () => {
  await using world = await readerOf([
    ...FIVE,
    batchEntry(0, { cameraId: "yard", recordingBytes: 7 }),
  ]);
  deepStrictEqual(world.reader.usage(), [
    { cameraId: "front", usedBytes: 5 * BATCH_BYTES + 10, openBytes: BATCH_BYTES + 4 },
    { cameraId: "yard", usedBytes: 575_007, openBytes: 0 },
  ]);
});

Deno.test("usage() counts nothing open once the run has ended", async () => {
  await using world = await readerOf([...FIVE, runEndEntry()]);
  deepStrictEqual(world.reader.usage().map(({ openBytes }) => openBytes), [0]);
});

Deno.test("oldestAfter() pages through a camera's batches by their ends", async () => {
  // The clock was set back: the last one ends before the others.
  const early = batchEntry(5, { startMs: at(-50), endMs: at(-40) });
  await using world = await readerOf([...FIVE, early]);
  const ids = [];
  for (let page = world.reader.oldestAfter(PLAIN, null, 2); page.length > 0;) {
    ids.push(page.map(({ batchId }) => batchId));
    page = world.reader.oldestAfter(PLAIN, page.at(-1)!, 2);
  }
  deepStrictEqual(ids, [[6, 1], [2, 3], [4, 5]]);
  deepStrictEqual(world.reader.oldestAfter(PLAIN, null, 2)[1], {
    batchId: 1,
    cameraId: "front",
    startMs: at(0),
    endMs: at(10),
    bytes: 1_500_000,
    recordingPath: "data/recordings/front/0.mp4",
    framesPath: "data/frames/front/2026-11-21/20.jsonl",
  });
});

Deno.test("oldestAfter() walks batches with events by themselves, and recent() counts them", async () => {
  // From 20 to 28 s, with 5 s on each side: the batches from 10 s, 20 s and 30 s on.
  await using world = await readerOf([...FIVE, visionEntry(20)]);
  const idsOf = (walk: typeof PLAIN) =>
    world.reader.oldestAfter(walk, null, 9).map(({ batchId }) => batchId);
  deepStrictEqual([idsOf(PLAIN), idsOf(SEEN)], [[1, 5], [2, 3, 4]]);
  strictEqual(world.reader.recent("front", at(0)).eventBytes, 3 * BATCH_BYTES + 6);
});

Deno.test("eventsAfter() pages through ended events, and says whether their footage is there", async () => {
  const pictured = visionEntry(200);
  const best = { ...pictured.best, wholePath: "data/events/front/a.jpg" };
  await using world = await readerOf([
    ...FIVE,
    // Its last second of padding is the footage's first.
    ...[visionEntry(-12), visionEntry(-13.5), { ...pictured, best }],
    ...[visionEntry(100, { endMs: null }), visionEntry(40, { cameraId: "yard" })],
  ]);
  const asked = { cameraId: "front", beforeMs: at(300) };
  const first = world.reader.eventsAfter(asked, null, 2);
  deepStrictEqual(first.map(({ startMs, hasFootage }) => [startMs, hasFootage]), [
    [at(-13.5), false],
    [at(-12), true],
  ]);
  const rest = world.reader.eventsAfter(asked, first.at(-1)!, 9);
  deepStrictEqual(rest.map(({ endMs, pictures }) => [endMs, pictures]), [
    // Seen best there, and never ended.
    [at(102), []],
    [at(208), ["data/events/front/a.jpg"]],
  ]);
  deepStrictEqual(world.reader.eventsAfter({ ...asked, beforeMs: at(-5.5) }, null, 9).length, 0);
});

Deno.test("logUse() counts the batches of a log and its bytes", async () => {
  await using world = await readerOf(FIVE);
  deepStrictEqual(world.reader.logUse("data/frames/front/2026-11-21/20.jsonl"), {
    batches: 5,
    bytes: 375_000,
  });
  deepStrictEqual(world.reader.logUse("data/frames/front/2026-11-21/21.jsonl"), {
    batches: 0,
    bytes: 0,
  });
});

Deno.test("batchesById() and neighbour() find batches in order of their frames", async () => {
  await using world = await readerOf(FIVE);
  const { reader } = world;
  const found = reader.batchesById([4, 2, 99]);
  deepStrictEqual(found.map(({ batchId }) => batchId), [2, 4]);
  strictEqual(reader.neighbour(found[0]!, "before")?.batchId, 1);
  strictEqual(reader.neighbour(found[0]!, "behind")?.batchId, 3);
  const [last] = reader.batchesById([5]);
  strictEqual(reader.neighbour(last!, "behind"), undefined);
});

Deno.test("recent() counts what ended since an instant, oldestMs() where footage begins", async () => {
  await using world = await readerOf(FIVE);
  deepStrictEqual(world.reader.recent("front", at(25)), {
    bytes: 3 * BATCH_BYTES + 9,
    eventBytes: 0,
    oldestMs: at(0),
  });
  deepStrictEqual(world.reader.recent("yard", at(25)), { bytes: 0, eventBytes: 0, oldestMs: null });
});

const WINDOWS = [
  { name: "a batch that a window touches", windows: [[12, 13]], batches: [1] },
  { name: "a batch once that two windows touch", windows: [[2, 3], [7, 12]], batches: [0, 1] },
  { name: "everything", windows: [[-10, 1_000]], batches: [0, 1, 2, 3, 4] },
  { name: "nothing where nothing is", windows: [[60, 70]], batches: [] },
  { name: "no batch that a window ends or begins with", windows: [[20, 30]], batches: [2] },
] as const;

for (const { name, windows, batches } of WINDOWS) {
  Deno.test(`bytesIn() counts ${name}`, async () => {
    await using world = await readerOf(FIVE);
    const bytes = world.reader.bytesIn(
      "front",
      windows.map(([from, to]) => ({ fromMs: at(from), toMs: at(to) })),
    );
    strictEqual(bytes, batches.reduce<number>((sum, number) => sum + BATCH_BYTES + number, 0));
  });
}

Deno.test("recent() tells what many batches take up from a sample of them", async () => {
  const many = Array.from({ length: 3_000 }, (_, number) => [
    batchEntry(number, { recordingBytes: 1_000_000 + (number % 7) * 100_000 }),
    // Ids of the first camera are all odd.
    batchEntry(number, { cameraId: "yard" }),
  ]);
  await using world = await readerOf(many.flat());
  const { bytes } = world.reader.recent("front", at(0));
  const exact = 3_000 * (BATCH_BYTES + 300_000);
  ok(Math.abs(bytes / exact - 1) < 0.03, `${bytes} for ${exact}`);
});
