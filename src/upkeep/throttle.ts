/**
 * Keeps work at a rate on the average.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";

/** Shorter waits are put off and added up: each wakes the processor, in milliseconds. */
const SHORTEST_WAIT_MS = 250;

export class Throttle {
  readonly #clock: Clock;
  /** When all that was done until now may be over, in milliseconds. */
  #dueMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits as long as this much work takes, and what was put off before.
   *
   * @throws {DOMException} "AbortError" when the signal is aborted.
   */
  async take(bytes: number, bytesPerSecond: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const now = this.#clock.monotonic();
    // Time that passed unused is not caught up: there is no burst after a pause.
    this.#dueMs = Math.max(now, this.#dueMs) + bytes * 1_000 / bytesPerSecond;
    if (this.#dueMs - now < SHORTEST_WAIT_MS) return;
    await this.#clock.sleep(this.#dueMs - now, signal);
    signal.throwIfAborted();
  }
}
