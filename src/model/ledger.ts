/**
 * What cameras tell the writer, and what the database keeps of it: runs,
 * batches and events. Plain data only, because it crosses Workers.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { GeoLocation } from "./camera.ts";

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
}

/** Something observed about a camera that explains footage or its absence. */
export interface CameraEventEntry {
  readonly type: "event";
  readonly cameraId: string;
  readonly atMs: UnixMs;
  readonly kind: "offline" | "online" | "clock-step" | "frames-lost";
  readonly cause: GapCause | null;
  /** For people; without secrets. */
  readonly detail: string;
}

export type LedgerEntry =
  | CameraEntry
  | RunStartEntry
  | RunEndEntry
  | BatchEntry
  | CameraEventEntry;

/** Why footage is missing, as far as it was observed. */
export const GAP_CAUSES = [
  "camera-unreachable",
  "camera-refused",
  "camera-stalled",
  "stream-ended",
  "stream-broken",
  "recorder-failed",
  "disk-failed",
  "clock-step",
  "restart",
  "stopped",
  "not-yet-closed",
  "future",
  "before-first-recording",
  "frames-lost",
  "recording-missing",
  "recording-damaged",
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
