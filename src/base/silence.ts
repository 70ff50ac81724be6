/**
 * How long something has been silent, as far as this thread was there to hear it.
 *
 * A thread that stood still (the machine slept, the process was stopped, memory was
 * short) finds everything silent when it goes on. That silence was its own, and does not
 * count: only time in which it looked does.
 *
 * Pure: times come as arguments.
 *
 * @module
 */

import { type MonotonicMs, monotonicMs } from "./units.ts";

/** A look that comes later than so many times what was planned: the thread stood still. */
const STOOD_STILL = 3;

export class Silence {
  readonly #everyMs: number;
  #heardAt: MonotonicMs;
  #lookedAt: MonotonicMs;

  /** @param everyMs How often is looked, in milliseconds. */
  constructor(nowMs: MonotonicMs, everyMs: number) {
    this.#everyMs = everyMs;
    this.#heardAt = nowMs;
    this.#lookedAt = nowMs;
  }

  /** Something was heard, or nothing could be. */
  hear(nowMs: MonotonicMs): void {
    this.#heardAt = nowMs;
  }

  /** Looks how long it has been silent, in milliseconds. */
  look(nowMs: MonotonicMs): number {
    const betweenMs = nowMs - this.#lookedAt;
    this.#lookedAt = nowMs;
    if (betweenMs > STOOD_STILL * this.#everyMs) {
      this.#heardAt = monotonicMs(Math.min(nowMs, this.#heardAt + betweenMs - this.#everyMs));
    }
    return nowMs - this.#heardAt;
  }
}
