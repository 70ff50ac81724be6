import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { identifyRoot } from "../../src/host/root_identity.ts";
import type { DeletionEntry, LedgerEntry } from "../../src/model/ledger.ts";
import { DATABASE_PATH } from "../../src/store/database.ts";
import { LEDGER_FOLDER, LedgerFiles } from "../../src/store/ledger_files.ts";
import { Ledger } from "../../src/store/open_ledger.ts";
import { Reader } from "../../src/store/reader.ts";
import { MIGRATIONS } from "../../src/store/schema.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runEndEntry,
  runStartEntry,
} from "../support/ledger_entries.ts";
import { ledgerHistory } from "../support/ledger_history.ts";
import { notedLog, type Tables, tablesOf } from "../support/ledger_world.ts";
import { tempFolder } from "../support/temp_folder.ts";

interface World extends AsyncDisposable {
  readonly root: string;
  readonly path: string;
  /** What the ledger said in its log. */
  readonly lines: readonly string[];
  open(): Ledger;
  tables(): Tables;
}

async function makeWorld(): Promise<World> {
  const folder = await tempFolder();
  const root = folder.path;
  const identity = await identifyRoot(root);
  const path = `${root}/${DATABASE_PATH}`;
  const { log, lines } = notedLog();
  return {
    root,
    path,
    lines,
    open: () => new Ledger({ root, identity, now: () => at(0), log }),
    tables() {
      const database = new DatabaseSync(path, { readOnly: true });
      try {
        return tablesOf(database);
      } finally {
        database.close();
      }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Commits groups as one session of the writer. */
function record(world: World, groups: readonly (readonly LedgerEntry[])[]): void {
  using ledger = world.open();
  for (const group of groups) deepStrictEqual(ledger.commit(group), []);
}

function deletion(cameraId: string, batchIds: readonly number[]): DeletionEntry {
  return { type: "deletion", cameraId, atMs: at(0), cause: "age", batchIds, files: [] };
}

const SOME: readonly LedgerEntry[] = [
  ...[cameraEntry(), runStartEntry(), batchEntry(0), batchEntry(1), runEndEntry()],
  ...[eventEntry(70, { untilMs: at(90) }), runStartEntry("front", at(100))],
  ...[batchEntry(2, { run: at(100) }), batchEntry(0, { cameraId: "yard" })],
  { type: "run-shift", cameraId: "front", run: at(100), shiftMs: 60_000 },
  deletion("front", [1]),
  ...[batchEntry(3, { run: at(100) })],
];

/**
 * What must be the same when a database is made again: all but two things. Events and
 * repairs that were sent twice have used up ids, which nothing refers to. And while
 * files of a deletion still wait to be removed, a log's bytes count up to then; made
 * again, they are counted from the batches that are left.
 */
function comparable({ events = [], repairs = [], tallies = [], ...tables }: Tables): Tables {
  const isWaiting = tables.removals!.length > 0;
  return {
    ...tables,
    events: events.map(({ event_id: _, ...rest }) => rest),
    repairs: repairs.map(({ repair_id: _, ...rest }) => rest),
    tallies: tallies.map(({ log_bytes, ...rest }) => isWaiting ? rest : { log_bytes, ...rest }),
  };
}

Deno.test("Ledger makes a database that was deleted again: every row of every table is the same", async () => {
  await fc.assert(
    fc.asyncProperty(ledgerHistory(), async (groups) => {
      await using world = await makeWorld();
      record(world, groups);
      const before = world.tables();
      await Deno.remove(world.path);
      world.open()[Symbol.dispose]();
      deepStrictEqual(comparable(world.tables()), comparable(before));
    }),
    { numRuns: 40 },
  );
});

Deno.test("Ledger makes the same again when the files of deleted days are gone, and ids go on", async () => {
  await fc.assert(
    fc.asyncProperty(ledgerHistory(), async (groups) => {
      await using world = await makeWorld();
      {
        using ledger = world.open();
        for (const group of groups) {
          ledger.commit(group);
          ledger.prune();
        }
      }
      const before = world.tables();
      await Deno.remove(world.path);
      record(world, [[]]);
      deepStrictEqual(comparable(world.tables()), comparable(before));
      // The next batch gets the id and the place in the chain that it would have got.
      const next = batchEntry(900);
      const expected = before.tallies!.find(({ camera_id }) => camera_id === "front");
      const newestId = Math.max(0, ...before.tallies!.map((row) => Number(row.newest_batch_id)));
      record(world, [[next]]);
      const row = world.tables().batches!.at(-1)!;
      strictEqual(row.batch_id, newestId + 1);
      strictEqual(row.previous_chain, expected?.chain ?? "0".repeat(64));
    }),
    { numRuns: 30 },
  );
});

Deno.test("prune() keeps the day of a batch whose clock was wrong and was put right", async () => {
  await using world = await makeWorld();
  const wrong = { run: 5, startMs: 5_000 as never, endMs: 15_000 as never };
  {
    using ledger = world.open();
    ledger.commit([
      ...[batchEntry(0), runStartEntry("front", 5), batchEntry(1, wrong)],
      { type: "run-shift", cameraId: "front", run: 5, shiftMs: at(100) },
    ]);
    ledger.prune();
  }
  const before = world.tables();
  await Deno.remove(world.path);
  record(world, [[]]);
  deepStrictEqual(world.tables(), before);
});

Deno.test("Ledger makes the database again where a name was used by a batch that is deleted", async () => {
  await using world = await makeWorld();
  const path = "data/recordings/front/2026-11-21/20/570000.mp4";
  record(world, [
    [batchEntry(0, { recordingPath: path })],
    [deletion("front", [1])],
    // The wall clock was set back, and the name is free again.
    [batchEntry(1, { recordingPath: path })],
  ]);
  const before = world.tables();
  await Deno.remove(world.path);
  record(world, [[]]);
  deepStrictEqual(world.tables(), before);
});

/** Writes over the middle of a file. */
async function overwrite(path: string, bytes: { readonly from: number; readonly count: number }) {
  using file = await Deno.open(path, { write: true });
  await file.seek(bytes.from, Deno.SeekMode.Start);
  await file.write(new Uint8Array(bytes.count).fill(0x5a));
}

async function keptDatabases(world: World): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(`${world.root}/data`))).map(({ name }) => name);
  return names.filter((name) => /\.damaged-\w+$/.test(name));
}

