/**
 * Says why footage is missing, out of what was observed: runs and events. What
 * was not observed is called unknown, not guessed.
 *
 * Pure.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { CameraEventEntry, GapCause } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";
import type { IndexedRun } from "./footage_index.ts";

export interface ExplainedGap {
  readonly window: TimeWindow;
  readonly cause: GapCause;
  readonly detail: string;
}

/** What is known around a gap. */
export interface GapSurroundings {
  readonly nowMs: UnixMs;
  /** The run that the footage before the gap belongs to. */
  readonly runBefore: IndexedRun | undefined;
  /** The run that the footage after the gap belongs to. */
  readonly runAfter: IndexedRun | undefined;
  /** Events from the gap's start to its end, oldest first, and those just before it. */
  readonly events: readonly CameraEventEntry[];
  /** True while a Lookback records this root. */
  readonly isRecording: boolean;
}

/** Explains one gap. */
export function explainGap(window: TimeWindow, around: GapSurroundings): ExplainedGap {
  const { runBefore, runAfter, isRecording } = around;
  const explained = (cause: GapCause, detail: string) => ({ window, cause, detail });
  if (window.fromMs >= around.nowMs) return explained("future", "this time has not come yet");
  if (runBefore === undefined) {
    return explained("before-first-recording", "nothing was recorded before this time");
  }
  if (runBefore.run === runAfter?.run) {
    return explained("frames-lost", "the stream went on, but these frames never arrived");
  }
  const isOpen = runBefore.endedMs === null;
  if (isOpen && runAfter === undefined && isRecording) {
    return explained(
      "not-yet-closed",
      "the batch is being recorded and can be exported once it is closed",
    );
  }
  const observed = around.events.findLast(({ cause, kind }) => cause !== null && kind !== "online");
  if (observed?.cause) return explained(observed.cause, observed.detail);
  if (isOpen) return explained("restart", "the recorder ended without closing its last batch");
  if (runBefore.endCause === "stopped") {
    return runAfter === undefined
      ? explained("stopped", "recording was stopped")
      : explained("restart", "recording was stopped and started again");
  }
  return explained(runBefore.endCause ?? "unknown", "the camera's stream ended");
}
