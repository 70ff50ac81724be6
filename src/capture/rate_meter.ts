/**
 * Measures rates over the last seconds: frames by the stream's own time, bytes by
 * the clock.
 *
 * Pure: times come in as arguments.
 *
 * @module
 */

import type { MonotonicMs } from "../base/units.ts";

/** Length of the stretch that is looked at, in milliseconds. */
const WINDOW_MS = 5_000;

/** The growth per second of a counter, by the clock. */
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

/** What was recorded of a stream so far. Both only grow. */
export interface StreamProgress {
  readonly frames: number;
  /** From the first frame's time stamp to the newest one's, over all runs; time between runs is left out. */
  readonly streamMs: number;
}

/**
 * Frames per second as the stream's time stamps have them: what the camera filmed,
 * whatever a header says and however unevenly the network delivers. A stream of
 * variable rate has the rate of its last five seconds.
 */
export class FrameRateMeter {
  /** Each time at which frames had come. */
  #samples: (StreamProgress & { readonly atMs: MonotonicMs })[] = [];

  /** @returns Frames per second; 0 once none has come for five seconds, or two frames' time. */
  perSecond({ frames, streamMs }: StreamProgress, atMs: MonotonicMs): number {
    const newest = this.#samples.at(-1);
    if (newest === undefined || frames > newest.frames) {
      this.#samples.push({ frames, streamMs, atMs });
    }
    while (this.#samples.length > 2 && atMs - this.#samples[1]!.atMs > WINDOW_MS) {
      this.#samples.shift();
    }
    const [oldest] = this.#samples;
    const last = this.#samples.at(-1)!;
    const passedMs = last.streamMs - oldest!.streamMs;
    if (passedMs <= 0) return 0;
    const rate = (last.frames - oldest!.frames) * 1_000 / passedMs;
    return atMs - last.atMs > Math.max(WINDOW_MS, 2_000 / rate) ? 0 : rate;
  }
}
