/**
 * Puts ledger entries into the ledger files and the database, many in one
 * transaction. Runs inside the writer Worker, which owns the only read-write
 * connection.
 *
 * Order of a commit: rows into the open transaction (which finds what is refused
 * and gives ids), lines into the files and synced, transaction committed. A crash
 * between the last two is made good at the next start ({@linkcode LedgerWriter.catchUp}).
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../base/errors.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import { LEDGER_GROUP, type LedgerFiles } from "./ledger_files.ts";
import type { LedgerRecord } from "./ledger_line.ts";
import { LedgerRows } from "./ledger_rows.ts";

/** A row that the database will never take, whatever is tried. */
export interface RefusedEntry {
  readonly entry: LedgerEntry;
  readonly reason: string;
}

/** Entries that one statement writes: that leaves nothing when it fails. Most entries are batches. */
const ONE_STATEMENT: ReadonlySet<LedgerEntry["type"]> = new Set([
  "batch",
  "event",
  "vision-event",
]);

/** Primary result code of a broken constraint (sqlite.org/rescode.html); the rest can pass. */
const SQLITE_CONSTRAINT = 19;

export class LedgerWriter {
  readonly #database: DatabaseSync;
  readonly #files: LedgerFiles | undefined;
  readonly #rows: LedgerRows;

  /** @param files Left out where the database alone is to be written: when it is made again. */
  constructor(database: DatabaseSync, files?: LedgerFiles) {
    this.#database = database;
    this.#files = files;
    this.#rows = new LedgerRows(database);
  }

  /**
   * Commits all entries in one transaction. Where one breaks a rule of the
   * schema, the others are committed without it.
   *
   * @returns What was refused.
   *
   * @throws {Error} If files or database can't be written now (locked, disk full). Nothing stays.
   */
  commit(entries: readonly LedgerEntry[]): RefusedEntry[] {
    const refused: RefusedEntry[] = [];
    const records: LedgerRecord[] = [];
    this.#inTransaction(() => {
      for (const entry of entries) {
        const done = this.#tryInsert(entry);
        if (typeof done === "string") refused.push({ entry, reason: done });
        else if (done !== undefined) records.push(done);
      }
      if (records.length === 0 || this.#files === undefined) return;
      this.#append(this.#files, records);
    });
    return refused;
  }

  /**
   * Takes over what the files have and the database has not: a crash came between
   * the two. Writes the files anew where there are none.
   *
   * @returns How many records were taken over.
   */
  catchUp(): number {
    const files = this.#files;
    if (files === undefined) return 0;
    if (files.isEmpty) {
      this.#inTransaction(() => {
        const count = files.create(this.#rows.everything());
        if (count > 0) this.#rows.setSequence(count);
      });
      return 0;
    }
    const missing = files.recordsAfter(this.#rows.sequence());
    if (missing.length > 0) this.replay(missing.map(({ record }) => record), missing.at(-1)!);
    this.#restoreEnd(files);
    return missing.length;
  }

  /** Writes again what the files have lost at their ends: the database was ahead of them. */
  #restoreEnd(files: LedgerFiles): void {
    const newest = files.newest();
    const isHistoryShort = newest.sequence < this.#rows.sequence();
    if (!isHistoryShort && newest.batchId >= this.#rows.newestBatchId()) return;
    const records = this.#rows.everything(newest.batchId)
      .filter(({ type }) => isHistoryShort || type === "batch");
    for (let group = take(records); group.length > 0; group = take(records)) {
      this.#inTransaction(() => this.#append(files, group));
    }
  }

  #append(files: LedgerFiles, records: readonly LedgerRecord[]): void {
    const sequence = this.#rows.sequence();
    files.append(records, sequence + 1);
    this.#rows.setSequence(sequence + records.length);
  }

  /** Inserts records as they stand in the files, in one transaction. What is known already stays. */
  replay(records: readonly LedgerRecord[], last: { readonly sequence: number }): void {
    this.#inTransaction(() => {
      // What is refused now was refused when it was new as well, or its line is damaged.
      for (const record of records) this.#tryInsert(record);
      if (last.sequence > this.#rows.sequence()) this.#rows.setSequence(last.sequence);
    });
  }

  /** Lets go of ledger files whose batches are all deleted. */
  prune(): void {
    const oldestMs = this.#rows.oldestMs();
    if (oldestMs === undefined) return;
    this.#files?.prune(oldestMs, (dayMs) => this.#rows.hasBatchOfDay(dayMs));
    this.#compact();
  }

  /**
   * Deletions would make history grow for as long as a box records. Of months whose
   * batches are all gone only what they add up to is kept.
   */
  #compact(): void {
    const files = this.#files;
    const months = files?.finishedMonths() ?? [];
    if (files === undefined || months.length === 0) return;
    this.#inTransaction(() => this.#append(files, this.#rows.summaries()));
    // The older ones again: events that they name may have gone by a line that goes now.
    const done = files.compactedMonths();
    for (const month of [...new Set([...done, ...months])].sort()) {
      files.compact(month, (event) => this.#rows.needsVisionEvent(event));
    }
  }

  #inTransaction(work: () => void): void {
    this.#database.exec("begin immediate");
    try {
      work();
      this.#database.exec("commit");
      this.#files?.keep();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("rollback");
      this.#files?.undo();
      throw error;
    }
  }

  /**
   * Inserts one entry.
   *
   * @returns What the files are to say of it, undefined when it was known already;
   * a text says why the database will never take it. Then nothing of it stays.
   */
  #tryInsert(entry: LedgerEntry | LedgerRecord): LedgerRecord | string | undefined {
    const isOne = ONE_STATEMENT.has(entry.type);
    if (!isOne) this.#database.exec("savepoint entry");
    try {
      const record = this.#rows.insert(entry);
      if (!isOne) this.#database.exec("release entry");
      return record;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!isOne) this.#database.exec("rollback to entry; release entry");
      return messageOf(error);
    }
  }
}

/** A broken constraint, or a value of a kind that no column takes. */
function isRefusal(error: unknown): boolean {
  // A RangeError is a time that no clock shows.
  if (error instanceof TypeError || error instanceof RangeError) return true;
  const { errcode } = error as { readonly errcode?: number };
  return errcode !== undefined && (errcode & 0xff) === SQLITE_CONSTRAINT;
}

/** The next records, as many as go into one transaction. */
function take(records: Iterator<LedgerRecord>): LedgerRecord[] {
  const group: LedgerRecord[] = [];
  while (group.length < LEDGER_GROUP) {
    const { done, value } = records.next();
    if (done) break;
    group.push(value);
  }
  return group;
}
