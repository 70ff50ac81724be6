/**
 * Keeps work at a rate on the average.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";

export class Throttle {
  readonly #clock: Clock;
  /** When all that was done until now may be over, in milliseconds. */
  #dueMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits as long as this much work takes.
   *
   * @throws {DOMException} "AbortError" when the signal is aborted.
   */
  async take(bytes: number, bytesPerSecond: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const now = this.#clock.monotonic();
    // Time that passed unused is not caught up: there is no burst after a pause.
    this.#dueMs = Math.max(now, this.#dueMs) + bytes * 1_000 / bytesPerSecond;
    await this.#clock.sleep(this.#dueMs - now, signal);
    signal.throwIfAborted();
  }
}
