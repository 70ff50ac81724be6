/**
 * What a look at recorded footage can find wrong: which file, where in it, and
 * what time of footage that is.
 *
 * @module
 */

import { isoUtc, type UnixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { TimeWindow } from "../model/window.ts";

/**
 * - "recording-…", "frames-…": the recording file, the batch's part of the frame log;
 * - "…-missing": there is no file; "…-short", "…-long": it is not as long as its row says;
 * - "…-damaged": bytes are not those that were written; "…-unreadable": the disk gives an error;
 * - "label": the file says that it is other footage than its row says;
 * - "row": the row itself, or its place in the camera's chain.
 */
export type FaultKind =
  | "recording-missing"
  | "recording-short"
  | "recording-long"
  | "recording-damaged"
  | "recording-unreadable"
  | "label"
  | "frames-missing"
  | "frames-short"
  | "frames-damaged"
  | "frames-unreadable"
  | "row";

/** Bytes of a file; the end is excluded. */
export interface ByteRange {
  readonly fromByte: number;
  readonly toByte: number;
}

export interface Fault {
  readonly kind: FaultKind;
  readonly cameraId: string;
  /** Null for rows that are not there any more. */
  readonly batchId: number | null;
  /** Relative to the storage root; the database for a row. */
  readonly path: string;
  /** Null where the file as a whole is meant. */
  readonly bytes: ByteRange | null;
  /** Wall time of the footage that is touched, a shift of the clock added; null where unknown. */
  readonly window: TimeWindow | null;
  /** For people: what is wrong there. */
  readonly detail: string;
}

/** What a part of a batch found, before it is known whose batch it is. */
export type Finding = Pick<Fault, "kind" | "detail"> & Partial<Pick<Fault, "bytes" | "window">>;

/** A finding becomes a fault of a batch; what it doesn't say is the whole batch. */
export function faultOf(batch: Batch, path: string, finding: Finding): Fault {
  const { cameraId, batchId, startMs, endMs } = batch;
  const window = finding.window ?? { fromMs: startMs, toMs: endMs };
  return { bytes: null, ...finding, cameraId, batchId, path, window };
}

/** A fault on one line, for logs: place, time, what. */
export function faultText({ path, bytes, window, detail, batchId, cameraId }: Fault): string {
  const place = bytes === null ? "" : `, bytes ${bytes.fromByte} to ${bytes.toByte - 1}`;
  const of = batchId === null ? `camera ${cameraId}` : `batch ${batchId} of ${cameraId}`;
  const time = window === null ? "" : `, ${isoUtc(window.fromMs)} to ${isoUtc(window.toMs)}`;
  return `${path}${place} (${of}${time}): ${detail}`;
}

/** A window that lies in a batch, whatever its bytes claim. */
export function withinBatch(
  { startMs, endMs }: Batch,
  window: { readonly fromMs: number; readonly toMs: number },
): TimeWindow {
  const clamp = (atMs: number) => Math.round(Math.min(Math.max(atMs, startMs), endMs)) as UnixMs;
  const fromMs = clamp(window.fromMs);
  return { fromMs, toMs: clamp(Math.max(fromMs, window.toMs)) };
}
