/**
 * What this room needs to know of the database: a narrow view of the store's
 * reader, which is handed in.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { CameraEventEntry, GapCause } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";

export interface IndexedRun {
  readonly run: number;
  readonly endedMs: UnixMs | null;
  readonly endCause: GapCause | null;
}

export interface FootageIndex {
  /** Absolute. */
  readonly root: string;
  /** Batches of a camera that share time with the window, in order. */
  batchesIn(cameraId: string, window: TimeWindow): Batch[];
  /** The last batch that ends at or before an instant. */
  batchBefore(cameraId: string, atMs: UnixMs): Batch | undefined;
  /** The first batch that begins at or after an instant. */
  batchAfter(cameraId: string, atMs: UnixMs): Batch | undefined;
  /** The batch before the one that begins with `frameId`. */
  batchEndingBefore(cameraId: string, frameId: number): Batch | undefined;
  run(cameraId: string, run: number): IndexedRun | undefined;
  /** Highest frame id that a batch ever had, deleted ones included; 0 when there was none. */
  newestFrameId(cameraId: string): number;
  /** True when deletions took the piece of a camera's chain between two values. */
  isChainBreak(
    cameraId: string,
    piece: { readonly previousChain: string; readonly chain: string },
  ): boolean;
  /** Events within a window, oldest first. */
  eventsIn(cameraId: string, window: TimeWindow): CameraEventEntry[];
}
