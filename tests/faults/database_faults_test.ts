/**
 * The database is locked, damaged, deleted, or the ledger beside it is torn: no
 * recording may be lost, and no row of one.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Batch } from "../../src/model/batch.ts";
import { filesBelow } from "../support/archive.ts";
import type { Running } from "../support/lookback.ts";
import { pause } from "../support/pause.ts";
import { until } from "../support/until.ts";
import { isLong, noteMeasured } from "./measured.ts";
import { type Chance, newChance } from "./support/chance.ts";
import {
  batchesOf,
  checkAllKept,
  checkFiles,
  checkFrameIds,
  committedBatches,
} from "./support/committed.ts";
import { verifyFindsNothing } from "./support/program_says.ts";
import { bothRecord, CAMERA_IDS, makeRig, type Rig } from "./support/rig.ts";

/** How long another program keeps the database locked, in milliseconds. */
const LOCKED_MS = isLong ? 8_000 : 6_000;

/** Rows wait at most for a try and its pause, which is 5 s; then for SQLite's own patience. */
const BACK_WITHIN_MS = 15_000;

/** SQLite's page, unless told otherwise. */
const PAGE_BYTES = 4_096;

const LOCKED = "run loses nothing while another program locks the database for seconds";
const DAMAGED = "run makes a damaged database again at its start, with the same rows";
const DAMAGED_RUNNING = "run goes on when the database is damaged while it records";
const DELETED = "run makes a deleted database again, with the same rows";
const TORN = "run keeps every row when the newest line of the ledger is torn";

Deno.test(LOCKED, async () => {
  await using rig = await makeRig();
  let backMs = 0;
  let waiting = 0;
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, 2);
    using database = new DatabaseSync(databasePath(rig));
    database.exec("pragma busy_timeout = 5000; begin immediate");
    const before = committedBatches(rig.root, "running").length;
    await pause(LOCKED_MS);
    strictEqual(committedBatches(rig.root, "running").length, before, "rows while it is locked");
    waiting = (await filesBelow(join(rig.root, "data", "recordings"))).length - before;
    database.exec("rollback");
    backMs = await batchesToBe(rig, before + waiting);
    await stop(running);
  }
  const batches = committedBatches(rig.root);
  await checkWhole(rig, batches);
  for (const id of CAMERA_IDS) strictEqual(runsOf(id, batches), 1);
  await noteMeasured({
    fault: `another program locks the database for ${LOCKED_MS / 1_000} s`,
    lostAtMost: "nothing: rows come when the lock is gone",
    measured: `${waiting} batches waited; all rows were there ${seconds(backMs)} s after it`,
    test: LOCKED,
  });
});

Deno.test(DAMAGED, async () => {
  const chance = newChance();
  await using rig = await makeRig();
  let rows = await recordMore(rig, []);
  const more = isLong ? [batchesPage, ...Array<typeof anyPage>(8).fill(anyPage)] : [];
  const damages = [headerPage, runsPage, ...more];
  for (const damage of damages) {
    const page = damage(rig, chance);
    await spoil(rig, page);
    rows = await recordMore(rig, rows, `page ${page} spoilt (LOOKBACK_FAULTS_SEED=${chance.seed})`);
  }
  await noteMeasured({
    fault: "a page of the database is overwritten while Lookback is stopped",
    lostAtMost: "nothing: the database is made again at the start",
    measured:
      `${damages.length} pages, the first one, those of batches and runs, and others: all ` +
      `${rows.length} rows the same`,
    test: DAMAGED,
  });
});

Deno.test(DAMAGED_RUNNING, async () => {
  const chance = newChance();
  await using rig = await makeRig();
  let before: Batch[] = [];
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, 4);
    before = committedBatches(rig.root, "running");
    await spoil(rig, batchesPage(rig));
    const files = await filesBelow(join(rig.root, "data", "recordings"));
    await until(
      async () =>
        (await filesBelow(join(rig.root, "data", "recordings"))).length > files.length + 2,
      { limitMs: 15_000, what: `more recordings (LOOKBACK_FAULTS_SEED=${chance.seed})` },
    );
    await stop(running);
  }
  const rows = await recordMore(rig, before);
  for (const id of CAMERA_IDS) strictEqual(runsOf(id, rows), 2);
  await noteMeasured({
    fault: "a page of the database is overwritten while it records",
    lostAtMost: "nothing: recording goes on, the database is made again",
    measured: `all ${rows.length} recordings have their row`,
    test: DAMAGED_RUNNING,
  });
});