Deno.test("Ledger makes a database with a damaged page again, keeps the old one, and goes on", async () => {
  await using world = await makeWorld();
  record(world, [SOME]);
  const before = world.tables();
  const { size } = await Deno.stat(world.path);
  await overwrite(world.path, { from: 4_096, count: size - 8_192 });
  const damaged = await Deno.readFile(world.path);
  record(world, [[batchEntry(4, { run: at(100) })]]);
  const [kept, ...others] = await keptDatabases(world);
  deepStrictEqual(others, []);
  deepStrictEqual(await Deno.readFile(`${world.root}/data/${kept}`), damaged);
  const after = world.tables();
  deepStrictEqual(after.batches!.slice(0, -1), before.batches);
  deepStrictEqual([after.runs, after.events], [before.runs, before.events]);
  match(world.lines[0]!, /^error: The database is made again from the ledger files: .*malformed/);
  match(world.lines[1]!, /^error: The damaged database is kept as .*damaged-20261121T205700000Z$/);
});

Deno.test("commit() makes a database again that turns out to be damaged while it is written", async () => {
  await using world = await makeWorld();
  using ledger = world.open();
  ledger.commit(SOME);
  const before = world.tables();
  // What only the files of the database show: the connection has read these pages already.
  const other = new DatabaseSync(world.path);
  other.exec("pragma wal_checkpoint(truncate)");
  const [{ rootpage }] = other.prepare(
    "select rootpage from sqlite_schema where name = 'batches_by_end'",
  ).all() as [{ rootpage: number }];
  // Another process has changed the database, so that pages are read anew.
  other.exec("update facts set value = value");
  other.exec("pragma wal_checkpoint(truncate)");
  other.close();
  await overwrite(world.path, { from: (rootpage - 1) * 4_096, count: 4_096 });
  deepStrictEqual(ledger.commit([batchEntry(4, { run: at(100) }), eventEntry(200)]), []);
  deepStrictEqual(ledger.commit([eventEntry(201)]), []);
  strictEqual((await keptDatabases(world)).length, 1);
  const after = world.tables();
  deepStrictEqual(after.batches!.slice(0, -1), before.batches);
  strictEqual(after.events!.length, before.events!.length + 2);
  deepStrictEqual(after.facts, [{ name: "ledger_sequence", value: String(SOME.length + 3) }]);
});

