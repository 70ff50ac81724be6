/**
 * Folds a message that comes again and again into its first line and, a minute
 * later, one line with a count: a full disk must not fill the log as well.
 *
 * Pure: times come with the records.
 *
 * @module
 */

import type { LogRecordMessage } from "./log.ts";

/** How long repeats of a message are counted instead of printed, in milliseconds. */
const FOLD_MS = 60_000;

/** Different messages that are remembered; a busy box has a few dozen. */
const MAX_REMEMBERED = 1_000;

interface Remembered {
  readonly record: LogRecordMessage;
  count: number;
}

export class RepeatFold {
  readonly #remembered = new Map<string, Remembered>();

  /** Takes a record; returns what is to be printed now. Only warnings and errors are folded. */
  push(record: LogRecordMessage): LogRecordMessage[] {
    const due = this.expire(record.atMs);
    if (record.level !== "warning" && record.level !== "error") return [...due, record];
    const key = `${record.level} ${record.room} ${withoutNumbers(record.text)}`;
    const known = this.#remembered.get(key);
    if (known !== undefined) {
      known.count += 1;
      return due;
    }
    if (this.#remembered.size < MAX_REMEMBERED) this.#remembered.set(key, { record, count: 0 });
    return [...due, record];
  }

  /** Ends the counting of messages whose minute is over at a time; returns their counts as records. */
  expire(atMs: number): LogRecordMessage[] {
    const due: LogRecordMessage[] = [];
    for (const [key, { record, count }] of this.#remembered) {
      if (atMs - record.atMs < FOLD_MS) continue;
      this.#remembered.delete(key);
      if (count === 0) continue;
      const times = count === 1 ? "once more" : `${count} more times`;
      const text = `${record.text} (${times} within a minute)`;
      due.push({ ...record, text, atMs: Math.min(atMs, record.atMs + FOLD_MS) });
    }
    return due;
  }
}

/** Texts that differ in a number only (a pause, a size) are one message. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+(?:\.\d+)?/g, "#");
}
