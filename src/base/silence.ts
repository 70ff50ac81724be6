/**
 * How long something has been silent, as far as this thread was there to hear it.
 *
 * A thread that stood still (the machine slept, the process was stopped, memory was
 * short) finds everything silent when it goes on. That silence was its own: what it
 * listens to gets its whole time again.
 *
 * Pure: times come as arguments.
 *
 * @module
 */

import type { MonotonicMs } from "./units.ts";

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
    if (nowMs - this.#lookedAt > STOOD_STILL * this.#everyMs) this.#heardAt = nowMs;
    this.#lookedAt = nowMs;
    return nowMs - this.#heardAt;
  }
}
