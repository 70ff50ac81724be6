/**
 * Opens the ledger, files and database, in whatever state a crash, a person or a
 * bad disk left it: a database that is missing or damaged is made again from the
 * ledger files, what only the files have is taken over.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { Logger } from "../base/log.ts";
import type { UnixMs } from "../base/units.ts";
import { messageOf } from "../base/errors.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import { DATABASE_PATH, isDamage, openForWriting } from "./database.ts";
import { LedgerFiles } from "./ledger_files.ts";
import { LedgerWriter, type RefusedEntry } from "./ledger_writer.ts";
import { replaceDatabase } from "./rebuild.ts";

export interface LedgerParts {
  readonly root: string;
  readonly now: () => UnixMs;
  readonly log: Logger;
}

export class Ledger implements Disposable {
  readonly #parts: LedgerParts;
  #database: DatabaseSync;
  #writer: LedgerWriter;

  /** @throws {OperatorError} "database-unusable". */
  constructor(parts: LedgerParts) {
    this.#parts = parts;
    const isMissing = !isFile(join(parts.root, DATABASE_PATH));
    if (isMissing && !new LedgerFiles(parts.root, parts.now).isEmpty) this.#replace("is missing");
    [this.#database, this.#writer] = this.#open();
  }

  /**
   * Commits entries. A database that turns out to be damaged is made again first.
   *
   * @throws {Error} If it can't be written now (locked, disk full). Nothing stays.
   */
  commit(entries: readonly LedgerEntry[]): RefusedEntry[] {
    try {
      return this.#writer.commit(entries);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#database.close();
      this.#replace(messageOf(error));
      [this.#database, this.#writer] = this.#open();
      return this.#writer.commit(entries);
    }
  }

  /** Lets go of ledger files that nothing needs. */
  prune(): void {
    this.#writer.prune();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #open(): [DatabaseSync, LedgerWriter] {
    try {
      return this.#openAsItIs();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#replace(messageOf(error));
      return this.#openAsItIs();
    }
  }

  #openAsItIs(): [DatabaseSync, LedgerWriter] {
    const { root, now, log } = this.#parts;
    const database = openForWriting(root);
    try {
      const writer = new LedgerWriter(database, new LedgerFiles(root, now));
      const caughtUp = writer.catchUp();
      if (caughtUp > 0) {
        log.warning("Took {count} entries of the ledger files over into the database", {
          count: caughtUp,
        });
      }
      return [database, writer];
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #replace(reason: string): void {
    const { root, now, log } = this.#parts;
    log.error("The database is made again from the ledger files: {reason}", { reason });
    const { keptAs } = replaceDatabase(root, now);
    if (keptAs !== null) log.error("The damaged database is kept as {path}", { path: keptAs });
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
