/**
 * The index as a server keeps it: opened when it is first asked, kept open, and
 * opened anew when another database has taken its place (`lookback rebuild`, or the
 * writer that found it damaged).
 *
 * In:  the storage root. Out: a reader for as long as somebody uses it.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { logger } from "../../base/log.ts";
import { DATABASE_PATH, isDamage } from "../../store/database.ts";
import { TimelineReader } from "../../store/timeline_reader.ts";

const log = logger("web");

/** How often it is looked whether the file is still the same one, in milliseconds. */
const LOOK_MS = 1_000;

/** A reader and who uses it: it is closed when it is replaced and nobody does. */
interface Opened {
  readonly reader: TimelineReader;
  /** Which file it is; empty where the system doesn't say. */
  readonly file: string;
  users: number;
  isReplaced: boolean;
}

export class KeptIndex implements Disposable {
  readonly #root: string;
  readonly #clock: Clock;
  #opened: Opened | undefined;
  #lookedAt = -Infinity;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
  }

  /**
   * Asks the index something that takes no waiting.
   *
   * @throws {OperatorError} "database-missing" or "database-unusable".
   */
  ask<T>(question: (reader: TimelineReader) => T): T {
    const opened = this.#current();
    try {
      return question(opened.reader);
    } catch (error) {
      this.#noteFault(opened, error);
      throw error;
    }
  }

  /**
   * The same for something that waits in between: the reader stays open meanwhile.
   *
   * @throws {OperatorError} "database-missing" or "database-unusable".
   */
  async use<T>(question: (reader: TimelineReader) => Promise<T>): Promise<T> {
    const opened = this.#current();
    opened.users += 1;
    try {
      return await question(opened.reader);
    } catch (error) {
      this.#noteFault(opened, error);
      throw error;
    } finally {
      opened.users -= 1;
      closeUnused(opened);
    }
  }

  [Symbol.dispose](): void {
    this.#replace();
  }

  #current(): Opened {
    const nowMs = this.#clock.monotonic();
    if (this.#opened !== undefined && nowMs - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = nowMs;
      if (fileOf(this.#root) !== this.#opened.file) {
        log.info("The database was replaced and is opened again");
        this.#replace();
      }
    }
    if (this.#opened === undefined) {
      // The name of the file first: one that takes its place in this moment is noticed later.
      const file = fileOf(this.#root);
      const reader = new TimelineReader(this.#root);
      this.#opened = { reader, file, users: 0, isReplaced: false };
      this.#lookedAt = nowMs;
    }
    return this.#opened;
  }

  /** A damaged database is replaced by the writer: the next question opens what is there then. */
  #noteFault(opened: Opened, error: unknown): void {
    if (opened === this.#opened && isDamage(error)) this.#replace();
  }

  #replace(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    opened.isReplaced = true;
    closeUnused(opened);
  }
}

function closeUnused(opened: Opened): void {
  if (opened.isReplaced && opened.users === 0) opened.reader[Symbol.dispose]();
}

function fileOf(root: string): string {
  try {
    const { dev, ino } = Deno.statSync(join(root, DATABASE_PATH));
    return `${dev}:${ino}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
