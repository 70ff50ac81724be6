/**
 * Verifying the archive as the command uses it: joins the index and the files.
 *
 * @module
 */

import type { BatchFilter } from "../model/batch.ts";
import type { Fault } from "../upkeep/fault.ts";
import {
  type ArchiveSummary,
  verifyArchive,
  type VerifyProgress,
} from "../upkeep/verify_archive.ts";
import { VerifyReader } from "../store/verify_reader.ts";
import { type IndexPlace, openIndexWith } from "./open_index.ts";

/**
 * Reads everything that a filter names again.
 *
 * @throws {OperatorError} "database-missing" or "database-unusable".
 * @throws {DOMException} "AbortError" when `signal` is aborted.
 */
export async function verifyRecorded(
  place: IndexPlace,
  options: {
    readonly filter: BatchFilter;
    readonly signal: AbortSignal;
    readonly onFault: (fault: Fault) => void;
    readonly onProgress: (progress: VerifyProgress) => void;
  },
): Promise<ArchiveSummary> {
  using index = openIndexWith(place, (root, path) => new VerifyReader(root, path));
  return await verifyArchive(index, { ...options, root: place.root });
}
