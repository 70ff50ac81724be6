/**
 * Collects entries for a moment and hands them over as one group: one
 * transaction, one fsync, for all cameras together.
 *
 * In:  entries of any camera. Out: calls of `commit` with a group, in order of
 * arrival; an entry's `onCommitted` runs after its group is in the database.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { MonotonicMs } from "../base/units.ts";
import type { LedgerEntry } from "../model/ledger.ts";

/** How long the first entry of a group waits for company, in milliseconds. */
const GATHER_MS = 100;

/** Pauses between tries while the database can't be written, in milliseconds. */
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000] as const;

interface Waiting {
  readonly entry: LedgerEntry;
  readonly onCommitted: () => void;
  readonly addedAt: MonotonicMs;
}

export class GroupCommit {
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  readonly #stopGathering = new AbortController();
  readonly #clock: Clock;
  readonly #commit: (entries: readonly LedgerEntry[]) => void;
  readonly #onFailure: (error: unknown) => void;

  /**
   * @param parts `commit` throws when the database can't be written now; then the
   * same group is tried again after a pause. What waits is bounded by the
   * senders, which stop at a number of unanswered entries (capture/ledger_outbox.ts).
   */
  constructor(parts: {
    readonly clock: Clock;
    readonly commit: (entries: readonly LedgerEntry[]) => void;
    readonly onFailure: (error: unknown) => void;
  }) {
    this.#clock = parts.clock;
    this.#commit = parts.commit;
    this.#onFailure = parts.onFailure;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** How long the oldest entry has been waiting, in milliseconds; 0 when none does. */
  get oldestWaitingMs(): number {
    const [oldest] = this.#waiting;
    return oldest === undefined ? 0 : this.#clock.monotonic() - oldest.addedAt;
  }

  add(entry: LedgerEntry, onCommitted: () => void): void {
    this.#waiting.push({ entry, onCommitted, addedAt: this.#clock.monotonic() });
    this.#flushing ??= this.#flushSoon();
  }

  /** Commits what waits without gathering more. Resolves when nothing waits. */
  async close(): Promise<void> {
    this.#stopGathering.abort();
    await this.#flushing;
  }

  async #flushSoon(): Promise<void> {
    await this.#clock.sleep(GATHER_MS, this.#stopGathering.signal);
    for (let failures = 0; this.#waiting.length > 0;) {
      const group = this.#waiting;
      try {
        this.#commit(group.map(({ entry }) => entry));
        this.#waiting = [];
        for (const { onCommitted } of group) onCommitted();
      } catch (error) {
        this.#onFailure(error);
        if (this.#stopGathering.signal.aborted && failures >= RETRY_MS.length) break;
        const pauseMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!;
        failures += 1;
        await this.#clock.sleep(pauseMs, new AbortController().signal);
      }
    }
    this.#flushing = undefined;
  }
}
