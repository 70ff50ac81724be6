/**
 * Puts frames from decode order into the order in which they are shown, as
 * early as that is certain. Streams without B-frames pass through at once (but
 * for the first frame, which waits for the second); with B-frames a frame waits
 * for the next reference frame.
 *
 * Pure.
 *
 * @module
 */

/** What must be known of a frame; times in ticks. */
export interface Orderable {
  readonly dts: number;
  readonly pts: number;
  readonly isKey: boolean;
}

export class PresentationOrder<T extends Orderable> {
  #held: T[] = [];
  #highestPts = -Infinity;
  /** Distance between showing and decoding that every frame has while nothing is reordered. */
  #usualShift: number | undefined;
  #reorders = false;

  /**
   * Takes the next frame in decode order.
   *
   * @returns The frames that are certain now, in presentation order.
   */
  push(frame: T): T[] {
    const shift = frame.pts - frame.dts;
    if (this.#usualShift === undefined) {
      // The stream may begin with pictures that are shown before its key frame.
      this.#usualShift = shift;
      this.#highestPts = frame.pts;
      this.#held.push(frame);
      return [];
    }
    this.#reorders ||= shift !== this.#usualShift;
    // What was shown before a key frame was also sent before it.
    const sure = frame.isKey || !this.#reorders ? this.flush() : [];
    if (!this.#reorders) return [...sure, frame];
    // A frame that is shown later than all before it ends their group: encoders
    // send the B-frames between two reference frames before the next of those.
    if (frame.pts > this.#highestPts) {
      sure.push(...this.flush());
      this.#highestPts = frame.pts;
    }
    this.#held.push(frame);
    return sure;
  }

  /** All frames that are still held, in presentation order. For the end of a stream. */
  flush(): T[] {
    const rest = this.#held.toSorted((one, other) => one.pts - other.pts);
    this.#held = [];
    return rest;
  }
}
