/**
 * How long something has been silent, as far as this thread was there to hear it.
 *
 * A thread that stood still (the machine slept, the process was stopped, memory was
 * short) finds everything silent when it goes on. That silence was its own, and does not
 * count: only time in which it looked does.
 *
 * What speaks through a go-between may give last words: ffmpeg, when a camera has said nothing for
 * the whole of its patience, hands out a frame that it held. That ends no silence either.
 *
 * Pure: times come as arguments.
 *
 * @module
 */

import { type MonotonicMs, monotonicMs } from "./units.ts";

/** A look that comes later than so many times what was planned: the thread stood still. */
const STOOD_STILL = 3;

/** Last words may come in several pieces within this time, in milliseconds. */
const LAST_WORDS_MS = 500;

export interface SilenceOptions {
  /** How often is looked, in milliseconds. */
  readonly everyMs: number;
  /**
   * What is heard first after so much silence does not count, in milliseconds; all counts if not
   * given.
   */
  readonly lastWordsAfterMs?: number;
}

export class Silence {
  readonly #everyMs: number;
  readonly #lastWordsAfterMs: number;
  #heardAt: MonotonicMs;
  #lookedAt: MonotonicMs;
  /** When anything was heard last, last words too. Who never spoke has no last words. */
  #spokenAt: MonotonicMs | undefined;
  #lastWordsAt = -Infinity;

  constructor(nowMs: MonotonicMs, { everyMs, lastWordsAfterMs = Infinity }: SilenceOptions) {
    this.#everyMs = everyMs;
    this.#lastWordsAfterMs = lastWordsAfterMs;
    this.#heardAt = nowMs;
    this.#lookedAt = nowMs;
  }

  /** Something was heard, or nothing could be. */
  hear(nowMs: MonotonicMs): void {
    if (nowMs - (this.#spokenAt ?? nowMs) >= this.#lastWordsAfterMs) this.#lastWordsAt = nowMs;
    this.#spokenAt = nowMs;
    if (nowMs - this.#lastWordsAt < LAST_WORDS_MS) return;
    this.#heardAt = nowMs;
  }

  /** Looks how long it has been silent, in milliseconds. */
  look(nowMs: MonotonicMs): number {
    const betweenMs = nowMs - this.#lookedAt;
    this.#lookedAt = nowMs;
    if (betweenMs > STOOD_STILL * this.#everyMs) {
      const absentMs = betweenMs - this.#everyMs;
      const later = (atMs: MonotonicMs) => monotonicMs(Math.min(nowMs, atMs + absentMs));
      this.#heardAt = later(this.#heardAt);
      if (this.#spokenAt !== undefined) this.#spokenAt = later(this.#spokenAt);
    }
    return nowMs - this.#heardAt;
  }
}
