/**
 * What was seen of one camera lately, so that the boxes drawn are those of the
 * frame on show.
 *
 * @module
 */

import type { Sight } from "../api/news.ts";

/** Ten seconds at ten looks a second: more than any player lags. */
const MOST_SIGHTS = 100;

/** An older sight tells nothing of the frame on show: what moved is elsewhere. */
const LONGEST_AGE_MS = 1_000;

/** Wall times are learnt, not exact: a sight may be this much later than its own frame seems. */
const TOLERANCE_MS = 40;

export class SightShelf {
  #sights: Sight[] = [];

  /** Sights come in order of time. */
  add(sight: Sight): void {
    this.#sights.push(sight);
    if (this.#sights.length > MOST_SIGHTS) this.#sights.shift();
  }

  /**
   * What belongs to the frame of a wall time: the newest sight at or before it.
   * Without a time, where the player can't tell it: the newest of all.
   *
   * @param nowMs By the server's clock.
   */
  at(frameMs: number | undefined, nowMs: number): Sight | undefined {
    const untilMs = frameMs === undefined ? Infinity : frameMs + TOLERANCE_MS;
    const sight = this.#sights.findLast(({ atMs }) => atMs <= untilMs);
    if (sight === undefined) return undefined;
    return (frameMs ?? nowMs) - sight.atMs > LONGEST_AGE_MS ? undefined : sight;
  }
}
