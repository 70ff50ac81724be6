/**
 * Time in RTP packets: 90,000 ticks to a second in 32 bits that start again from
 * 0 (RFC 3550, 5.1). A camera's stream begins anew at 0 with each run; RTP time
 * goes on, by about as much as passed between the two.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** Ticks per second, as RFC 6184 wants them. */
const TICKS_PER_SECOND = 90_000;

const ALL_TICKS = 2 ** 32;

/** Between two runs time goes on by at least one frame of 25 a second … */
const SHORTEST_STEP_MS = 40;

/**
 * … and at most by this much, in milliseconds: a clock that was put right must
 * not have a player believe that packets are hours late.
 */
const LONGEST_STEP_MS = 10_000;

export class RtpClock {
  #offset = 0;
  #isNewRun = true;
  #last: { readonly timestamp: number; readonly wallMs: number } | undefined;

  /** Wall time of tick 0 by the newest time, of this lap; undefined before the first one. */
  get originMs(): number | undefined {
    if (this.#last === undefined) return undefined;
    return this.#last.wallMs - this.#last.timestamp * 1_000 / TICKS_PER_SECOND;
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
    const timestamp = wrapped(ticks + this.#offset);
    this.#last = { timestamp, wallMs };
    return timestamp;
  }

  #startOfRun(wallMs: number): number {
    const last = this.#last;
    if (last === undefined) return 0;
    const stepMs = Math.min(Math.max(wallMs - last.wallMs, SHORTEST_STEP_MS), LONGEST_STEP_MS);
    return last.timestamp + Math.round(stepMs * TICKS_PER_SECOND / 1_000);
  }
}

/** Whole seconds apart, so that a month of a fine timescale stays exact. */
function toRtpTicks(pts: number, timescale: number): number {
  const seconds = Math.floor(pts / timescale);
  const rest = pts - seconds * timescale;
  return seconds * TICKS_PER_SECOND + Math.round(rest * TICKS_PER_SECOND / timescale);
}

function wrapped(ticks: number): number {
  return ((ticks % ALL_TICKS) + ALL_TICKS) % ALL_TICKS;
}