Deno.test("Ledger makes the database again when the file is none, and keeps the file", async () => {
  await using world = await makeWorld();
  record(world, [SOME]);
  const before = world.tables();
  await Deno.writeTextFile(world.path, "no database at all ".repeat(1_000));
  record(world, [[]]);
  deepStrictEqual(world.tables(), before);
  const [kept] = await keptDatabases(world);
  match(await Deno.readTextFile(`${world.root}/data/${kept}`), /^no database at all/);
});

Deno.test("Ledger begins with nothing where a damaged database has no ledger, and keeps it", async () => {
  await using world = await makeWorld();
  await Deno.writeTextFile(world.path, "no database at all ".repeat(1_000));
  record(world, [[batchEntry(0)]]);
  strictEqual(world.tables().batches!.length, 1);
  strictEqual((await keptDatabases(world)).length, 1);
});

Deno.test("Ledger goes on where making the database again was cut off", async () => {
  await using world = await makeWorld();
  record(world, [SOME]);
  const before = world.tables();
  // The old one is put aside, but for its log; the new one is half made.
  await Deno.rename(world.path, `${world.path}.damaged-20261121T000000000Z`);
  await Deno.writeTextFile(`${world.path}-wal`, "of the old one");
  await Deno.writeTextFile(`${world.path}.new`, "half of a database");
  await Deno.writeTextFile(`${world.path}.new-wal`, "and of its log");
  record(world, [[]]);
  deepStrictEqual(world.tables(), before);
});

Deno.test("commit() works again after the database could not be made again at first", async () => {
  await using world = await makeWorld();
  using ledger = world.open();
  ledger.commit(SOME);
  const before = world.tables();
  // A folder stands where the new database should be made: no room for it yet.
  await Deno.mkdir(`${world.path}.new/x`, { recursive: true });
  await Deno.writeTextFile(world.path, "no database at all ".repeat(1_000));
  await Deno.remove(`${world.path}-wal`);
  await Deno.remove(`${world.path}-shm`);
  // The open connection still has the old files: only a new one sees what they are.
  ledger[Symbol.dispose]();
  await Deno.writeTextFile(world.path, "no database at all ".repeat(1_000));
  throws(() => ledger.commit([eventEntry(300)]));
  throws(() => ledger.commit([eventEntry(300)]));
  await Deno.remove(`${world.path}.new`, { recursive: true });
  deepStrictEqual(ledger.commit([eventEntry(300)]), []);
  deepStrictEqual(world.tables().batches, before.batches);
  strictEqual(world.tables().events!.length, before.events!.length + 1);
});

