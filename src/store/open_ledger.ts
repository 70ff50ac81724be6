/**
 * Opens the ledger, files and database, in whatever state a crash, a person or a
 * bad disk left it: a database that is missing or damaged is made again from the
 * ledger files, what only the files have is taken over.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { isFileSync } from "../host/files.ts";
import type { Logger } from "../base/log.ts";
import type { UnixMs } from "../base/units.ts";
import { messageOf } from "../base/errors.ts";
import { requireRootSync } from "../host/root_identity.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import { DATABASE_PATH, isDamage, openForWriting } from "./database.ts";
import { LedgerFiles } from "./ledger_files.ts";
import { LedgerWriter, type RefusedEntry } from "./ledger_writer.ts";
import { replaceDatabase } from "./rebuild.ts";

export interface LedgerParts {
  readonly root: string;
  /** The id of the storage root (host/root_identity.ts). */
  readonly identity: string;
  readonly now: () => UnixMs;
  readonly log: Logger;
  /** Called before the database is made again, which can take minutes. */
  readonly onReplace?: () => void;
}

export class Ledger implements Disposable {
  readonly #parts: LedgerParts;
  #database: DatabaseSync | undefined;
  #writer: LedgerWriter | undefined;

  /** @throws {OperatorError} "database-unusable". */
  constructor(parts: LedgerParts) {
    this.#parts = parts;
    [this.#database, this.#writer] = this.#open();
  }

  /**
   * Commits entries. A database that turns out to be damaged is made again first.
   *
   * @throws {Error} If it can't be written now (locked, disk full or gone). Nothing
   * stays; the next call opens the database anew, as the disk may have been mounted again.
   */
  commit(entries: readonly LedgerEntry[]): RefusedEntry[] {
    this.#reopen();
    try {
      return this.#writer!.commit(entries);
    } catch (error) {
      this.#close();
      if (!isDamage(error)) throw error;
      this.#replace(messageOf(error));
      this.#reopen();
      return this.#writer!.commit(entries);
    }
  }

  #reopen(): void {
    if (this.#writer === undefined) [this.#database, this.#writer] = this.#open();
  }

  #close(): void {
    this.#writer = undefined;
    this.#database?.close();
    this.#database = undefined;
  }

  /** Makes the database again from the ledger files: a reader found it damaged. */
  renew(reason: string): void {
    this.#close();
    this.#replace(reason);
    this.#reopen();
  }

  /** Lets go of ledger files that nothing needs. One that can't be removed now stays for the next time. */
  prune(): void {
    try {
      this.#writer?.prune();
    } catch (error) {
      this.#parts.log.warning("Cannot remove ledger files of deleted batches: {reason}", {
        reason: messageOf(error),
      });
    }
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #open(): [DatabaseSync, LedgerWriter] {
    const { root, now, identity } = this.#parts;
    requireRootSync(root, identity);
    const isMissing = !isFileSync(join(root, DATABASE_PATH));
    if (isMissing && !new LedgerFiles(root, now).isEmpty) this.#replace("it is missing");
    try {
      return this.#openAsItIs();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#replace(messageOf(error));
      return this.#openAsItIs();
    }
  }

  #openAsItIs(): [DatabaseSync, LedgerWriter] {
    const { root, now, log, identity } = this.#parts;
    const database = openForWriting(root);
    try {
      const writer = new LedgerWriter(database, new LedgerFiles(root, now, identity));
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
    const { root, now, log, onReplace } = this.#parts;
    onReplace?.();
    log.error("The database is made again from the ledger files: {reason}", { reason });
    const { keptAs } = replaceDatabase(root, now);
    if (keptAs !== null) log.error("The damaged database is kept as {path}", { path: keptAs });
  }
}
