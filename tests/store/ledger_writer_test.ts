import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { sha256OfText } from "../../src/host/hash.ts";
import { chainText, FIRST_CHAIN } from "../../src/model/batch.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { DATABASE_PATH } from "../../src/store/database.ts";
import { LEDGER_FOLDER } from "../../src/store/ledger_files.ts";
import { writeLedgerLine } from "../../src/store/ledger_line.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runEndEntry,
  runStartEntry,
} from "../support/ledger_entries.ts";
import { type LedgerWorld, makeLedgerWorld } from "../support/ledger_world.ts";

/** How many rows each table has: cameras, runs, batches, events. */
function counts({ rows }: LedgerWorld): unknown[] {
  return ["cameras", "runs", "batches", "events"].map((table) =>
    rows(`select count(*) n from ${table}`)[0]!.n
  );
}

Deno.test("commit() puts every kind of entry into its table", async () => {
  await using world = await makeLedgerWorld();
  const entries = [cameraEntry(), runStartEntry(), batchEntry(0), runEndEntry(), eventEntry(61)];
  deepStrictEqual(world.writer.commit(entries), []);
  deepStrictEqual(world.rows("select * from cameras").map(Object.values), [
    ["front", "Camera front", "rtsp://user:***@10.0.0.5/a", 12.9716, 77.5946, at(0)],
  ]);
  deepStrictEqual(
    world.rows("select run, ended_ms, end_cause, timescale from runs").map(Object.values),
    [[at(0), at(60), "stopped", 90_000]],
  );
  deepStrictEqual(
    world.rows("select at_ms, kind, cause, detail from events").map(Object.values),
    [[at(61), "offline", "camera-unreachable", "after 61 s"]],
  );
  const { type: _, stillsBytes, ...batch } = batchEntry(0);
  deepStrictEqual(Object.values(world.rows("select * from batches")[0]!), [
    1,
    ...Object.values(batch).slice(0, 4),
    "2026-11-21T20:57:00.000Z",
    ...Object.values(batch).slice(4),
    FIRST_CHAIN,
    sha256OfText(chainText(batchEntry(0), FIRST_CHAIN)),
    stillsBytes,
    // Shift, and whether something was seen.
    ...[0, 0],
  ]);
});

Deno.test("commit() takes new settings of a camera and keeps when it was first seen", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([cameraEntry()]);
  const moved = { ...cameraEntry(), name: "Back door", geoLocation: null, atMs: at(99) };
  world.writer.commit([moved]);
  deepStrictEqual(
    world.rows("select name, lat, lon, first_seen_ms from cameras").map(Object.values),
    [["Back door", null, null, at(0)]],
  );
});

Deno.test("commit() shows a group to readers all at once", async () => {
  await using world = await makeLedgerWorld();
  const reader = new DatabaseSync(`${world.root}/${DATABASE_PATH}`, { readOnly: true });
  const seen = () => reader.prepare("select count(*) n from batches").get()!.n;
  const counted: unknown[] = [];
  world.database.function("seen", () => {
    counted.push(seen());
    return 0;
  });
  world.database.exec(
    "create temp trigger watch after insert on batches begin select seen(); end",
  );
  world.writer.commit([batchEntry(0), batchEntry(1), batchEntry(2)]);
  deepStrictEqual([...counted, seen()], [0, 0, 0, 3]);
  reader.close();
});

const RULE_BREAKERS: readonly { readonly name: string; readonly entry: LedgerEntry }[] = [
  { name: "a frame that another batch has", entry: batchEntry(1, { startingFrameId: 1 }) },
  { name: "a frame count that does not fit", entry: batchEntry(1, { frameCount: 249 }) },
  { name: "an end before its start", entry: batchEntry(1, { endMs: at(9) }) },
  { name: "an empty recording", entry: batchEntry(1, { recordingBytes: 0 }) },
  { name: "no lines in the JSON log", entry: batchEntry(1, { framesBytes: 0 }) },
  { name: "half a byte", entry: batchEntry(1, { recordingBytes: 10.5 }) },
  { name: "a size that is no number", entry: batchEntry(1, { recordingBytes: NaN }) },
  { name: "time counted in nothing", entry: { ...runStartEntry("front", 7), timescale: 0 } },
  { name: "a field that is missing", entry: { ...batchEntry(1), run: undefined as never } },
  { name: "a start that is no time", entry: batchEntry(1, { startMs: NaN as never }) },
  { name: "a start past all calendars", entry: batchEntry(1, { startMs: 9e15 as never }) },
  {
    name: "a deletion of something that is no id",
    entry: {
      ...{ type: "deletion", cameraId: "front", atMs: at(1), cause: "age", files: [] },
      batchIds: [1, undefined as never],
    },
  },
];

