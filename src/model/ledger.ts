/**
 * What the writer is told, and what the database keeps of it: cameras, runs,
 * batches, events, what was seen, deletions, repairs and checks. Plain data only,
 * because it crosses Workers.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { GeoLocation } from "./camera.ts";
import type { VisionEvent } from "./vision.ts";

/** A camera as it was set up when recording began. The source is without its password. */
export interface CameraEntry {
  readonly type: "camera";
  readonly cameraId: string;
  readonly name: string;
  readonly source: string;
  readonly geoLocation: GeoLocation | null;
  readonly atMs: UnixMs;
}

/**
 * An unbroken stream of one camera: one recorder process, one line of stream
 * time, one relation to wall time.
 */
export interface RunStartEntry {
  readonly type: "run-start";
  readonly cameraId: string;
  /** Wall time at which it began; unique and growing within the camera. */
  readonly run: number;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Ticks per second of the video's stream time. */
  readonly timescale: number;
}

export interface RunEndEntry {
  readonly type: "run-end";
  readonly cameraId: string;
  readonly run: number;
  readonly atMs: UnixMs;
  readonly cause: GapCause;
}

/** A closed batch: one recording file, whole and synced before this is sent. */
export interface BatchEntry {
  readonly type: "batch";
  readonly cameraId: string;
  readonly run: number;
  readonly startingFrameId: number;
  readonly endingFrameId: number;
  /** Wall time of the first frame. */
  readonly startMs: UnixMs;
  /** Wall time of the end of the last frame, excluded. */
  readonly endMs: UnixMs;
  readonly frameCount: number;
  /** Relative to the storage root. */
  readonly recordingPath: string;
  readonly recordingBytes: number;
  /** The JSON log that holds the batch's frames, and where in it. Relative to the root. */
  readonly framesPath: string;
  readonly framesOffset: number;
  readonly framesBytes: number;
  /** SHA-256 of the recording file and of the batch's part of the log, in lower-case hex. */
  readonly recordingSha256: string;
  readonly framesSha256: string;
  /** Bytes of stills written since the batch before was closed. */
  readonly stillsBytes: number;
}

/**
 * What an event says:
 * - "started", "stopped", "removed": since when a camera is to be recorded, until
 *   when, and that its settings no longer want it recorded;
 * - "offline", "online": the camera gives no stream, or gives one again;
 * - "frames-lost": footage between `atMs` and `untilMs` is missing;
 * - "clock-step": the wall clock was set.
 */
export type CameraEventKind =
  | "started"
  | "stopped"
  | "removed"
  | "offline"
  | "online"
  | "frames-lost"
  | "clock-step";

/** Something observed about a camera that explains footage or its absence. */
export interface CameraEventEntry {
  readonly type: "event";
  readonly cameraId: string;
  readonly atMs: UnixMs;
  /** End of what was observed, where it is a stretch of time; excluded. */
  readonly untilMs: UnixMs | null;
  readonly kind: CameraEventKind;
  readonly cause: GapCause | null;
  /** For people; without secrets. */
  readonly detail: string;
}

/**
 * The wall clock was wrong while a run was recorded. Its times in the index move
 * by `shiftMs`; recording files and frame log keep what was written.
 */
export interface RunShiftEntry {
  readonly type: "run-shift";
  readonly cameraId: string;
  readonly run: number;
  /** What is to be added to the times that were written. Replaces an earlier shift of the run. */
  readonly shiftMs: number;
}

/** Why a batch was let go. */
export type DeletionCause = "age" | "size" | "free-space" | "disk-full" | "recording-missing";

/**
 * Batches whose rows go, and the files that go once that is committed. An
 * interrupted deletion is finished at the next start.
 */
export interface DeletionEntry {
  readonly type: "deletion";
  readonly cameraId: string;
  readonly atMs: UnixMs;
  readonly cause: DeletionCause;
  readonly batchIds: readonly number[];
  /** Relative to the storage root. */
  readonly files: readonly string[];
}

/** Files of a deletion that are gone from the disk. */
export interface RemovedEntry {
  readonly type: "removed";
  readonly cameraId: string;
  readonly files: readonly string[];
  /** Bytes of frame logs among them. */
  readonly logBytes: number;
}

/** Something that a crash had left, and what was done about it. */
export interface RepairEntry {
  readonly type: "repair";
  /** Empty for what belongs to no camera. */
  readonly cameraId: string;
  readonly atMs: UnixMs;
  readonly kind:
    | "tail-cut"
    | "row-made"
    | "recording-removed"
    | "log-cut"
    | "log-completed"
    | "row-removed"
    | "file-removed";
  /** Relative to the storage root. */
  readonly path: string;
  /** For people. */
  readonly detail: string;
}

/** What a test of the footage found: the newest result of each kind is kept for each camera. */
export interface CheckEntry {
  readonly type: "check";
  readonly cameraId: string;
  readonly atMs: UnixMs;
  /** "canary": a piece was cut and decoded; "scrub": files were read again and compared. */
  readonly kind: "canary" | "scrub";
  readonly ok: boolean;
  /** For people: what was tested, or what is wrong. */
  readonly detail: string;
}

/**
 * Something that was seen. Sent when it begins, while it goes on and when it has
 * ended, each time all of it: the newest one counts. Once it has ended, one that
 * has not is old news and changes nothing.
 */
export interface VisionEventEntry extends VisionEvent {
  readonly type: "vision-event";
}

/** Vision events whose rows go, and their pictures, which go once that is committed. */
export interface VisionDeletionEntry {
  readonly type: "vision-deletion";
  readonly cameraId: string;
  readonly atMs: UnixMs;
  readonly eventIds: readonly string[];
  /** Relative to the storage root. */
  readonly files: readonly string[];
}

export type LedgerEntry =
  | CameraEntry
  | RunStartEntry
  | RunEndEntry
  | BatchEntry
  | CameraEventEntry
  | RunShiftEntry
  | DeletionEntry
  | RemovedEntry
  | RepairEntry
  | CheckEntry
  | VisionEventEntry
  | VisionDeletionEntry;

/** Why footage is missing, as far as it was observed. */
export const GAP_CAUSES = [
  "camera-unreachable",
  "camera-refused",
  "camera-stalled",
  "stream-ended",
  "stream-broken",
  "recorder-failed",
  "disk-failed",
  "disk-full",
  "disk-missing",
  "clock-step",
  "restart",
  "stopped",
  "not-yet-closed",
  "future",
  "before-first-recording",
  "frames-lost",
  "recording-missing",
  "recording-damaged",
  "deleted",
  "unknown",
] as const;

export type GapCause = typeof GAP_CAUSES[number];

/** Entries to the writer, numbered so that they can be acknowledged. */
export interface ToWriter {
  readonly type: "append";
  readonly sequence: number;
  readonly entry: LedgerEntry;
}

/** The writer's answer: everything up to `sequence` is committed (or was refused with a reason). */
export interface FromWriter {
  readonly type: "committed";
  readonly sequence: number;
}