/** A database as version 1 left it: two cameras, no ledger files. */
function makeVersionOne(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`begin; ${MIGRATIONS[0]}; pragma user_version = 1; commit`);
  database.exec(
    `insert into cameras values ('front', 'Front', 'test', 12.5, 77.5, 1), ('yard', 'Yard', 'test', null, null, 2);
    insert into runs values ('front', 10, 'avc1', 320, 180, 90000, 99, 'stopped'), ('front', 100, 'avc1', 320, 180, 90000, null, null)`,
  );
  const insert = database.prepare(`insert into batches (camera_id, run, starting_frame_id,
    ending_frame_id, timestamp, start_ms, end_ms, frame_count, recording_path, recording_bytes,
    frames_path, frames_offset, frames_bytes) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  for (
    const [cameraId, number] of [["front", 0], ["yard", 0], ["front", 1], ["front", 2]] as const
  ) {
    const { startMs, endMs, startingFrameId, endingFrameId, ...batch } = batchEntry(number, {
      cameraId,
    });
    const timestamp = new Date(startMs).toISOString();
    const range = [cameraId, 10, startingFrameId, endingFrameId, timestamp, startMs, endMs, 250];
    const { recordingPath, recordingBytes, framesPath, framesOffset, framesBytes } = batch;
    insert.run(...range, recordingPath, recordingBytes, framesPath, framesOffset, framesBytes);
  }
  // A camera that nobody answered sent it twice.
  database.exec(`insert into events (camera_id, at_ms, kind, cause, detail) values
    ('front', 5, 'offline', null, 'a'), ('front', 5, 'offline', null, 'a'), ('front', 6, 'online', null, 'b')`);
  // The first one was deleted, and its id is not given again.
  database.exec("delete from batches where batch_id = 1");
  database.close();
}

Deno.test("Ledger brings a database of version 1 up to date: tallies, one of each event, no hashes", async () => {
  await using world = await makeWorld();
  makeVersionOne(world.path);
  record(world, [[]]);
  const tables = world.tables();
  deepStrictEqual(tables.events!.map(({ detail }) => detail), ["a", "b"]);
  const of = (camera_id: string, newest: number, batches: number) => ({
    ...{ camera_id, batches, frames: batches * 250, stills_bytes: 0, log_bytes: batches * 75_000 },
    ...{ newest_frame_id: (newest + 1) * 250, newest_batch_id: camera_id === "yard" ? 2 : 4 },
    ...{ chain: null, recording_bytes: camera_id === "yard" ? 1_000_000 : 2_000_003 },
  });
  deepStrictEqual(
    Object.fromEntries(tables.tallies!.map((row) => [row.camera_id, row])),
    { front: of("front", 2, 2), yard: of("yard", 0, 1) },
  );
  using reader = new Reader(world.root);
  deepStrictEqual(reader.batchesAfterId("front", 0, 9).map(({ seals }) => seals), [null, null]);
});

Deno.test("Ledger writes the ledger of a database of version 1, from which it is made again", async () => {
  await using world = await makeWorld();
  makeVersionOne(world.path);
  record(world, [[], [batchEntry(3, { run: 100 })]]);
  const before = world.tables();
  strictEqual(before.batches!.at(-1)!.batch_id, 5);
  strictEqual(before.batches!.at(-1)!.previous_chain, "0".repeat(64));
  await Deno.remove(world.path);
  record(world, [[]]);
  const after = world.tables();
  // The events got ids anew; a log's bytes are counted from what is left of it.
  const { events: _, tallies: __, ...rest } = after;
  deepStrictEqual({ ...rest, events: before.events, tallies: before.tallies }, before);
  deepStrictEqual(
    after.events!.map(({ event_id: _, ...row }) => row),
    before.events!.map(({ event_id: _, ...row }) => row),
  );
  deepStrictEqual(after.tallies!.map((row) => row.log_bytes), [4 * 75_000, 75_000]);
  deepStrictEqual(
    after.tallies!.map(({ log_bytes: _, ...row }) => row),
    before.tallies!.map(({ log_bytes: _, ...row }) => row),
  );
});

Deno.test("Ledger writes the whole ledger anew where a crash cut that off", async () => {
  await using world = await makeWorld();
  makeVersionOne(world.path);
  record(world, [[]]);
  const lines = new LedgerFiles(world.root, () => at(0)).recordsAfter(0);
  // As if it had come before the ledger was put in place, and before the commit.
  const folder = `${world.root}/${LEDGER_FOLDER}`;
  await Deno.rename(folder, `${folder}.new`);
  await Deno.remove(`${folder}.new/history`, { recursive: true });
  const database = new DatabaseSync(world.path);
  database.exec("delete from facts");
  database.close();
  record(world, [[]]);
  deepStrictEqual(new LedgerFiles(world.root, () => at(0)).recordsAfter(0), lines);
});

Deno.test("Ledger writes a ledger that was deleted again, with all that the database knows", async () => {
  await using world = await makeWorld();
  const check = { type: "check", cameraId: "front", kind: "canary", detail: "c" } as const;
  record(world, [[
    ...SOME,
    { ...deletion("front", [2]), files: ["a.mp4"] },
    { ...check, ok: false, atMs: at(1) },
    { ...check, ok: true, atMs: at(2) },
    { type: "repair", cameraId: "yard", atMs: at(1), kind: "tail-cut", path: "b", detail: "c" },
  ]]);
  const before = world.tables();
  await Deno.remove(`${world.root}/${LEDGER_FOLDER}`, { recursive: true });
  record(world, [[]]);
  await Deno.remove(world.path);
  record(world, [[]]);
  const { facts: _, ...after } = world.tables();
  deepStrictEqual(comparable({ ...after, facts: before.facts! }), comparable(before));
});

Deno.test("Ledger keeps nothing of a commit while another process holds the database", async () => {
  await using world = await makeWorld();
  using ledger = world.open();
  ledger.commit(SOME);
  const before = world.tables();
  const files = new LedgerFiles(world.root, () => at(0));
  const lines = files.recordsAfter(0);
  const other = new DatabaseSync(world.path);
  other.exec("begin immediate");
  throws(() => ledger.commit([batchEntry(7), eventEntry(400)]), /locked/);
  deepStrictEqual(files.recordsAfter(0), lines);
  other.exec("rollback");
  deepStrictEqual(world.tables(), before);
  deepStrictEqual(ledger.commit([batchEntry(7), eventEntry(400)]), []);
  strictEqual(files.recordsAfter(0).length, lines.length + 2);
  ok(world.lines.length === 0, world.lines.join("\n"));
  other.close();
});
