/**
 * A camera's line to the writer: numbers entries, keeps each until it is
 * committed, sends again what a failed writer did not answer, and keeps the
 * camera from running ahead without end.
 *
 * @module
 */

import type { FromWriter, LedgerEntry, ToWriter } from "../model/ledger.ts";

/** Entries that may be on their way at once; those behind them wait here, in order. */
const MAX_UNANSWERED = 256;

/**
 * Entries that are kept. At 10 s a batch this is a day of a writer that doesn't
 * answer; then new ones are refused.
 */
const MAX_KEPT = 8_640;

export class LedgerOutbox {
  #port: MessagePort;
  /** Entries that are not committed, oldest first; the first `#sent` of them are on their way. */
  readonly #kept: LedgerEntry[] = [];
  #sent = 0;
  #committed = 0;
  #refused = 0;
  #wakeDrained: (() => void)[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    this.#listen(port);
  }

  /** Entries that are not committed yet. */
  get pending(): number {
    return this.#kept.length;
  }

  /** Entries that found no room. Their files are on disk; only the index lacks them. */
  get refused(): number {
    return this.#refused;
  }

  send(entry: LedgerEntry): void {
    if (this.#kept.length >= MAX_KEPT) {
      this.#refused += 1;
      return;
    }
    this.#kept.push(entry);
    this.#sendMore();
  }

  /** Goes on with another writer: what was not answered is sent again. */
  reconnect(port: MessagePort): void {
    this.#port.close();
    this.#port = port;
    this.#sent = 0;
    this.#listen(port);
    this.#sendMore();
  }

  /** Resolves when everything is committed. */
  async drained(): Promise<void> {
    if (this.pending > 0) await new Promise<void>((wake) => this.#wakeDrained.push(wake));
  }

  close(): void {
    this.#port.close();
  }

  #listen(port: MessagePort): void {
    port.onmessage = ({ data }: MessageEvent<FromWriter>) => {
      // An answer of a writer that was given up may still come in.
      if (port !== this.#port) return;
      const newly = data.sequence - this.#committed;
      this.#kept.splice(0, newly);
      this.#sent -= newly;
      this.#committed = data.sequence;
      this.#sendMore();
      if (this.pending === 0) this.#wakeDrained.splice(0).forEach((wake) => wake());
    };
  }

  #sendMore(): void {
    while (this.#sent < this.#kept.length && this.#sent < MAX_UNANSWERED) {
      const entry = this.#kept[this.#sent]!;
      this.#sent += 1;
      const message: ToWriter = {
        type: "append",
        sequence: this.#committed + this.#sent,
        entry,
      };
      this.#port.postMessage(message);
    }
  }
}
