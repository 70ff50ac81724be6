/**
 * Makes the database again from the ledger files: the same batches with the same
 * ids and chains, runs, events.
 *
 * Not here: looking whether the files that it names are there (src/upkeep).
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { isoUtc, type UnixMs } from "../base/units.ts";
import { removeIfThereSync, syncFileSync, syncFolderSync } from "../host/durable.ts";
import { DATABASE_PATH, openFileForWriting } from "./database.ts";
import { LEDGER_FOLDER, LedgerFiles } from "./ledger_files.ts";
import type { NumberedRecord } from "./ledger_line.ts";
import { LedgerWriter } from "./ledger_writer.ts";

/** Records in one transaction. */
const GROUP = 5_000;

export interface RebuildProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ReplayOptions {
  /** The new database; must not be there. */
  readonly path: string;
  readonly now: () => UnixMs;
}

/** Reads a root's ledger into a new database. Durable when it returns. */
export function replayLedger(root: string, options: ReplayOptions): { readonly records: number } {
  const steps = replaySteps(root, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** {@linkcode replayLedger} in steps of some 0.1 s, between which a caller can do something else. */
export function* replaySteps(
  root: string,
  options: ReplayOptions,
): Generator<RebuildProgress, { readonly records: number }> {
  const files = new LedgerFiles(root, options.now);
  let records = 0;
  const database = openFileForWriting(options.path);
  try {
    // One sync at the end: a database that is half made is made again.
    database.exec("pragma synchronous = off");
    const writer = new LedgerWriter(database);
    const totalBytes = files.sizeBytes;
    let doneBytes = 0;
    let group: NumberedRecord[] = [];
    const flush = () => {
      const newest = Math.max(0, ...group.map(({ sequence }) => sequence));
      writer.replay(group.map(({ record }) => record), { sequence: newest });
      records += group.length;
      group = [];
      return { doneBytes, totalBytes };
    };
    for (const record of files.all((bytes) => doneBytes += bytes)) {
      group.push(record);
      if (group.length >= GROUP) yield flush();
    }
    yield flush();
    database.exec(RECOUNT_LOGS);
    database.exec("pragma synchronous = full; pragma wal_checkpoint(truncate)");
  } finally {
    database.close();
  }
  syncWhole(options.path);
  return { records };
}

/** A checkpoint syncs nothing where earlier ones, which did not sync, have left it nothing to do. */
function syncWhole(path: string): void {
  using file = Deno.openSync(path);
  syncFileSync(file, path);
}

/** A log has the lines of deleted batches too until it goes as a whole. */
export const RECOUNT_LOGS = `
  update tallies set log_bytes = (
    select ifnull(sum(bytes), 0) from (
      select max(frames_offset + frames_bytes) bytes from batches b
      where b.camera_id = tallies.camera_id group by frames_path))`;

/**
 * Puts a database in place that is made from the ledger; one that is there is
 * kept beside it.
 *
 * @returns Where the old one lies now; null where there was none.
 */
export function replaceDatabase(
  root: string,
  now: () => UnixMs,
): { readonly keptAs: string | null } {
  const fresh = `${join(root, DATABASE_PATH)}.new`;
  for (const suffix of FILES) removeIfThereSync(`${fresh}${suffix}`);
  replayLedger(root, { path: fresh, now });
  return putInPlace(root, { fresh, keptSuffix: `.damaged-${compactTime(now())}` });
}

/** Of a database, and the two beside it that it has while it is open and after a crash. */
const FILES = ["", "-wal", "-shm"] as const;

/** Puts a database that was made again in place; the old one is kept beside it. */
function putInPlace(
  root: string,
  what: { readonly fresh: string; readonly keptSuffix: string },
): { readonly keptAs: string | null } {
  const path = join(root, DATABASE_PATH);
  const keptAs = `${path}${what.keptSuffix}`;
  let isKept = false;
  for (const suffix of FILES) {
    isKept = renameIfThereSync(`${path}${suffix}`, `${keptAs}${suffix}`) || isKept;
  }
  Deno.renameSync(what.fresh, path);
  syncFolderSync(dirname(path));
  return { keptAs: isKept ? keptAs : null };
}

/** What a database that `lookback rebuild` replaced is called. */
const BEFORE = ".before-";

/**
 * Puts in place what `lookback rebuild` made: the database, and the ledger where
 * that was made as well. The old database is kept; one that an earlier rebuild kept goes.
 *
 * @param made `ledgerRoot`: the folder below which there is a new ledger.
 *
 * @returns Where the old database lies now; null where there was none.
 */
export function putRebuiltInPlace(
  root: string,
  made: { readonly path: string; readonly ledgerRoot: string | null; readonly nowMs: UnixMs },
): { readonly keptAs: string | null } {
  if (made.ledgerRoot !== null) moveLedger(made.ledgerRoot, root);
  const keptSuffix = `${BEFORE}${compactTime(made.nowMs)}`;
  const kept = putInPlace(root, { fresh: made.path, keptSuffix });
  const path = join(root, DATABASE_PATH);
  const isOlder = (name: string) =>
    name.startsWith(`${basename(path)}${BEFORE}`) &&
    !name.startsWith(`${basename(path)}${keptSuffix}`);
  for (const { name } of [...Deno.readDirSync(dirname(path))]) {
    if (isOlder(name)) removeIfThereSync(join(dirname(path), name));
  }
  return kept;
}

/** First the ledger, then the database: with the ledger alone it can be made again. */
function moveLedger(fromRoot: string, root: string): void {
  const [from, to] = [join(fromRoot, LEDGER_FOLDER), join(root, LEDGER_FOLDER)];
  // One that is there has folders and no line: the caller has looked.
  renameIfThereSync(to, join(fromRoot, "empty-ledger"));
  renameIfThereSync(from, to);
  syncFolderSync(dirname(to));
}

function compactTime(atMs: UnixMs): string {
  return isoUtc(atMs).replaceAll(/[-:.]/g, "");
}

function renameIfThereSync(from: string, to: string): boolean {
  try {
    Deno.renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
