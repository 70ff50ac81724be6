/**
 * Spreads the frames of a fragment over the time in which they were made. They come
 * all at once when the fragment is whole, and a WebRTC viewer, which shows each frame
 * as soon as it has it, would leave some out: 15 of 25 a second were shown.
 *
 * In:   the frames of each fragment. Out: one after the other; the last ones at once when
 *       the next fragment comes earlier, so that nothing ever queues up.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";

/** A camera may say anything about how long a frame is; in milliseconds. */
const LONGEST_PAUSE_MS = 200;

/** A frame, and how long after it the next one is to be shown. */
export interface TimedFrame<T> {
  readonly frame: T;
  readonly durationMs: number;
}

export interface FramePacerParts<T> {
  /** Must return at once. Where it throws, the frame is lost to those behind it, and the log says so. */
  readonly give: (frame: T) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export class FramePacer<T> {
  readonly #parts: FramePacerParts<T>;
  #waiting: TimedFrame<T>[] = [];
  #pacing = new AbortController();

  constructor(parts: FramePacerParts<T>) {
    this.#parts = parts;
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
    const { clock } = this.#parts;
    let dueMs: number = clock.monotonic();
    while (!signal.aborted) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#give(next.frame);
      if (this.#waiting.length === 0) return;
      // From when it was due, not from now: a late timer must not delay the frames behind it.
      dueMs += Math.min(next.durationMs, LONGEST_PAUSE_MS);
      await clock.sleep(Math.max(0, dueMs - clock.monotonic()), signal);
    }
  }

  #give(frame: T): void {
    try {
      this.#parts.give(frame);
    } catch (error) {
      // Nobody awaits the frames that come later: thrown there, it would end the whole Worker.
      this.#parts.log.error("Cannot give a frame: {reason}", { reason: messageOf(error) });
    }
  }
}
