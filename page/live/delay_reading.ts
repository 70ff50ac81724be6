/**
 * How late a live picture is, out of how late its frames were: nothing until that is
 * known. The first frames after a join are no measure: they come out of what was kept
 * for it, and a player first finds its distance. Pure.
 *
 * @module
 */

/** Frames that count: of so long, in milliseconds. */
const WINDOW_MS = 2_000;

/** From the first frame on until something is told, in milliseconds. */
const KNOWN_AFTER_MS = 1_000;

/**
 * No way from a camera takes less: a frame must be whole before it can go. So read, the
 * frames' times are not right yet: a recorder learns them in its first seconds.
 */
const LEAST_MS = 50;

/** For what is only reckoned: browsers tell means over all since the join. */
const RECKONED_AFTER_MS = 5_000;

interface Note {
  readonly delayMs: number;
  readonly atMs: number;
}

export interface Delay {
  readonly delayMs: number;
  /** It is reckoned from what waits in the browser, not read off the frames' times. */
  readonly isEstimate: boolean;
}

export class DelayReading {
  #firstMs: number | undefined;
  #read: Note[] = [];
  #reckoned: Note[] = [];

  /**
   * A frame came up.
   *
   * @param delayMs By its wall time; undefined where that is not known.
   * @param reckonedMs What the player reckons then.
   */
  note(delayMs: number | undefined, reckonedMs: number | undefined, atMs: number): void {
    this.#firstMs ??= atMs;
    if (delayMs !== undefined) this.#read.push({ delayMs, atMs });
    else if (reckonedMs !== undefined) this.#reckoned.push({ delayMs: reckonedMs, atMs });
    this.#read = within(this.#read, atMs);
    this.#reckoned = within(this.#reckoned, atMs);
  }

  /** Null while it is not known. */
  at(nowMs: number): Delay | null {
    const sinceMs = nowMs - (this.#firstMs ?? nowMs);
    const read = medianMs(this.#read);
    if (read !== undefined && read < LEAST_MS) return null;
    if (read !== undefined) {
      return sinceMs < KNOWN_AFTER_MS ? null : { delayMs: read, isEstimate: false };
    }
    const reckoned = medianMs(this.#reckoned);
    if (reckoned === undefined || sinceMs < RECKONED_AFTER_MS) return null;
    return { delayMs: reckoned, isEstimate: true };
  }
}

function within(notes: readonly Note[], nowMs: number): Note[] {
  return notes.filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
}

function medianMs(notes: readonly Note[]): number | undefined {
  const sorted = notes.map(({ delayMs }) => delayMs).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
