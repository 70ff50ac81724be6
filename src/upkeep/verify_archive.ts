/**
 * Verifies an archive, or a part of it, from the oldest row to the newest: every
 * row in its chain, every byte of every file. Rows are read in pages, so an
 * archive of a million batches needs no more memory than a small one.
 *
 * Not here: what is examined (examiner.ts), the slow round in the background (scrub.ts).
 *
 * @module
 */

import type { Batch, BatchFilter } from "../model/batch.ts";
import { type ExaminedIndex, Examiner } from "./examiner.ts";
import type { Fault } from "./fault.ts";
import { bytesOf } from "./verify_batch.ts";

/** What is asked of the index. The store answers it (store/verify_reader.ts). */
export interface VerifyIndex extends ExaminedIndex {
  page(
    filter: BatchFilter,
    place: { readonly afterId: number; readonly toId: number; readonly limit: number },
  ): readonly Batch[];
  totals(filter: BatchFilter): { readonly batches: number; readonly bytes: number };
  newestBatchId(): number;
  /** Cameras that ever had a batch. */
  cameraIds(): readonly string[];
}

export interface ArchiveSummary {
  readonly batches: number;
  readonly bytes: number;
  readonly faults: number;
  /** Batches that a version without hashes recorded: of these only the structure is known. */
  readonly unhashed: number;
}

export interface VerifyProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Rows that are read at once; each has about 1 kB. */
const PAGE = 200;

/**
 * @param options `onFault` hears of each fault as it is found.
 *
 * @throws {DOMException} "AbortError" when `signal` is aborted.
 */
export async function verifyArchive(
  index: VerifyIndex,
  options: {
    readonly root: string;
    readonly filter: BatchFilter;
    readonly signal: AbortSignal;
    readonly onFault: (fault: Fault) => void;
    readonly onProgress: (progress: VerifyProgress) => void;
  },
): Promise<ArchiveSummary> {
  const { root, filter, signal, onFault, onProgress } = options;
  const { bytes: totalBytes } = index.totals(filter);
  let doneBytes = 0;
  const examiner = new Examiner(root, (readBytes) => {
    signal.throwIfAborted();
    onProgress({ doneBytes: doneBytes += readBytes, totalBytes });
  });
  const sum = { batches: 0, bytes: 0, faults: 0, unhashed: 0 };
  const report = (faults: readonly Fault[]) => {
    sum.faults += faults.length;
    faults.forEach(onFault);
  };
  // What is recorded from now on would never let it end.
  const toId = index.newestBatchId();
  for (const batch of batchesIn(index, filter, toId)) {
    const beganAt = doneBytes;
    report(await examiner.examine(batch, index));
    sum.bytes += doneBytes - beganAt;
    sum.batches += 1;
    if (batch.seals === null) sum.unhashed += 1;
    // A file that is missing counts as read, so that the bar reaches its end.
    doneBytes = beganAt + bytesOf(batch);
  }
  if (filter.window === null) {
    const cameraIds = filter.cameraId === null ? index.cameraIds() : [filter.cameraId];
    for (const cameraId of cameraIds) report(examiner.endOf(cameraId, index));
  }
  return sum;
}

function* batchesIn(index: VerifyIndex, filter: BatchFilter, toId: number): Generator<Batch> {
  let afterId = 0;
  while (true) {
    const page = index.page(filter, { afterId, toId, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    afterId = last.batchId;
  }
}
