import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { OperatorError } from "../../src/base/errors.ts";
import { sha256OfText } from "../../src/host/hash.ts";
import { chainText, FIRST_CHAIN } from "../../src/model/batch.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { Reader } from "../../src/store/reader.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runEndEntry,
  runStartEntry,
} from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A reader of a database that holds the entries. */
async function readerOf(entries: readonly LedgerEntry[]): Promise<Reader & AsyncDisposable> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  const database = openForWriting(folder.path);
  deepStrictEqual(new LedgerWriter(database).commit(entries), []);
  database.close();
  const reader = new Reader(folder.path);
  return Object.assign(reader, {
    async [Symbol.asyncDispose]() {
      reader[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  });
}

const window = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) });
const numbers = (batches: readonly { startingFrameId: number }[]) =>
  batches.map(({ startingFrameId }) => (startingFrameId - 1) / 250);

/** Three batches of 10 s from second 0, then a hole of 10 s, then two more; another camera beside. */
const FIVE = [0, 1, 2, 4, 5].map((number) => batchEntry(number));
const OTHER = batchEntry(1, { cameraId: "yard" });

const WINDOWS = [
  { name: "within one batch", from: 12, to: 13, found: [1] },
  { name: "just one batch", from: 10, to: 20, found: [1] },
  {
    name: "the last millisecond of a batch and the first of the next",
    from: 9.999,
    to: 10.001,
    found: [0, 1],
  },
  { name: "up to where a batch begins", from: 5, to: 10, found: [0] },
  { name: "over everything", from: -100, to: 100, found: [0, 1, 2, 4, 5] },
  { name: "within a hole", from: 31, to: 39, found: [] },
  { name: "just the hole", from: 30, to: 40, found: [] },
  { name: "over the edges of a hole", from: 29, to: 41, found: [2, 4] },
  { name: "before all footage", from: -5, to: 0, found: [] },
  { name: "after all footage", from: 60, to: 65, found: [] },
];

for (const { name, from, to, found } of WINDOWS) {
  Deno.test(`batchesIn() finds ${found.length} batches for a window ${name}`, async () => {
    await using reader = await readerOf([...FIVE, OTHER]);
    deepStrictEqual(numbers(reader.batchesIn("front", window(from, to))), found);
  });
}

Deno.test("batchesIn() finds just the batches that share time with any window", async () => {
  await using reader = await readerOf([...FIVE, OTHER]);
  const second = fc.integer({ min: -5_000, max: 70_000 }).map((ms) => ms / 1_000);
  fc.assert(fc.property(second, second, (one, other) => {
    const [from, to] = [Math.min(one, other), Math.max(one, other) + 0.001];
    const shares = (number: number) => number * 10 < to && number * 10 + 10 > from;
    deepStrictEqual(
      numbers(reader.batchesIn("front", window(from, to))),
      [0, 1, 2, 4, 5].filter(shares),
    );
  }));
});

Deno.test("batchesIn() gives every field as it was written, its batch_id and its seals", async () => {
  await using reader = await readerOf([batchEntry(3)]);
  const { type: _, recordingSha256, framesSha256, ...batch } = batchEntry(3);
  deepStrictEqual(reader.batchesIn("front", window(30, 31)), [
    {
      ...batch,
      batchId: 1,
      timestamp: "2026-11-21T20:57:30.000Z",
      shiftMs: 0,
      seals: {
        recordingSha256,
        framesSha256,
        previousChain: FIRST_CHAIN,
        chain: sha256OfText(chainText(batchEntry(3), FIRST_CHAIN)),
      },
    },
  ]);
});

Deno.test("batchesIn() keeps the order of recording where the wall clock went back", async () => {
  const back = batchEntry(3, { run: at(1), startMs: at(15), endMs: at(25) });
  await using reader = await readerOf([...FIVE.slice(0, 3), back]);
  deepStrictEqual(numbers(reader.batchesIn("front", window(0, 100))), [0, 1, 2, 3]);
});

const NEIGHBOURS = [
  { name: "within a hole", second: 35, before: [2], after: [4] },
  { name: "where a batch ends and none begins", second: 30, before: [2], after: [4] },
  { name: "where one batch ends and the next begins", second: 10, before: [0], after: [1] },
  { name: "just before a batch ends", second: 9.999, before: [], after: [1] },
  { name: "before all footage", second: -1, before: [], after: [0] },
  { name: "where footage begins", second: 0, before: [], after: [0] },
  { name: "after all footage", second: 60, before: [5], after: [] },
];

