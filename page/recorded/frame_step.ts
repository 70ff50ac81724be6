/**
 * Steps of single frames: where to put a player so that it shows the next frame, or
 * the one before. A step that is asked for while a seek is under way waits for its
 * picture: before that the frame on show is an old one.
 *
 * In:   a video element, the frames that it shows. Out: its `currentTime`.
 *
 * @module
 */

import { type BufferedRanges, isBuffered } from "../base/buffered.ts";

/** Assumed where nothing is known of a camera's rate. */
const USUAL_FRAME_S = 1 / 25;

/** A camera may leave frames out: so far after one the next one is looked for. */
const LONGEST_HOLE_S = 2;

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

/** What is used of a video element. */
export interface SteppedVideo {
  currentTime: number;
  readonly seeking: boolean;
  readonly paused: boolean;
  readonly buffered: BufferedRanges;
}

export class FrameStepper {
  /** What the camera is said to send; learnt better from the frames on show. */
  usualFps: number | undefined;
  readonly #length = new FrameLength();
  /** Of the frame on show; undefined where a new source shows none yet. */
  #shownS: number | undefined;
  /** A seek is under way. */
  #isSeeking = false;
  /** Frames to go once its picture shows. */
  #waiting = 0;
  /** Of a step forward: the frame it left. */
  #leftS: number | undefined;
  /** Where the player was put last. */
  #aimS = 0;
  /** Nothing was buffered for it there. */
  #isAhead = false;

  constructor(private readonly video: SteppedVideo) {}

  /** Another source: nothing of it shows yet. */
  reset(): void {
    this.#shownS = undefined;
    this.#isSeeking = true;
    this.#waiting = 0;
    this.#leftS = undefined;
  }

  seek(positionS: number): void {
    this.#waiting = 0;
    this.#leftS = undefined;
    this.#put(positionS);
  }

  step(frames: number): void {
    this.#waiting += frames;
    if (!this.#isSeeking) this.#go();
  }

  /** A frame came up. */
  shown(mediaTimeS: number): void {
    this.#shownS = mediaTimeS;
    this.#length.note(mediaTimeS);
    if (this.#isSeeking && !this.video.seeking) this.settle();
    this.buffered();
  }

  /**
   * More may be buffered. Chromium takes the first frame of what is buffered for an instant up to
   * two frames before it, and keeps it on show when the right one comes: it is put there once more.
   */
  buffered(): void {
    const { video } = this;
    if (!this.#isAhead || video.seeking) return;
    // What plays goes on from where it is.
    if (!video.paused) this.#isAhead = false;
    else if (isBuffered(video.buffered, this.#aimS)) {
      const isElsewhere = this.#isElsewhere;
      this.#isAhead = false;
      if (isElsewhere) this.#put(this.#aimS);
    }
  }

  /** The seek is over, and what it was to show shows: it may be the frame of before. */
  settle(): void {
    if (this.video.seeking || this.#shownS === undefined) return;
    this.#isSeeking = false;
    // Whoever wants to go back needs no later frame.
    if (this.#leftS === this.#shownS && this.#waiting >= 0) this.#goFurther(this.#shownS);
    else this.#go();
  }

  #go(): void {
    this.#leftS = undefined;
    const frames = this.#waiting;
    if (frames === 0 || this.#shownS === undefined) return;
    this.#waiting = 0;
    if (this.#isElsewhere) return this.#put(Math.max(0, this.#aimS + frames * this.#frameS));
    if (frames > 0) this.#leftS = this.#shownS;
    this.#put(stepTarget(this.#shownS, frames, this.#frameS));
  }

  /** It was longer than the others, or it is the last one: then the player went no further. */
  #goFurther(leftS: number): void {
    const { currentTime } = this.video;
    const isAtEnd = currentTime < this.#aimS - this.#frameS / 4;
    const nextS = currentTime + this.#frameS;
    if (isAtEnd || nextS - leftS > LONGEST_HOLE_S) this.#go();
    else this.#put(nextS);
  }

  #put(positionS: number): void {
    this.#isSeeking = true;
    this.#aimS = positionS;
    this.#isAhead = !isBuffered(this.video.buffered, positionS);
    this.video.currentTime = positionS;
  }

  /** The frame on show is a later one than the player was put to. */
  get #isElsewhere(): boolean {
    return this.#isAhead && this.#shownS !== undefined && this.#shownS > this.#aimS;
  }

  get #frameS(): number {
    const usualS = (this.usualFps ?? 0) > 0 ? 1 / this.usualFps! : USUAL_FRAME_S;
    return this.#length.seconds ?? usualS;
  }
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