for (const { name, entry } of RULE_BREAKERS) {
  Deno.test(`commit() refuses ${name} and takes the rest of the group`, async () => {
    await using world = await makeLedgerWorld();
    world.writer.commit([cameraEntry(), runStartEntry(), batchEntry(0)]);
    const refused = world.writer.commit([eventEntry(1), entry, batchEntry(2), eventEntry(3)]);
    deepStrictEqual(refused.map((each) => each.entry), [entry]);
    ok(refused[0]!.reason.length > 0);
    deepStrictEqual(counts(world), [1, 1, 2, 2]);
    // Nor is there a line of it: the files say what the database says.
    const { batches, events } = Object.groupBy(
      world.files.recordsAfter(3),
      ({ record }) => record.type === "batch" ? "batches" : "events",
    );
    deepStrictEqual([batches?.length, events?.length], [1, 2]);
    const before = world.tables();
    strictEqual(world.reopen(), 0);
    deepStrictEqual(world.tables(), before);
  });
}

Deno.test("commit() leaves nothing of an entry that it refuses half way", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([runStartEntry("front", 5)]);
  const before = world.tables();
  // It would have closed the run before it.
  const broken = { ...runStartEntry("front", 7), timescale: 0 };
  strictEqual(world.writer.commit([broken]).length, 1);
  deepStrictEqual(world.tables(), before);
});

Deno.test("commit() takes again what a camera sends again because nobody answered it", async () => {
  await using world = await makeLedgerWorld();
  const entries = [cameraEntry(), runStartEntry(), batchEntry(0), runEndEntry()];
  world.writer.commit(entries);
  deepStrictEqual(world.writer.commit([...entries, batchEntry(1)]), []);
  deepStrictEqual(counts(world), [1, 1, 2, 0]);
});

Deno.test("commit() throws and leaves nothing when another process holds the database", async () => {
  await using world = await makeLedgerWorld();
  world.database.exec("pragma busy_timeout = 0");
  const other = new DatabaseSync(`${world.root}/${DATABASE_PATH}`);
  other.exec("begin immediate");
  throws(() => world.writer.commit([cameraEntry(), batchEntry(0)]), /locked/);
  other.exec("rollback");
  deepStrictEqual(counts(world), [0, 0, 0, 0]);
  ok(world.files.isEmpty);
  deepStrictEqual(world.writer.commit([cameraEntry(), batchEntry(0)]), []);
  deepStrictEqual(counts(world), [1, 0, 1, 0]);
  other.close();
});

/** Lets the database grow by a few pages only: the disk is full. */
function fillDisk({ database }: LedgerWorld, freePages: number): void {
  const pages = Number(Object.values(database.prepare("pragma page_count").get()!)[0]);
  database.exec(`pragma max_page_count = ${pages + freePages}`);
}

const HUGE = eventEntry(3, { detail: "x".repeat(1_000_000) });

Deno.test("commit() throws and leaves nothing when the disk is full", async () => {
  await using world = await makeLedgerWorld();
  fillDisk(world, 4);
  throws(() => world.writer.commit([eventEntry(1), HUGE]), /full/);
  deepStrictEqual(counts(world), [0, 0, 0, 0]);
  deepStrictEqual(world.files.recordsAfter(0), []);
});

Deno.test("commit() throws and leaves no row when a line can't be written", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([batchEntry(0)]);
  // A folder stands where the history should.
  await Deno.mkdir(`${world.root}/${LEDGER_FOLDER}/history/2026-11.jsonl`, { recursive: true });
  throws(() => world.writer.commit([batchEntry(1), eventEntry(1)]));
  deepStrictEqual(counts(world), [0, 0, 1, 0]);
  await Deno.remove(`${world.root}/${LEDGER_FOLDER}/history/2026-11.jsonl`);
  deepStrictEqual(world.writer.commit([batchEntry(1), eventEntry(1)]), []);
  deepStrictEqual(world.files.recordsAfter(0).map(({ sequence }) => sequence), [1, 2, 3]);
});

