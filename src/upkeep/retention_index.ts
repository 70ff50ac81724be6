/**
 * What retention needs to know of the index. The store answers it
 * (store/retention_reader.ts); src/app hands it in.
 *
 * @module
 */

import type { Batch } from "../model/batch.ts";
import type { BatchCursor, Candidate, LogUse, Walk } from "../model/candidates.ts";
import type { EventCursor, EventFootage } from "../model/event_retention.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import type { CameraUsage } from "../model/retention.ts";
import type { UnixMs } from "../base/units.ts";

/** A view of the index; opened for one pass, because a damaged database is replaced. */
export interface RetentionIndex extends Disposable {
  usage(): readonly CameraUsage[];
  oldestAfter(walk: Walk, after: BatchCursor | null, limit: number): readonly Candidate[];
  logUse(framesPath: string): LogUse;
  /** In order of camera and frames. */
  batchesById(batchIds: readonly number[]): readonly Batch[];
  /** The next batch in order of frames. */
  neighbour(batch: Batch, side: "before" | "behind"): Batch | undefined;
  /** Start of a camera's oldest batch. */
  oldestMs(cameraId: string): UnixMs | null;
  /** A camera's events that ended before an instant, in order of their starts. */
  eventsAfter(
    which: { readonly cameraId: string; readonly beforeMs: UnixMs },
    after: EventCursor | null,
    limit: number,
  ): readonly EventFootage[];
  removals(): readonly { readonly path: string; readonly cameraId: string }[];
}

/** Hands an entry to the writer; resolves when it is committed. */
export type SendEntry = (entry: LedgerEntry) => Promise<void>;
