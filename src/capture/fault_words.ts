/**
 * What is said of faults: whether two are the same one, as each is said once; and
 * the faults that are the session's own.
 *
 * Pure.
 *
 * @module
 */

import type { RecorderFault } from "../media/ffmpeg_faults.ts";
import type { StopReason } from "./messages.ts";
import type { LostReason } from "./wall_clock.ts";

/** Whether nothing differs but what may differ from try to try: seconds, sizes. */
export function isSameFault(one: RecorderFault | undefined, other: RecorderFault): boolean {
  return one !== undefined && words(one) === words(other);
}

function words({ cause, detail }: RecorderFault): string {
  return `${cause} ${detail.replaceAll(/\d+/g, "#")}`;
}

/** Recording does not go on behind a batch that could not be finished: its ids are taken. */
export const LOST: RecorderFault = {
  cause: "disk-failed",
  detail: "a batch could not be finished",
};

/** Why a camera's time is learnt anew, for people. */
export const LEARNT_ANEW: Readonly<Record<LostReason, string>> = {
  drifted: "the camera's time runs too differently from wall time; it is learnt anew",
  "learnt-late": "all that came was late when the camera's time was learnt; it is learnt anew",
};

/** A stream that gets ahead of wall time again and again. */
export const TOO_FAST: RecorderFault = {
  cause: "stream-broken",
  detail: "the camera's time runs faster than wall time",
};

/** Time stamps that are so many milliseconds further than wall time, with nothing in between. */
export function jumped(aheadMs: number): RecorderFault {
  return {
    cause: "stream-broken",
    detail: `the camera's time stamps jumped ahead by ${aheadMs} ms`,
  };
}

/** Why a camera is not recorded any more, for people. */
export const STOP_DETAILS: Readonly<Record<StopReason, string>> = {
  stopped: "recording was stopped in good order",
  removed: "the settings no longer want the camera recorded",
};
