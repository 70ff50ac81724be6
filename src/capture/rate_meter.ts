/**
 * Measures a rate over the last seconds out of a counter that only grows.
 *
 * Pure: times come in as arguments.
 *
 * @module
 */

import type { MonotonicMs } from "../base/units.ts";

/** Length of the stretch that is looked at, in milliseconds. */
const WINDOW_MS = 5_000;

export class RateMeter {
  #samples: { readonly atMs: MonotonicMs; readonly count: number }[] = [];

  /**
   * Takes the counter's value at a time.
   *
   * @returns Its growth per second since the oldest value of the last five seconds.
   */
  perSecond(count: number, atMs: MonotonicMs): number {
    this.#samples.push({ atMs, count });
    while (this.#samples.length > 2 && atMs - this.#samples[0]!.atMs > WINDOW_MS) {
      this.#samples.shift();
    }
    const oldest = this.#samples[0]!;
    const passedMs = atMs - oldest.atMs;
    return passedMs <= 0 ? 0 : (count - oldest.count) * 1_000 / passedMs;
  }
}
