/**
 * A batch as the database knows it: one recording file and its frames; and the
 * chain that binds each batch to the one before it.
 *
 * @module
 */

import type { BatchEntry } from "./ledger.ts";
import type { TimeWindow } from "./window.ts";

/** `startMs` and `endMs` have `shiftMs` in them; what is written in the files has not. */
export interface Batch
  extends Omit<BatchEntry, "type" | "recordingSha256" | "framesSha256" | "stillsBytes"> {
  readonly batchId: number;
  /** ISO 8601 UTC, the first frame's time. */
  readonly timestamp: string;
  /** How far the wall clock was off while it was recorded: to be added to times in its files. */
  readonly shiftMs: number;
  /** Null for a batch that a version without hashes recorded. */
  readonly seals: BatchSeals | null;
  readonly stillsBytes: number;
}

/** What a batch's bytes were when it was closed. Each is a SHA-256 in lower-case hex. */
export interface BatchSeals {
  readonly recordingSha256: string;
  readonly framesSha256: string;
  /** The chain value of the batch that was committed before it, of the same camera. */
  readonly previousChain: string;
  readonly chain: string;
}

/** What stands for the batch before a camera's first one. */
export const FIRST_CHAIN = "0".repeat(64);

/**
 * The text whose SHA-256 is a batch's chain value: everything that a batch
 * claims, and the chain value before it. Times are as written, without a shift.
 */
export function chainText(
  batch: Pick<
    BatchEntry,
    | "cameraId"
    | "run"
    | "startingFrameId"
    | "endingFrameId"
    | "startMs"
    | "endMs"
    | "recordingSha256"
    | "framesSha256"
  >,
  previousChain: string,
): string {
  return [
    "lookback-chain-1",
    previousChain,
    batch.cameraId,
    batch.run,
    batch.startingFrameId,
    batch.endingFrameId,
    batch.startMs,
    batch.endMs,
    batch.recordingSha256,
    batch.framesSha256,
  ].join("\n");
}

/** Which batches are asked for. */
export interface BatchFilter {
  /** Null for all cameras. */
  readonly cameraId: string | null;
  /** Batches that share time with it; null for all. */
  readonly window: TimeWindow | null;
}
