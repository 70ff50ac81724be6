/**
 * Examines batches one after the other, in the order in which they were
 * committed: the row in its chain, then the files that it names.
 *
 * @module
 */

import type { Batch } from "../model/batch.ts";
import { ChainCheck, type ChainEnd, type ChainLink } from "./chain_check.ts";
import { type Fault, faultOf } from "./fault.ts";
import type { Pace } from "./paced_read.ts";
import { verifyBatch } from "./verify_batch.ts";

/** What is asked of the index. The store answers it (store/verify_reader.ts). */
export interface ExaminedIndex {
  link(batchId: number): ChainLink | undefined;
  chainEnd(cameraId: string): ChainEnd;
  hasBatch(batch: Batch): boolean;
}

/** Where rows lie, for people. */
const DATABASE = "data/lookback.db";

export class Examiner {
  readonly #root: string;
  readonly #pace: Pace;
  readonly #chains = new Map<string, ChainCheck>();
  #index: ExaminedIndex | undefined;

  /** @param pace Told of bytes as they are read; what it throws ends an examination. */
  constructor(root: string, pace: Pace) {
    this.#root = root;
    this.#pace = pace;
  }

  /** @returns Nothing for a batch that is as it was, or that was deleted meanwhile. */
  async examine(batch: Batch, index: ExaminedIndex): Promise<Fault[]> {
    this.#index = index;
    const rows = this.#chainOf(batch.cameraId).take(batch).map(({ batchId, detail }): Fault => ({
      ...faultOf(batch, DATABASE, { kind: "row", detail }),
      ...(batchId === batch.batchId ? {} : { batchId, window: null }),
    }));
    const files = await verifyBatch(this.#root, batch, this.#pace);
    if (files.length > 0 && !index.hasBatch(batch)) return rows;
    return [...rows, ...files];
  }

  /** What is missing behind a camera's last row. */
  endOf(cameraId: string, index: ExaminedIndex): Fault[] {
    this.#index = index;
    const finding = this.#chainOf(cameraId).end(index.chainEnd(cameraId));
    if (finding === undefined) return [];
    const nowhere = { batchId: null, bytes: null, window: null, path: DATABASE };
    return [{ kind: "row", cameraId, ...nowhere, ...finding }];
  }

  #chainOf(cameraId: string): ChainCheck {
    const known = this.#chains.get(cameraId);
    if (known !== undefined) return known;
    const chain = new ChainCheck((batchId) => this.#index!.link(batchId));
    this.#chains.set(cameraId, chain);
    return chain;
  }
}
