/**
 * The last lines of the log, for a listener that comes and goes: a new one gets
 * what is kept, then what is new. What finds no room between two looks is counted.
 *
 * @module
 */

import type { LogRecordMessage } from "../../base/log.ts";

/** Lines that are kept: about what a person scrolls through, 0.3 MB. */
const KEPT = 1_000;

/** Names of values that are secrets, such as the one-time password of the first start. */
const SECRET_NAME = /password|secret/i;

export class LogTail {
  readonly #kept: LogRecordMessage[] = [];
  /** How many lines of those kept the listener has not got. */
  #fresh = 0;
  #lost = 0;

  add(record: LogRecordMessage): void {
    this.#kept.push(withoutSecrets(record));
    this.#fresh += 1;
    if (this.#kept.length <= KEPT) return;
    this.#kept.shift();
    if (this.#fresh <= KEPT) return;
    this.#fresh = KEPT;
    this.#lost += 1;
  }

  /** There is a new listener: it gets all that is kept. */
  rewind(): void {
    this.#fresh = this.#kept.length;
    this.#lost = 0;
  }

  /** What came since the last time. */
  takeNew(): { readonly records: readonly LogRecordMessage[]; readonly lost: number } {
    const records = this.#kept.slice(this.#kept.length - this.#fresh);
    const lost = this.#lost;
    this.#fresh = 0;
    this.#lost = 0;
    return { records, lost };
  }
}

function withoutSecrets(record: LogRecordMessage): LogRecordMessage {
  const names = Object.keys(record.values).filter((name) => SECRET_NAME.test(name));
  if (names.length === 0) return record;
  const values = { ...record.values };
  let { text } = record;
  for (const name of names) {
    const secret = String(values[name] ?? "");
    if (secret !== "") text = text.replaceAll(secret, "***");
    values[name] = "***";
  }
  return { ...record, text, values };
}