for (const { name, second, before, after } of NEIGHBOURS) {
  Deno.test(`batchBefore() and batchAfter() find the nearest batches ${name}`, async () => {
    await using reader = await readerOf([...FIVE, OTHER]);
    const found = (batch: ReturnType<Reader["batchBefore"]>) =>
      numbers(batch === undefined ? [] : [batch]);
    deepStrictEqual(found(reader.batchBefore("front", at(second))), before);
    deepStrictEqual(found(reader.batchAfter("front", at(second))), after);
  });
}

const PREDECESSORS = [
  { frameId: 501, found: [1] },
  { frameId: 1_001, found: [2] },
  { frameId: 1, found: [] },
];

for (const { frameId, found } of PREDECESSORS) {
  Deno.test(`batchEndingBefore() finds ${found.length === 0 ? "nothing" : "the batch"} before frame ${frameId}`, async () => {
    await using reader = await readerOf([...FIVE, OTHER]);
    const batch = reader.batchEndingBefore("front", frameId);
    deepStrictEqual(numbers(batch === undefined ? [] : [batch]), found);
  });
}

Deno.test("newestFrameId() is the highest of the camera's batches, 0 when it has none", async () => {
  await using reader = await readerOf([...FIVE, OTHER]);
  strictEqual(reader.newestFrameId("front"), 1_500);
  strictEqual(reader.newestFrameId("yard"), 500);
  strictEqual(reader.newestFrameId("nobody"), 0);
});

Deno.test("run() and newestRun() tell what a run was and how it ended", async () => {
  const [old, open] = [at(0), at(100)];
  await using reader = await readerOf([
    runStartEntry("front", old),
    runEndEntry("front", old),
    runStartEntry("front", open),
    runStartEntry("yard", at(200)),
  ]);
  const facts = { codec: "avc1", width: 1_280, height: 720, timescale: 90_000 };
  deepStrictEqual(reader.run("front", old), {
    run: old,
    ...facts,
    endedMs: at(60),
    endCause: "stopped",
  });
  deepStrictEqual(reader.newestRun("front"), {
    run: open,
    ...facts,
    endedMs: null,
    endCause: null,
  });
  strictEqual(reader.run("front", at(50)), undefined);
  strictEqual(reader.newestRun("nobody"), undefined);
});

Deno.test("eventsIn() gives the window's observations in order, its end excluded", async () => {
  const seconds = [30, 10, 20, 19.999, 40];
  await using reader = await readerOf([
    ...seconds.map((second) => eventEntry(second)),
    eventEntry(15, { cameraId: "yard" }),
  ]);
  const found = reader.eventsIn("front", window(10, 30));
  deepStrictEqual(found.map(({ detail }) => detail), [
    "after 10 s",
    "after 19.999 s",
    "after 20 s",
  ]);
  deepStrictEqual(found[0], eventEntry(10));
});

Deno.test("lastEvent() gives the newest observation at or before an instant", async () => {
  const online = eventEntry(20, { kind: "online", cause: null, detail: "avc1 1280x720" });
  await using reader = await readerOf([eventEntry(10), eventEntry(20), online, eventEntry(30)]);
  deepStrictEqual(reader.lastEvent("front", at(29)), online);
  deepStrictEqual(reader.lastEvent("front", at(10)), eventEntry(10));
  strictEqual(reader.lastEvent("front", at(9.999)), undefined);
});

/** What the sum of a camera says that never recorded. */
const NOTHING = {
  batches: 0,
  frames: 0,
  recordingBytes: 0,
  recorded: null,
  newestFrameId: null,
  openRun: null,
};

Deno.test("cameras() sums up every camera, one that never recorded too", async () => {
  await using reader = await readerOf([
    ...["yard", "front", "attic"].map((id) => cameraEntry(id)),
    runStartEntry("front", at(0)),
    runEndEntry("front", at(0)),
    runStartEntry("front", at(40)),
    runStartEntry("yard", at(10)),
    runEndEntry("yard", at(10)),
    ...FIVE,
    OTHER,
  ]);
  const source = "rtsp://user:***@10.0.0.5/a";
  const base = (cameraId: string) => ({ cameraId, name: `Camera ${cameraId}`, source });
  deepStrictEqual(reader.cameras(), [
    { ...base("attic"), ...NOTHING },
    {
      ...base("front"),
      batches: 5,
      frames: 1_250,
      recordingBytes: 5_000_012,
      recorded: window(0, 60),
      newestFrameId: 1_500,
      openRun: at(40),
    },
    {
      ...base("yard"),
      batches: 1,
      frames: 250,
      recordingBytes: 1_000_001,
      recorded: window(10, 20),
      newestFrameId: 500,
      openRun: null,
    },
  ]);
});

Deno.test("Reader throws database-missing when nothing was recorded", async () => {
  await using folder = await tempFolder();
  throws(
    () => new Reader(folder.path),
    (error: OperatorError) => error.code === "database-missing",
  );
});