Deno.test(DELETED, async () => {
  await using rig = await makeRig();
  const before = await recordMore(rig, []);
  await removeDatabase(rig);
  const rows = await recordMore(rig, before, "after the database was deleted");
  await noteMeasured({
    fault: "the database is deleted while Lookback is stopped",
    lostAtMost: "nothing: the next start makes it again",
    measured: `all ${before.length} rows the same, ${rows.length - before.length} more followed`,
    test: DELETED,
  });
});

Deno.test(TORN, async () => {
  await using rig = await makeRig();
  const before = await recordMore(rig, []);
  const newest = (await filesBelow(join(rig.root, "data", "ledger", "batches"))).at(-1)!;
  await Deno.truncate(newest, (await Deno.stat(newest)).size - 40);
  let rows = await recordMore(rig, before, "after the ledger was torn");
  // What the ledger lacks must not be lost with the database either.
  await removeDatabase(rig);
  rows = await recordMore(rig, rows, "after the database was deleted too");
  await noteMeasured({
    fault: "the last line of the newest ledger file is torn off, later the database is deleted",
    lostAtMost: "nothing",
    measured: `all ${rows.length} rows the same`,
    test: TORN,
  });
});

/** Records until two more batches have their row, stops, and checks that all is there. */
async function recordMore(rig: Rig, before: readonly Batch[], what = "kept"): Promise<Batch[]> {
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, before.length + 2);
    await stop(running);
  }
  const rows = committedBatches(rig.root);
  checkAllKept(before, rows, what);
  await checkWhole(rig, rows);
  return rows;
}

/** Every recording has one row, every row its files, every frame its id. */
async function checkWhole(rig: Rig, batches: readonly Batch[]): Promise<void> {
  await checkFiles(rig.root, batches);
  await checkFrameIds(rig.root, { batches, holes: "none" });
  deepStrictEqual(
    batches.map(({ recordingPath }) => join(rig.root, recordingPath)).toSorted(),
    await filesBelow(join(rig.root, "data", "recordings")),
    "recordings with a row",
  );
  // Its own process each time; what it looks at was looked at just now.
  if (isLong) await verifyFindsNothing(rig, "after a fault of the database");
}

/** Waits for so many rows; returns how long it took, in milliseconds. */
function batchesToBe(rig: Rig, count: number): Promise<number> {
  return until(() => rowsNow(rig) >= count, { limitMs: BACK_WITHIN_MS, what: `${count} rows` });
}

/** Rows that can be read now; none while the database is damaged and being made again. */
function rowsNow(rig: Rig): number {
  try {
    return committedBatches(rig.root, "running").length;
  } catch {
    return 0;
  }
}

async function stop(running: Running): Promise<void> {
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  ok(!/Unexpected|Uncaught/.test(stderr), stderr);
}

function headerPage(): number {
  return 1;
}

/** Written with every batch. */
function batchesPage(rig: Rig): number {
  return rootPage(rig, "batches");
}

/** Read before a camera starts, written only then. */
function runsPage(rig: Rig): number {
  return rootPage(rig, "runs");
}

function rootPage(rig: Rig, table: string): number {
  using database = new DatabaseSync(databasePath(rig), { readOnly: true });
  const row = database.prepare("select rootpage from sqlite_master where name = ?").get(table);
  return Number(row!.rootpage);
}

function anyPage(rig: Rig, chance: Chance): number {
  const pages = Deno.statSync(databasePath(rig)).size / PAGE_BYTES;
  return Math.floor(chance.between(2, pages + 1));
}

/** Overwrites a page of the database with noise. */
async function spoil(rig: Rig, page: number): Promise<void> {
  using file = await Deno.open(databasePath(rig), { write: true });
  await file.seek((page - 1) * PAGE_BYTES, Deno.SeekMode.Start);
  await file.write(crypto.getRandomValues(new Uint8Array(PAGE_BYTES)));
  await file.sync();
}

async function removeDatabase(rig: Rig): Promise<void> {
  for (const ending of ["", "-wal", "-shm"]) {
    await Deno.remove(databasePath(rig) + ending).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

function databasePath(rig: Rig): string {
  return join(rig.root, "data", "lookback.db");
}

function runsOf(cameraId: string, batches: readonly Batch[]): number {
  return new Set(batchesOf(cameraId, batches).map(({ run }) => run)).size;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
