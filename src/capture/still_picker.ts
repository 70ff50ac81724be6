/**
 * Chooses the frame that becomes the still of each interval: its first key
 * frame, or, where it has none, its first frame. A key frame is the cheapest to
 * decode; a still of another interval is never taken instead.
 *
 * Pure. In: frames in presentation order. Out: which frames to decode.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** A frame as the picker sees it. */
export interface PickableFrame {
  /** Start of the interval that it belongs to. */
  readonly slotMs: UnixMs;
  readonly isKey: boolean;
  /** Shown before the key frame it follows: it can't be decoded from that. */
  readonly isLeading: boolean;
}

export class StillPicker<T extends PickableFrame> {
  #slotMs: UnixMs | undefined;
  #isServed = false;
  #candidate: T | undefined;

  /** Takes the next frame; returns those that are to become stills, at most two. */
  next(frame: T): T[] {
    const chosen = frame.slotMs === this.#slotMs ? [] : this.flush();
    this.#slotMs = frame.slotMs;
    if (this.#isServed) return chosen;
    if (frame.isKey) {
      this.#isServed = true;
      this.#candidate = undefined;
      chosen.push(frame);
    } else if (!frame.isLeading) this.#candidate ??= frame;
    return chosen;
  }

  /** Ends the interval: returns its still if it had no key frame. */
  flush(): T[] {
    const chosen = this.#candidate === undefined ? [] : [this.#candidate];
    this.#candidate = undefined;
    this.#isServed = false;
    this.#slotMs = undefined;
    return chosen;
  }

  /** The frame that will be taken if the interval has no key frame. */
  get candidate(): T | undefined {
    return this.#candidate;
  }
}
