/**
 * Where to put a player so that it shows the next frame, or the one before.
 *
 * @module
 */

/** Assumed where nothing is known of a camera's rate. */
const USUAL_FRAME_S = 1 / 25;

/**
 * The middle of the frame that is `frames` away from the one on show: players round
 * differently at a frame's edges.
 *
 * @param shownS Presentation time of the frame on show.
 */
export function stepTarget(shownS: number, frames: number, frameS: number | undefined): number {
  const lengthS = frameS ?? USUAL_FRAME_S;
  return Math.max(0, shownS + (frames + 0.5) * lengthS);
}

/**
 * The length of a frame, learnt from the times of those on show. Frames may be left
 * out at speed, so the shortest distance of late counts.
 */
export class FrameLength {
  #distances: number[] = [];
  #lastS: number | undefined;

  note(mediaTimeS: number): void {
    const distanceS = mediaTimeS - (this.#lastS ?? NaN);
    this.#lastS = mediaTimeS;
    // Beyond a second it was a seek.
    if (!(distanceS > 0.002 && distanceS < 1)) return;
    this.#distances.push(distanceS);
    if (this.#distances.length > 50) this.#distances.shift();
  }

  get seconds(): number | undefined {
    return this.#distances.length === 0 ? undefined : Math.min(...this.#distances);
  }
}
