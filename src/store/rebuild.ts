/**
 * Makes the database again from the ledger files: the same batches with the same
 * ids and chains, runs, events.
 *
 * Not here: looking whether the files that it names are there (src/upkeep).
 *
 * @module
 */

import { dirname, join } from "node:path";
import { isoUtc, type UnixMs } from "../base/units.ts";
import { syncFolderSync } from "../host/durable.ts";
import { DATABASE_PATH, openFileForWriting } from "./database.ts";
import { LedgerFiles } from "./ledger_files.ts";
import type { NumberedRecord } from "./ledger_line.ts";
import { LedgerWriter } from "./ledger_writer.ts";

/** Records in one transaction. */
const GROUP = 5_000;

export interface RebuildProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Reads a root's ledger into a new database at `path`, which must not be there. Durable when it returns. */
export function replayLedger(
  root: string,
  options: {
    readonly path: string;
    readonly now: () => UnixMs;
    readonly onProgress?: (progress: RebuildProgress) => void;
  },
): { readonly records: number } {
  const files = new LedgerFiles(root, options.now);
  const database = openFileForWriting(options.path);
  try {
    // One sync at the end: a database that is half made is made again.
    database.exec("pragma synchronous = off");
    const writer = new LedgerWriter(database);
    const totalBytes = files.sizeBytes;
    let doneBytes = 0;
    let records = 0;
    let group: NumberedRecord[] = [];
    const flush = () => {
      const newest = Math.max(0, ...group.map(({ sequence }) => sequence));
      writer.replay(group.map(({ record }) => record), { sequence: newest });
      records += group.length;
      group = [];
      options.onProgress?.({ doneBytes, totalBytes });
    };
    for (const record of files.all((bytes) => doneBytes += bytes)) {
      group.push(record);
      if (group.length >= GROUP) flush();
    }
    flush();
    database.exec(RECOUNT_LOGS);
    database.exec("pragma synchronous = full; pragma wal_checkpoint(truncate)");
    return { records };
  } finally {
    database.close();
  }
}

/** A log has the lines of deleted batches too until it goes as a whole. */
const RECOUNT_LOGS = `
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
  const path = join(root, DATABASE_PATH);
  const fresh = `${path}.new`;
  for (const suffix of ["", "-wal", "-shm"]) removeIfThereSync(`${fresh}${suffix}`);
  replayLedger(root, { path: fresh, now });
  const keptAs = `${path}.damaged-${isoUtc(now()).replaceAll(/[-:.]/g, "")}`;
  let isKept = false;
  for (const suffix of ["", "-wal", "-shm"]) {
    isKept = renameIfThereSync(`${path}${suffix}`, `${keptAs}${suffix}`) || isKept;
  }
  Deno.renameSync(fresh, path);
  syncFolderSync(dirname(path));
  return { keptAs: isKept ? keptAs : null };
}

function removeIfThereSync(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
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
