import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { DATABASE_PATH, openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runEndEntry,
  runStartEntry,
} from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

interface World extends AsyncDisposable {
  readonly root: string;
  readonly database: DatabaseSync;
  readonly writer: LedgerWriter;
  rows(sql: string): Record<string, unknown>[];
}

async function makeWorld(): Promise<World> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  const database = openForWriting(folder.path);
  return {
    root: folder.path,
    database,
    writer: new LedgerWriter(database),
    rows: (sql) => database.prepare(sql).all().map((row) => ({ ...row })),
    async [Symbol.asyncDispose]() {
      database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** How many rows each table has: cameras, runs, batches, events. */
function counts({ rows }: World): unknown[] {
  return ["cameras", "runs", "batches", "events"].map((table) =>
    rows(`select count(*) n from ${table}`)[0]!.n
  );
}

Deno.test("commit() puts every kind of entry into its table", async () => {
  await using world = await makeWorld();
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
  const { type: _, ...batch } = batchEntry(0);
  deepStrictEqual(Object.values(world.rows("select * from batches")[0]!), [
    1,
    ...Object.values(batch).slice(0, 4),
    "2026-11-21T20:57:00.000Z",
    ...Object.values(batch).slice(4),
  ]);
});

Deno.test("commit() takes new settings of a camera and keeps when it was first seen", async () => {
  await using world = await makeWorld();
  world.writer.commit([cameraEntry()]);
  const moved = { ...cameraEntry(), name: "Back door", geoLocation: null, atMs: at(99) };
  world.writer.commit([moved]);
  deepStrictEqual(
    world.rows("select name, lat, lon, first_seen_ms from cameras").map(Object.values),
    [["Back door", null, null, at(0)]],
  );
});

Deno.test("commit() shows a group to readers all at once", async () => {
  await using world = await makeWorld();
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
];

for (const { name, entry } of RULE_BREAKERS) {
  Deno.test(`commit() refuses ${name} and takes the rest of the group`, async () => {
    await using world = await makeWorld();
    world.writer.commit([cameraEntry(), runStartEntry(), batchEntry(0)]);
    const refused = world.writer.commit([eventEntry(1), entry, batchEntry(2), eventEntry(3)]);
    deepStrictEqual(refused.map((each) => each.entry), [entry]);
    ok(refused[0]!.reason.length > 0);
    deepStrictEqual(counts(world), [1, 1, 2, 2]);
  });
}

Deno.test("commit() takes again what a camera sends again because nobody answered it", async () => {
  await using world = await makeWorld();
  const entries = [cameraEntry(), runStartEntry(), batchEntry(0), runEndEntry()];
  world.writer.commit(entries);
  deepStrictEqual(world.writer.commit([...entries, batchEntry(1)]), []);
  deepStrictEqual(counts(world), [1, 1, 2, 0]);
});

Deno.test("commit() throws and leaves nothing when another process holds the database", async () => {
  await using world = await makeWorld();
  world.database.exec("pragma busy_timeout = 0");
  const other = new DatabaseSync(`${world.root}/${DATABASE_PATH}`);
  other.exec("begin immediate");
  throws(() => world.writer.commit([cameraEntry(), batchEntry(0)]), /locked/);
  other.exec("rollback");
  deepStrictEqual(counts(world), [0, 0, 0, 0]);
  deepStrictEqual(world.writer.commit([cameraEntry(), batchEntry(0)]), []);
  deepStrictEqual(counts(world), [1, 0, 1, 0]);
  other.close();
});

/** Lets the database grow by a few pages only: the disk is full. */
function fillDisk({ database }: World, freePages: number): void {
  const pages = Number(Object.values(database.prepare("pragma page_count").get()!)[0]);
  database.exec(`pragma max_page_count = ${pages + freePages}`);
}

const HUGE = eventEntry(3, { detail: "x".repeat(1_000_000) });

Deno.test("commit() throws and leaves nothing when the disk is full", async () => {
  await using world = await makeWorld();
  fillDisk(world, 4);
  throws(() => world.writer.commit([eventEntry(1), HUGE]), /full/);
  deepStrictEqual(counts(world), [0, 0, 0, 0]);
});

Deno.test("commit() leaves nothing when the disk gets full beside an entry that breaks a rule", async () => {
  await using world = await makeWorld();
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
  await using world = await makeWorld();
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
  await using world = await makeWorld();
  world.writer.commit([batchEntry(0), batchEntry(1)]);
  world.database.exec("delete from batches where batch_id = 2");
  world.writer.commit([batchEntry(1)]);
  deepStrictEqual(world.rows("select batch_id from batches").map(Object.values), [[1], [3]]);
});
