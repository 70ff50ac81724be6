/**
 * Finds holes in a stream that goes on: a camera that sends nothing for seconds
 * without closing the connection, and then goes on with proper time stamps.
 *
 * A recorder can't say that a frame is missing. It gives the frame before the
 * hole a duration that reaches up to the frame after it, so that a still picture
 * of seconds would pass for footage. Such a frame is found by its neighbours, and
 * gets a length like theirs.
 *
 * One finder for each recording file: what it says then follows from the file
 * alone, and the frame log can be made again with the same durations. Another one
 * for a run tells the clock what of its time is filled.
 *
 * Pure.
 *
 * @module
 */

/** A frame may last this long without being a hole, in milliseconds: two frames at 4 fps. */
const HOLE_MS = 500;

/** A hole is so many times as long as the longest of the frames before it. */
const HOLE_FACTOR = 3;

/** Frames before it that count. A camera that slows down for good is believed after one of them. */
const NEIGHBOURS = 8;

/** With fewer frames before it nobody can say what is usual. */
const FEWEST_NEIGHBOURS = 2;

/** A frame's length without the hole behind it. In ticks. */
export interface FrameLength {
  readonly duration: number;
  /** How long nothing came after it; 0 in an unbroken stream. */
  readonly holeTicks: number;
}

export class FrameHoles {
  readonly #holeTicks: number;
  readonly #before: number[] = [];

  /** @param timescale Ticks per second. */
  constructor(timescale: number) {
    this.#holeTicks = HOLE_MS * timescale / 1_000;
  }

  /**
   * Judges the next frame, in decode order.
   *
   * @param duration Ticks from its decode time to the next frame's, as its fragment has it.
   */
  take(duration: number): FrameLength {
    const before = this.#before;
    const isHole = before.length >= FEWEST_NEIGHBOURS && duration > this.#holeTicks &&
      duration > HOLE_FACTOR * Math.max(...before);
    const usual = isHole ? before.at(-1)! : duration;
    before.push(duration);
    if (before.length > NEIGHBOURS) before.shift();
    return { duration: usual, holeTicks: duration - usual };
  }

  /** Time that the next frames fill, without the holes behind them. In ticks. */
  filled(frames: readonly { readonly duration: number }[]): number {
    return frames.reduce((sum, { duration }) => sum + this.take(duration).duration, 0);
  }
}
