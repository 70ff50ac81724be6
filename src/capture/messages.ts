/**
 * Messages between the main thread and the Workers that record cameras. Plain
 * data only.
 *
 * @module
 */

import type { LogRecordMessage } from "../base/log.ts";
import type { UnixMs } from "../base/units.ts";
import type { Camera } from "../model/camera.ts";
import type { GapCause } from "../model/ledger.ts";
import type { OpenHoursState } from "../model/open_hours.ts";
import type { TapKind } from "../model/tap.ts";

/** What a camera's Worker must know to record. */
export interface CaptureSettings {
  /** Absolute. */
  readonly root: string;
  /** The id of the storage root (host/root_identity.ts). */
  readonly rootIdentity: string;
  readonly camera: Camera;
  readonly batchDurationMs: number;
  readonly fragmentMs: number;
  readonly stills: { readonly everyMs: number; readonly quality: number } | null;
  readonly ffmpegPath: string;
  /** Highest frame id that the database knows, 0 when it knows none. */
  readonly newestFrameId: number;
  /** Newest run that the database knows, 0 when it knows none. */
  readonly newestRun: number;
  /** End of the newest footage that the database knows, 0 when it knows none. */
  readonly newestFootageMs: number;
  /** What the session before left unfinished and nobody could mend. */
  readonly openHours: OpenHoursState;
}

/** The line to the writer comes with "start", as `event.ports[0]`. */
export type ToCamera =
  | { readonly type: "start"; readonly settings: CaptureSettings }
  /** The writer was started again; the new line comes as `event.ports[0]`. */
  | { readonly type: "writer" }
  /** Somebody watches the stream; the tap comes as `event.ports[0]` (model/tap.ts). */
  | { readonly type: "tap"; readonly kind: TapKind }
  /** Room is being made for all: write nothing until "room" comes. */
  | { readonly type: "no-room" }
  /** Footage was deleted, or none may be. */
  | { readonly type: "room" }
  /** Finish the open batch, wait until everything is committed, answer "stopped". */
  | { readonly type: "stop"; readonly reason: StopReason };

/** Why a camera is told to stop: the program ends (or takes new settings), or no settings want it. */
export type StopReason = "stopped" | "removed";

/** "waiting" is for the camera, "paused" for the disk. */
export type CameraState =
  | "starting"
  | "recording"
  | "waiting"
  | "paused"
  | "ended"
  | "stopped";

/** A camera's state, once a second and at each change. */
export interface CameraStatus {
  readonly cameraId: string;
  readonly state: CameraState;
  /** Why it is not recording; null while it is. */
  readonly cause: GapCause | null;
  readonly detail: string;
  /** Measured over the last seconds, by the frames' own time stamps. */
  readonly fps: number;
  readonly bitsPerSecond: number;
  /** Since the Worker began. */
  readonly frames: number;
  readonly batches: number;
  readonly bytes: number;
  readonly stills: number;
  readonly stillsLost: number;
  readonly lastStillMs: UnixMs | null;
  /** How often the recorder was started again. */
  readonly restarts: number;
  /** Rows that the writer has not committed yet. */
  readonly rowsPending: number;
  /** Rows that found no room while the writer did not answer; their files are on disk. */
  readonly rowsRefused: number;
  /** Fragments' bytes that wait to be written. */
  readonly queuedBytes: number;
}

export type FromCamera =
  | { readonly type: "status"; readonly status: CameraStatus }
  /** The disk is full: older footage has to go at once. */
  | { readonly type: "need-room" }
  /** The camera can't go on in this Worker; the supervisor starts another. */
  | { readonly type: "failed"; readonly reason: string }
  /** After "stop": everything is on disk and committed. */
  | { readonly type: "stopped"; readonly status: CameraStatus };

/** A Worker has one camera or several: each message says whose it is. */
export interface ToWorker {
  readonly cameraId: string;
  readonly message: ToCamera;
}

export type FromWorker =
  | { readonly type: "camera"; readonly cameraId: string; readonly message: FromCamera }
  | { readonly type: "log"; readonly record: LogRecordMessage };
