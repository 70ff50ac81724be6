/**
 * Keeps a live picture near its newest frame: how fast to play, and when to jump.
 *
 * What counts is how much is left to show when the next piece comes: with nothing left
 * the picture stands, and whatever else is left is delay. The least that was left in the
 * last seconds is held at a small target. So neither the length of pieces nor how
 * unevenly they come has to be known.
 *
 * In:   what is buffered, where the picture is, what time it is, all in seconds.
 * Out:  a rate, and for a large lag a position.
 *
 * Pure: time comes as argument.
 *
 * @module
 */

import type { BufferedRanges } from "../base/buffered.ts";

export interface BufferState {
  /** By a clock that never jumps. */
  readonly nowS: number;
  readonly positionS: number;
  /** Where what is buffered around or after the position begins and ends. */
  readonly startS: number;
  readonly endS: number;
  /** How much shall be left when a piece comes. */
  readonly spareS: number;
}

export interface Steering {
  readonly rate: number;
  /** Undefined: play on from where it is. */
  readonly seekS: number | undefined;
}

/** From here on catching up by playing faster would take many seconds. */
const JUMP_S = 0.8;

/** This much too much is caught up with; less would hunt forever. */
const SLACK_S = 0.04;

/** About a piece: what is left before the first one was waited for. */
const PIECE_S = 0.15;

/** A piece that is this much nearer to the clock than all before it: they were kept ones. */
const FRESHER_S = 0.05;

/** People don't notice these changes of speed, and sound keeps its pitch. */
const CATCH_UP_RATE = 1.1;
const FALL_BACK_RATE = 0.97;

/** When a piece came, by how far the one before it reached beyond the clock. */
interface Arrival {
  readonly nowS: number;
  readonly leadS: number;
}

export class LagKeeper {
  readonly #memoryS: number;
  #arrivals: Arrival[] = [];
  #endS = 0;
  /** The most by which a piece has reached beyond the clock when it came. */
  #freshestS = -Infinity;
  #rate = 1;

  /** @param memoryS How long a late piece is remembered, in seconds. */
  constructor(memoryS: number) {
    this.#memoryS = memoryS;
  }

  /** What to do now. Called after every piece that comes. */
  steer(state: BufferState): Steering {
    const { nowS, positionS, startS, endS, spareS } = state;
    this.#remember(nowS, endS);
    const tooMuchS = this.#leftS(state) - spareS;
    if (positionS < startS || tooMuchS > JUMP_S) {
      this.#rate = 1;
      return { rate: 1, seekS: Math.min(endS, Math.max(startS, positionS + tooMuchS)) };
    }
    this.#rate = rateFor(tooMuchS, { spareS, before: this.#rate });
    return { rate: this.#rate, seekS: undefined };
  }

  #remember(nowS: number, endS: number): void {
    const [endBeforeS, freshS] = [this.#endS, endS - nowS];
    this.#endS = endS;
    const isFresher = freshS > this.#freshestS + FRESHER_S;
    this.#freshestS = Math.max(this.#freshestS, freshS);
    // In the beginning comes what was kept, as fast as it can: none of that was late.
    if (isFresher) this.#arrivals = [];
    else this.#arrivals.push({ nowS, leadS: endBeforeS - nowS });
    while (this.#arrivals.length > 1 && this.#arrivals[0]!.nowS < nowS - this.#memoryS) {
      this.#arrivals.shift();
    }
  }

  /** The least that would have been left lately, had the picture been as far as it is now. */
  #leftS({ nowS, positionS, endS }: BufferState): number {
    if (this.#arrivals.length === 0) return endS - positionS - PIECE_S;
    return Math.min(...this.#arrivals.map(({ leadS }) => leadS)) + nowS - positionS;
  }
}

/** A change of speed goes on until the target is met. */
function rateFor(
  tooMuchS: number,
  { spareS, before }: { readonly spareS: number; readonly before: number },
): number {
  if (tooMuchS > SLACK_S || (before > 1 && tooMuchS > 0)) return CATCH_UP_RATE;
  if (tooMuchS < -spareS / 2 || (before < 1 && tooMuchS < 0)) return FALL_BACK_RATE;
  return 1;
}

/** What is buffered may lie in pieces: the newest one counts. Undefined while there is none. */
export function newestRange(
  ranges: BufferedRanges,
): { readonly startS: number; readonly endS: number } | undefined {
  const last = ranges.length - 1;
  return last < 0 ? undefined : { startS: ranges.start(last), endS: ranges.end(last) };
}
