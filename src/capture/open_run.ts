/**
 * What a recorder process is in the middle of.
 *
 * @module
 */

import type { MonotonicMs } from "../base/units.ts";
import type { StreamStart } from "../media/fragment_stream.ts";
import type { RunRecorder } from "./run_recorder.ts";
import { WallClock } from "./wall_clock.ts";

/** The run that a recorder process is in. */
export interface OpenRun {
  start: StreamStart | undefined;
  recorder: RunRecorder | undefined;
  wallClock: WallClock;
  /** A step of the wall clock that waits for the next key frame, in milliseconds. */
  step?: number | undefined;
  /** Monotonic times at which the clock was learnt anew because all had been late, the newest. */
  readonly lateAtMs: MonotonicMs[];
}

/** Of a process that has not given anything yet. */
export function nothingOpen(): OpenRun {
  return { start: undefined, recorder: undefined, wallClock: new WallClock(), lateAtMs: [] };
}

/** So often within this time, in milliseconds, is no box that catches up. */
const MOST_LATE = 5;
const LATE_WITHIN_MS = 120_000;

/**
 * Notes that the clock is learnt anew because all had been late.
 *
 * @returns False when that has been so too often: the stream runs ahead by itself.
 */
export function noteLate(run: Pick<OpenRun, "lateAtMs">, nowMs: MonotonicMs): boolean {
  while (run.lateAtMs.length > 0 && nowMs - run.lateAtMs[0]! > LATE_WITHIN_MS) {
    run.lateAtMs.shift();
  }
  run.lateAtMs.push(nowMs);
  return run.lateAtMs.length < MOST_LATE;
}
