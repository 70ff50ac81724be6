/**
 * The newest frames of a run by presentation time: what is seen in a frame is
 * known some time after its line was written.
 *
 * @module
 */

import type { Frame } from "../model/frame.ts";

/** A minute at 30 frames a second: what comes later than that is of no use to anybody. */
const MOST = 1_800;

type Known = Pick<Frame, "frameId" | "atMs" | "pts">;

export class RecentFrames {
  readonly #ring: (Known | undefined)[] = Array.from({ length: MOST }, () => undefined);
  readonly #places = new Map<number, number>();
  #next = 0;

  add({ frameId, atMs, pts }: Known): void {
    const oldest = this.#ring[this.#next];
    if (oldest !== undefined) this.#places.delete(oldest.pts);
    this.#ring[this.#next] = { frameId, atMs, pts };
    this.#places.set(pts, this.#next);
    this.#next = (this.#next + 1) % MOST;
  }

  /** The frame with this presentation time, in ticks; undefined when it is not among the newest. */
  at(pts: number): Known | undefined {
    const place = this.#places.get(pts);
    return place === undefined ? undefined : this.#ring[place];
  }
}