Deno.test("commit() numbers lines without a hole, refused and known entries left out", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([cameraEntry(), batchEntry(0)]);
  world.writer.commit([cameraEntry(), batchEntry(0), batchEntry(1, { frameCount: 1 })]);
  world.reopen();
  world.writer.commit([eventEntry(1), batchEntry(0), eventEntry(1), batchEntry(2)]);
  const records = [...world.files.all()];
  deepStrictEqual(records.map(({ sequence }) => sequence), [1, 2, 3, 4]);
  deepStrictEqual(
    records.map(({ record }) => record.type),
    ["camera", "batch", "event", "batch"],
  );
  deepStrictEqual(world.rows("select value from facts"), [{ value: "4" }]);
});

Deno.test("catchUp() takes over what a crash left between lines and commit: same ids, same chain", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([cameraEntry(), runStartEntry(), batchEntry(0), eventEntry(1)]);
  const path = `${world.root}/${DATABASE_PATH}`;
  world.reopen(() => Deno.copyFileSync(path, `${path}.before`));
  const group = [
    ...[batchEntry(1), eventEntry(2), batchEntry(2), runEndEntry(), eventEntry(3)],
    ...[runStartEntry("front", at(90)), batchEntry(0, { cameraId: "yard" })],
  ];
  world.writer.commit(group);
  const committed = world.tables();
  // The same lines, and a database that knows nothing of them.
  strictEqual(world.reopen(() => Deno.renameSync(`${path}.before`, path)), group.length);
  deepStrictEqual(world.tables(), committed);
  strictEqual(world.reopen(), 0);
  // And goes on with the numbers behind it.
  world.writer.commit([batchEntry(3)]);
  strictEqual([...world.files.all()].at(-1)!.sequence, 4 + group.length + 1);
});

Deno.test("catchUp() is not held up by a line that the database refuses", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([batchEntry(0)]);
  const lines = [batchEntry(1), batchEntry(2)].map((entry, index) =>
    writeLedgerLine(2 + index, { ...entry, batchId: 2 + index, previousChain: "a", chain: "b" })
  );
  const path = `${world.root}/${LEDGER_FOLDER}/batches/2026-11-21.jsonl`;
  const text = lines.join("").replace('"start_ms"', '"start_mz"');
  await Deno.writeTextFile(path, text, { append: true });
  strictEqual(world.reopen(), 2);
  deepStrictEqual(world.rows("select batch_id from batches").map(Object.values), [[1], [3]]);
});

Deno.test("commit() leaves nothing when the disk gets full beside an entry that breaks a rule", async () => {
  await using world = await makeLedgerWorld();
  const broken = batchEntry(0, { frameCount: 1 });
  fillDisk(world, 4);
  throws(() => world.writer.commit([eventEntry(1), broken, HUGE]), /full/);
  deepStrictEqual(counts(world), [0, 0, 0, 0]);
  // The group is tried again as a whole once there is room: nothing is in twice.
  world.database.exec("pragma max_page_count = 100000");
  strictEqual(world.writer.commit([eventEntry(1), broken, HUGE]).length, 1);
  deepStrictEqual(counts(world), [0, 0, 0, 2]);
});

Deno.test("commit() leaves nothing of a group when one of its rows can't be written just now", async () => {
  await using world = await makeLedgerWorld();
  // A sum that SQLite can't compute stands in for a disk that can't be read for a moment.
  world.database.exec(`create temp trigger fault before insert on batches
    begin select abs(-9223372036854775807 - 1); end`);
  throws(() => world.writer.commit([cameraEntry(), eventEntry(1), batchEntry(0)]), /overflow/);
  deepStrictEqual(counts(world), [0, 0, 0, 0]);
  world.database.exec("drop trigger fault");
  deepStrictEqual(world.writer.commit([cameraEntry(), eventEntry(1), batchEntry(0)]), []);
  deepStrictEqual(counts(world), [1, 0, 1, 1]);
});

Deno.test("commit() gives batches growing ids that are never used again", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([batchEntry(0), batchEntry(1)]);
  world.database.exec("delete from batches where batch_id = 2");
  world.writer.commit([batchEntry(1)]);
  deepStrictEqual(world.rows("select batch_id from batches").map(Object.values), [[1], [3]]);
});
