/**
 * What a recorder process is in the middle of.
 *
 * @module
 */

import type { StreamStart } from "../media/fragment_stream.ts";
import type { RunRecorder } from "./run_recorder.ts";
import type { WallClock } from "./wall_clock.ts";

/** The run that a recorder process is in. */
export interface OpenRun {
  start: StreamStart | undefined;
  recorder: RunRecorder | undefined;
  wallClock: WallClock;
  /** A step of the wall clock that waits for the next key frame, in milliseconds. */
  step?: number | undefined;
}
