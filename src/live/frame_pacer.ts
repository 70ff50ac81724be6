/**
 * Spreads the frames of a fragment over the time in which they were made. They come
 * all at once when the fragment is whole, and a WebRTC viewer, which shows each frame
 * as soon as it has it, would leave out all but the last: 9 of 25 a second.
 *
 * In:   the frames of each fragment. Out: one after the other; the last ones at once when
 *       the next fragment comes earlier, so that nothing ever queues up.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";

/** A camera may say anything about how long a frame is; in milliseconds. */
const LONGEST_PAUSE_MS = 200;

/** A frame, and how long after it the next one is to be shown. */
export interface TimedFrame<T> {
  readonly frame: T;
  readonly durationMs: number;
}

export class FramePacer<T> {
  readonly #give: (frame: T) => void;
  readonly #clock: Clock;
  #waiting: TimedFrame<T>[] = [];
  #pacing = new AbortController();

  /** @param options `give` must return at once. */
  constructor(options: { readonly give: (frame: T) => void; readonly clock: Clock }) {
    this.#give = options.give;
    this.#clock = options.clock;
  }

  /** The frames of one fragment, in order. The first is given at once. */
  put(frames: readonly TimedFrame<T>[]): void {
    this.flush();
    this.#waiting = [...frames];
    this.#pace(this.#pacing.signal);
  }

  /** Gives what waits. */
  flush(): void {
    this.#pacing.abort();
    this.#pacing = new AbortController();
    for (const { frame } of this.#waiting.splice(0)) this.#give(frame);
  }

  /** Forgets what waits. */
  forget(): void {
    this.#waiting = [];
    this.#pacing.abort();
    this.#pacing = new AbortController();
  }

  async #pace(signal: AbortSignal): Promise<void> {
    let dueMs: number = this.#clock.monotonic();
    while (!signal.aborted) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#give(next.frame);
      if (this.#waiting.length === 0) return;
      // From when it was due, not from now: a late timer must not delay the frames behind it.
      dueMs += Math.min(next.durationMs, LONGEST_PAUSE_MS);
      await this.#clock.sleep(Math.max(0, dueMs - this.#clock.monotonic()), signal);
    }
  }
}
