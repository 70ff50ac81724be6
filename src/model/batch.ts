/**
 * A batch as the database knows it: one recording file and its frames.
 *
 * @module
 */

import type { BatchEntry } from "./ledger.ts";

export interface Batch extends Omit<BatchEntry, "type"> {
  readonly batchId: number;
  /** ISO 8601 UTC, the first frame's time. */
  readonly timestamp: string;
}
