/**
 * A recording that has no row: what it says of itself, and the row that it gets.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { InitSegment } from "../media/init_segment.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import type { BatchEntry, RunStartEntry } from "../model/ledger.ts";
import { type RecordedFrames, recordedFrames } from "./recorded_frames.ts";
import { type RecordingScan, scanRecording } from "./recording_scan.ts";

/** A recording without a row that has frames. */
export interface Orphan {
  readonly path: string;
  readonly scan: RecordingScan & { readonly label: RecordingLabel; readonly init: InitSegment };
  readonly recorded: RecordedFrames;
}

/** A recording without a row: one that can get a row, or why it can't. */
export type Examined =
  | { readonly type: "orphan"; readonly orphan: Orphan }
  /** `wholeBytes`: how far it can be read; undefined where it could not be opened at all. */
  | {
    readonly type: "unreadable";
    readonly reason: string;
    readonly wholeBytes: number | undefined;
  }
  /** Another part of Lookback, or a person, took it away meanwhile. */
  | { readonly type: "gone" };

/** @param path Relative to the root. */
export function examineRecording(root: string, path: string): Examined {
  try {
    const scan = scanRecording(join(root, path));
    const { label, init, fragments } = scan;
    const samples = fragments.flatMap(({ video }) => video);
    if (label === undefined) {
      return { type: "unreadable", reason: "it has no label of Lookback", wholeBytes: 0 };
    }
    if (init === undefined || samples.length === 0) {
      const reason = scan.fault ?? "it has no whole fragment";
      return { type: "unreadable", reason, wholeBytes: scan.wholeBytes };
    }
    const recorded = recordedFrames({ label, init }, samples);
    return { type: "orphan", orphan: { path, scan: { ...scan, label, init }, recorded } };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { type: "gone" };
    return { type: "unreadable", reason: messageOf(error), wholeBytes: undefined };
  }
}

/** What a recording's row says of its bytes on the disk. */
export type PlacedBytes = Pick<
  BatchEntry,
  | "recordingBytes"
  | "recordingSha256"
  | "framesPath"
  | "framesOffset"
  | "framesBytes"
  | "framesSha256"
  | "stillsBytes"
>;

/** The row of a recording, and that of the run which it is part of. */
export function rowsOf(
  { path, scan, recorded }: Orphan,
  placed: PlacedBytes,
): { readonly start: RunStartEntry; readonly batch: BatchEntry } {
  const { label: { cameraId, run }, init: { video } } = scan;
  const { codec, width, height, timescale } = video;
  const { frames, endMs } = recorded;
  return {
    start: { type: "run-start", cameraId, run, codec, width, height, timescale },
    batch: {
      type: "batch",
      cameraId,
      run,
      startingFrameId: frames[0]!.frameId,
      endingFrameId: frames.at(-1)!.frameId,
      startMs: frames[0]!.atMs,
      endMs,
      frameCount: frames.length,
      recordingPath: path,
      ...placed,
    },
  };
}
