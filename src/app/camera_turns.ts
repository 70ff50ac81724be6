/**
 * Finds in the states that cameras report again and again the ones that are news:
 * no stream any more, a stream again, not to be recorded.
 *
 * Pure: times come with the states.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { CameraState, CameraStatus } from "../capture/messages.ts";
import type { CameraEventEntry, CameraEventKind } from "../model/ledger.ts";

export class CameraTurns {
  readonly #states = new Map<string, CameraState>();

  /** The event that a state is; undefined where it is none, or the same as before. */
  take(status: CameraStatus, atMs: UnixMs): CameraEventEntry | undefined {
    const { cameraId, state, cause, detail } = status;
    if (this.#states.get(cameraId) === state) return undefined;
    this.#states.set(cameraId, state);
    const kind = kindOf(state);
    if (kind === undefined) return undefined;
    return { type: "event", cameraId, atMs, untilMs: null, kind, cause, detail };
  }
}

function kindOf(state: CameraState): CameraEventKind | undefined {
  switch (state) {
    case "recording":
      return "online";
    case "waiting":
    case "paused":
      return "offline";
    case "stopped":
    case "ended":
      return "stopped";
    case "starting":
      return undefined;
  }
}
