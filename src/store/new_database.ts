/**
 * A database that is being made again, before it is put in place: its base out of
 * the ledger, out of an old database or empty, and what the comparison with the
 * disk adds.
 *
 * Not here: the comparison (upkeep/reconcile.ts).
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { dirname, join } from "node:path";
import { isFileSync } from "../host/files.ts";
import type { UnixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import { DATABASE_PATH, isDamage, openFileForWriting } from "./database.ts";
import { LedgerFiles } from "./ledger_files.ts";
import { LedgerWriter, type RefusedEntry } from "./ledger_writer.ts";
import { readBatches } from "./batch_rows.ts";
import { Reader } from "./reader.ts";
import { RECOUNT_LOGS } from "./rebuild.ts";

export class NewDatabase implements Disposable {
  readonly #database: DatabaseSync;
  readonly #writer: LedgerWriter;
  readonly #path: string;
  /** Sees what is committed. */
  readonly reader: Reader;

  /**
   * Opens the database, makes an empty one where there is none.
   *
   * @param place `ledgerRoot`: the folder below which lines of the ledger are
   * appended; null to leave ledger files alone.
   */
  constructor(
    root: string,
    place: {
      readonly path: string;
      readonly ledgerRoot: string | null;
      readonly now: () => UnixMs;
    },
  ) {
    const { path, ledgerRoot, now } = place;
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#database = openFileForWriting(path);
    // Until it is put in place nobody misses it; finish() makes it durable.
    this.#database.exec("pragma synchronous = off");
    const files = ledgerRoot === null ? undefined : new LedgerFiles(ledgerRoot, now);
    this.#writer = new LedgerWriter(this.#database, files);
    this.reader = new Reader(root, path);
  }

  /** Commits entries; they are then in the ledger files too, where those are written. */
  commit(entries: readonly LedgerEntry[]): RefusedEntry[] {
    return this.#writer.commit(entries);
  }

  /** The folders of all recordings that have rows, by name. One look for each folder. */
  *folders(): Generator<string> {
    const next = this.#database.prepare(
      `select recording_path path from batches where recording_path >= ?
       order by recording_path limit 1`,
    );
    for (let from = "";;) {
      const row = next.get(from);
      if (row === undefined) return;
      const folder = dirname(String(row.path));
      yield folder;
      // "0" follows "/".
      from = `${folder}0`;
    }
  }

  /**
   * As the reader's, at the price of the folder's rows, not of the camera's: "+"
   * keeps SQLite from taking the index that the order is in.
   */
  batchesInFolder(cameraId: string, folder: string): Batch[] {
    return readBatches(
      this.#database,
      `where recording_path >= ? and recording_path < ? and +camera_id = ?
       order by +starting_frame_id`,
      [`${folder}/`, `${folder}0`, cameraId],
    );
  }

  /** How many batches and cameras there are. */
  count(): { readonly batches: number; readonly cameras: number } {
    const { batches, cameras } = this.#database.prepare(
      `select (select ifnull(sum(batches), 0) from tallies) batches,
         (select count(*) from cameras) cameras`,
    ).get() as { batches: number; cameras: number };
    return { batches, cameras };
  }

  /** Completes the sums and makes everything durable. */
  finish(): void {
    this.#database.exec(RECOUNT_LOGS);
    this.#database.exec("pragma synchronous = full; pragma wal_checkpoint(truncate)");
    this[Symbol.dispose]();
    using file = Deno.openSync(this.#path);
    file.syncSync();
  }

  [Symbol.dispose](): void {
    if (!this.#database.isOpen) return;
    // The writing connection last: it takes the two files beside the database away.
    this.reader[Symbol.dispose]();
    this.#database.close();
  }
}

/** True for a database that SQLite finds no fault in. Reads all of it: about a second a gigabyte. */
export function isWholeDatabase(path: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare("pragma quick_check(1)").get() as { quick_check: string };
    return row.quick_check === "ok";
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  } finally {
    database?.close();
  }
}

/**
 * Copies a root's database, with what a crash left uncommitted in it.
 *
 * @returns False where there is none, or a damaged one: then nothing is left at `path`.
 */
export function copyWholeDatabase(root: string, path: string): boolean {
  const from = join(root, DATABASE_PATH);
  if (!isFileSync(from)) return false;
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.copyFileSync(from, path);
  if (isFileSync(`${from}-wal`)) Deno.copyFileSync(`${from}-wal`, `${path}-wal`);
  if (isWholeDatabase(path)) return true;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (isFileSync(`${path}${suffix}`)) Deno.removeSync(`${path}${suffix}`);
  }
  return false;
}
