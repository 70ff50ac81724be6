/**
 * Checks rows against the chain that binds each batch to the one before it: a row
 * that was altered, taken out or put in by hand is named. What was deleted by the
 * rules of retention is no fault; the database knows what it took.
 *
 * In:   rows of one camera in the order in which they were committed, all or some;
 *       and a look at what lies before a row.
 * Out:  findings about rows.
 * Not here: the files that the rows name (verify_batch.ts).
 *
 * Pure but for that look.
 *
 * @module
 */

import { isoUtc, unixMs } from "../base/units.ts";
import { sha256OfText } from "../host/hash.ts";
import { type Batch, type BatchSeals, chainText } from "../model/batch.ts";

/** What lies before a batch in its camera's chain, at this moment. */
export interface ChainLink {
  readonly beforeId: number | null;
  /** FIRST_CHAIN (model/batch.ts) where nothing lies before it. */
  readonly beforeChain: string;
  /** True when deletions took what lay between. */
  readonly isBreak: boolean;
}

export interface ChainEnd {
  readonly lastId: number | null;
  readonly lastChain: string;
  /** The newest value that was ever given; null when there was none. */
  readonly newestChain: string | null;
  readonly isBreak: boolean;
}

/** What is wrong with a row. */
export interface RowFinding {
  readonly batchId: number;
  readonly detail: string;
}

/** A row that was seen, and the chain values that may follow it. */
interface Seen {
  readonly batchId: number;
  readonly chain: string;
  /** What its chain value should be; another one when the row was altered. */
  readonly computed: string;
}

/** The chain value that a row should have. */
export function chainOf(
  batch: Batch,
  { recordingSha256, framesSha256, previousChain }: BatchSeals,
): string {
  const written = {
    startMs: unixMs(batch.startMs - batch.shiftMs),
    endMs: unixMs(batch.endMs - batch.shiftMs),
  };
  return sha256OfText(
    chainText({ ...batch, ...written, recordingSha256, framesSha256 }, previousChain),
  );
}

/** One camera's chain, row by row. */
export class ChainCheck {
  readonly #look: (batchId: number) => ChainLink | undefined;
  #last: Seen | undefined;
  #secondLast: Seen | undefined;

  /** @param look Tells how a row hangs in the chain now; undefined when it is gone. */
  constructor(look: (batchId: number) => ChainLink | undefined) {
    this.#look = look;
  }

  take(batch: Batch): RowFinding[] {
    const { batchId, seals } = batch;
    if (seals === null) return this.#withoutHashes(batchId);
    const computed = chainOf(batch, seals);
    const isAltered = computed !== seals.chain || batch.timestamp !== isoUtc(batch.startMs);
    const findings = isAltered
      ? [{ batchId, detail: "the row was altered: it does not fit its chain value" }]
      : this.#linkFindings(batchId, seals.previousChain);
    this.#secondLast = this.#last;
    this.#last = { batchId, chain: seals.chain, computed };
    return findings;
  }

  /** What the end of the chain tells of rows that are not there any more. */
  end(end: ChainEnd): Pick<RowFinding, "detail"> | undefined {
    const { lastId, lastChain, newestChain, isBreak } = end;
    const known = [null, lastChain, this.#last?.computed];
    if (isBreak || known.includes(newestChain)) return undefined;
    const where = lastId === null ? "all of the camera's rows" : `rows behind batch ${lastId}`;
    return { detail: `${where} were taken out by hand: the chain goes on` };
  }

  /** Rows without hashes are older than all that have some. */
  #withoutHashes(batchId: number): RowFinding[] {
    const before = this.#last === undefined ? this.#look(batchId) : undefined;
    const isFirst = this.#last === undefined && (before?.beforeId ?? null) === null;
    if (isFirst) return [];
    return [{ batchId, detail: "the row has lost its hashes, or was put in by hand" }];
  }

  #linkFindings(batchId: number, previousChain: string): RowFinding[] {
    const last = this.#last;
    if (previousChain === last?.chain || previousChain === last?.computed) return [];
    // What was seen may have been deleted since, or lies outside the window that is looked at.
    const link = this.#look(batchId);
    if (link === undefined || link.isBreak || link.beforeChain === previousChain) return [];
    const isPutIn = last !== undefined && previousChain === this.#secondLast?.chain;
    if (isPutIn) {
      const detail = `the row was put in by hand: batch ${batchId} follows the one before it`;
      return [{ batchId: last.batchId, detail }];
    }
    const before = link.beforeId === null
      ? "it is the camera's first one, and the chain begins before it"
      : `it does not follow batch ${link.beforeId}`;
    const detail = `${before}: rows between were taken out by hand, or one was altered`;
    return [{ batchId, detail }];
  }
}
