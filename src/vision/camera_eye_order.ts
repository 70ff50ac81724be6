/**
 * Puts pictures back into order: a detector answers after newer pictures were
 * looked at, and events want them one after the other.
 *
 * A picture waits for those before it that are not answered, for a while; then
 * they count as pictures that no detector looked at.
 *
 * Pure: time comes with the pictures.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box, Sight } from "../model/vision.ts";

/** A picture, and where the detector was to look; null is everywhere. */
export interface OrderedSight {
  readonly sight: Sight;
  readonly looked: readonly Box[] | null;
}

/** How long a picture is waited for, in milliseconds: a detector of 2 s has one at work and one waiting. */
export const LATE_MS = 5_000;

/** Pictures that wait, at most: 5 s at 30 a second, and some. */
const MOST_WAITING = 200;

interface Waiting {
  readonly atMs: UnixMs;
  readonly looked: readonly Box[] | null;
  /** What is known without an answer. */
  readonly unanswered: Sight;
  sight: Sight | null;
}

export class SightOrder {
  /** In the order of time. */
  readonly #waiting: Waiting[] = [];
  #releasedMs = -Infinity;

  /** A picture was looked at; its sight follows. */
  expect(unanswered: Sight, looked: readonly Box[]): void {
    this.#insert({ atMs: unanswered.atMs, looked, unanswered, sight: null });
  }

  /** Takes in what was seen in a picture. Returns all whose turn it is, in order. */
  take(sight: Sight): OrderedSight[] {
    const { atMs } = sight;
    const entry = this.#waiting.find((each) => each.atMs === atMs && each.sight === null);
    if (entry !== undefined) entry.sight = sight;
    else if (atMs > this.#releasedMs) {
      this.#insert({ atMs, looked: null, unanswered: sight, sight });
    }
    const newestMs = this.#waiting.at(-1)?.atMs ?? atMs;
    const isReady = ({ sight: answer, atMs: thenMs }: Waiting) =>
      answer !== null || newestMs - thenMs > LATE_MS || this.#waiting.length > MOST_WAITING;
    const ready: OrderedSight[] = [];
    while (this.#waiting[0] !== undefined && isReady(this.#waiting[0])) {
      ready.push(this.#release(this.#waiting.shift()!));
    }
    return ready;
  }

  /** Gives up waiting: all that is left, in order. Any time may follow. */
  drain(): OrderedSight[] {
    const rest = this.#waiting.splice(0).map((entry) => this.#release(entry));
    this.#releasedMs = -Infinity;
    return rest;
  }

  #insert(entry: Waiting): void {
    const after = this.#waiting.findLastIndex(({ atMs }) => atMs <= entry.atMs);
    this.#waiting.splice(after + 1, 0, entry);
  }

  #release({ atMs, looked, unanswered, sight }: Waiting): OrderedSight {
    this.#releasedMs = atMs;
    return { sight: sight ?? unanswered, looked };
  }
}
