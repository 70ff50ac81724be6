/**
 * What is said of faults: whether two are the same one, as each is said once; and
 * the fault that is the session's own.
 *
 * Pure.
 *
 * @module
 */

import type { RecorderFault } from "../media/ffmpeg_faults.ts";
import type { StopReason } from "./messages.ts";

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

/** Why a camera is not recorded any more, for people. */
export const STOP_DETAILS: Readonly<Record<StopReason, string>> = {
  stopped: "recording was stopped in good order",
  removed: "the settings no longer want the camera recorded",
};
