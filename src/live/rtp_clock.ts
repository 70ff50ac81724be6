/**
 * Time in RTP packets: 90,000 ticks to a second in 32 bits that start again from
 * 0 (RFC 3550, 5.1). A camera's stream begins anew at 0 with each run; RTP time
 * goes on, by about as much as passed between the two.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** Ticks per second of pictures, as RFC 6184 wants them. */
export const TICKS_PER_SECOND = 90_000;

const ALL_TICKS = 2 ** 32;

/** Between two runs time goes on by at least one frame of 25 a second … */
const SHORTEST_STEP_MS = 40;

/**
 * … and at most by this much, in milliseconds: a clock that was put right must
 * not have a player believe that packets are hours late.
 */
const LONGEST_STEP_MS = 10_000;

export class RtpClock {
  /** From the run's ticks to those of the line on which all runs lie, which never start again. */
  #offset = 0;
  #isNewRun = true;
  #last: { readonly line: number; readonly wallMs: number } | undefined;

  /** Wall time of tick 0 by the newest time, of this lap; undefined before the first one. */
  get originMs(): number | undefined {
    if (this.#last === undefined) return undefined;
    return this.#last.wallMs - wrapped(this.#last.line) * 1_000 / TICKS_PER_SECOND;
  }

  /** Wall time of time 0 of the line on which all runs lie; undefined before the first frame. */
  get lineOriginMs(): number | undefined {
    if (this.#last === undefined) return undefined;
    return this.#last.wallMs - this.#last.line * 1_000 / TICKS_PER_SECOND;
  }

  /** Where the newest frame lies on that line, in seconds; 0 before the first one. */
  get lineS(): number {
    return (this.#last?.line ?? 0) / TICKS_PER_SECOND;
  }

  /** Where time 0 of this run lies on that line, in seconds; undefined before its first frame. */
  get runStartS(): number | undefined {
    return this.#isNewRun ? undefined : this.#offset / TICKS_PER_SECOND;
  }

  /** The stream's times begin anew. */
  begin(): void {
    this.#isNewRun = true;
  }

  /**
   * @param pts Presentation time in ticks of `timescale`.
   * @param originMs Wall time of the stream's time 0.
   */
  timestamp(pts: number, timescale: number, originMs: UnixMs): number {
    const ticks = toRtpTicks(pts, timescale);
    const wallMs = originMs + pts / timescale * 1_000;
    if (this.#isNewRun) {
      this.#isNewRun = false;
      this.#offset = this.#startOfRun(wallMs) - ticks;
    }
    const line = ticks + this.#offset;
    this.#last = { line, wallMs };
    return wrapped(line);
  }

  #startOfRun(wallMs: number): number {
    const last = this.#last;
    if (last === undefined) return 0;
    const stepMs = Math.min(Math.max(wallMs - last.wallMs, SHORTEST_STEP_MS), LONGEST_STEP_MS);
    return last.line + Math.round(stepMs * TICKS_PER_SECOND / 1_000);
  }
}

/** Whole seconds apart, so that a month of a fine timescale stays exact. */
function toRtpTicks(pts: number, timescale: number): number {
  const seconds = Math.floor(pts / timescale);
  const rest = pts - seconds * timescale;
  return seconds * TICKS_PER_SECOND + Math.round(rest * TICKS_PER_SECOND / timescale);
}

/** A time of the line as RTP writes it: 32 bits that start again from 0. */
export function wrapped(ticks: number): number {
  return ((ticks % ALL_TICKS) + ALL_TICKS) % ALL_TICKS;
}

/**
 * Where an RTP time lies on the line, in seconds.
 *
 * @param timestamp In ticks of `rate`, of any lap.
 * @param near The lap is the one that comes nearest to this.
 */
export function lineSecondsOf(
  timestamp: number,
  { rate, nearS }: { readonly rate: number; readonly nearS: number },
): number {
  const lapS = ALL_TICKS / rate;
  const firstS = timestamp / rate;
  return firstS + Math.round((nearS - firstS) / lapS) * lapS;
}
