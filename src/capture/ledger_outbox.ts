/**
 * A camera's line to the writer: numbers entries, remembers how many are not
 * yet committed, and keeps the camera from running ahead without end.
 *
 * @module
 */

import type { FromWriter, LedgerEntry, ToWriter } from "../model/ledger.ts";

/**
 * Entries that may be on their way. At 10 s a batch this is over half an hour
 * of a writer that doesn't answer; what comes on top waits here, in order.
 */
const MAX_UNANSWERED = 256;

/** Entries that may wait behind those. A day of batches; then new ones are refused. */
const MAX_HELD = 8_640;

export class LedgerOutbox {
  readonly #port: MessagePort;
  readonly #held: LedgerEntry[] = [];
  #sent = 0;
  #committed = 0;
  #refused = 0;
  #wakeDrained: (() => void)[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromWriter>) => {
      this.#committed = data.sequence;
      this.#sendHeld();
      if (this.pending === 0) this.#wakeDrained.splice(0).forEach((wake) => wake());
    };
  }

  /** Entries that are not committed yet. */
  get pending(): number {
    return this.#sent - this.#committed + this.#held.length;
  }

  /** Entries that found no room. Their files are on disk; only the index lacks them. */
  get refused(): number {
    return this.#refused;
  }

  send(entry: LedgerEntry): void {
    if (this.#held.length >= MAX_HELD) {
      this.#refused += 1;
      return;
    }
    this.#held.push(entry);
    this.#sendHeld();
  }

  /** Resolves when everything is committed. */
  async drained(): Promise<void> {
    if (this.pending > 0) await new Promise<void>((wake) => this.#wakeDrained.push(wake));
  }

  close(): void {
    this.#port.close();
  }

  #sendHeld(): void {
    while (this.#held.length > 0 && this.#sent - this.#committed < MAX_UNANSWERED) {
      this.#sent += 1;
      const message: ToWriter = {
        type: "append",
        sequence: this.#sent,
        entry: this.#held.shift()!,
      };
      this.#port.postMessage(message);
    }
  }
}
