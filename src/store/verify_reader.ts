/**
 * What verifying asks the database, through a read-only connection of its own:
 * batches in the order in which they were committed, page by page, and how each
 * hangs in its camera's chain.
 *
 * The order of ids is that of the table itself, so a page costs its own length;
 * an index would have to be sorted for each. The plus signs keep SQLite from one
 * (sqlite.org/optoverview.html, "unary +").
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { type Batch, type BatchFilter, FIRST_CHAIN } from "../model/batch.ts";
import { openForReading } from "./database.ts";
import { readBatches } from "./batch_rows.ts";

type Row = Record<string, string | number | null>;

/** What lies before a batch in its camera's chain; the value is FIRST_CHAIN where nothing does. */
interface LinkRow {
  readonly beforeId: number | null;
  readonly beforeChain: string;
  /** True when deletions took what lay between. */
  readonly isBreak: boolean;
}

/** The newest batch with hashes, and the newest chain value that was ever given. */
interface EndRow {
  readonly lastId: number | null;
  readonly lastChain: string;
  readonly newestChain: string | null;
  readonly isBreak: boolean;
}

const WANTED = `(?1 is null or +camera_id = ?1) and +end_ms > ?2 and +start_ms < ?3`;

export class VerifyReader implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * @param databasePath Where the database lies, if not at its place below the root.
   *
   * @throws {OperatorError} "database-missing" or "database-unusable".
   */
  constructor(root: string, databasePath?: string) {
    this.#database = openForReading(root, databasePath);
  }

  /** The next batches behind an id, up to one, in order of ids. */
  page(
    filter: BatchFilter,
    place: { readonly afterId: number; readonly toId: number; readonly limit: number },
  ): Batch[] {
    return readBatches(
      this.#database,
      `where ${WANTED} and batch_id > ?4 and batch_id <= ?5 order by batch_id limit ?6`,
      [...filterValues(filter), place.afterId, place.toId, place.limit],
    );
  }

  /** How much there is to read. Looks at every row once: a million take half a second. */
  totals(filter: BatchFilter): { readonly batches: number; readonly bytes: number } {
    const [row] = this.#all(
      `select count(*) batches, total(recording_bytes + frames_bytes) bytes
       from batches where ${WANTED}`,
      filterValues(filter),
    );
    return { batches: Number(row?.batches ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  newestBatchId(): number {
    const [row] = this.#all(`select max(batch_id) id from batches`, []);
    return Number(row?.id ?? 0);
  }

  /** Cameras that ever had a batch. */
  cameraIds(): string[] {
    return this.#all(`select camera_id from tallies order by camera_id`, [])
      .map((row) => String(row.camera_id));
  }

  /** Whether the batch is still there: it may have been deleted meanwhile. */
  hasBatch({ batchId, recordingPath }: Batch): boolean {
    return this.#all(`select 1 from batches where batch_id = ? and recording_path = ?`, [
      batchId,
      recordingPath,
    ]).length > 0;
  }

  /** How a batch hangs in the chain at this moment; undefined when it is gone. */
  link(batchId: number): LinkRow | undefined {
    const [row] = this.#all(
      `select before_id, ifnull(before.chain, ?2) before_chain,
         exists (select 1 from chain_breaks k where k.camera_id = this.camera_id
           and k.previous_chain = ifnull(before.chain, ?2)
           and k.chain = this.previous_chain) is_break
       from (select camera_id, previous_chain,
           (select p.batch_id from batches p where +p.camera_id = b.camera_id
              and p.batch_id < b.batch_id and p.chain is not null
            order by p.batch_id desc limit 1) before_id
         from batches b where batch_id = ?1) this
       left join batches before on before.batch_id = before_id`,
      [batchId, FIRST_CHAIN],
    );
    if (row === undefined) return undefined;
    return {
      beforeId: idOrNull(row.before_id),
      beforeChain: String(row.before_chain),
      isBreak: row.is_break === 1,
    };
  }

  /** How a camera's chain ends at this moment. */
  chainEnd(cameraId: string): EndRow {
    const [row] = this.#all(
      `select last_id, ifnull(last.chain, ?2) last_chain, newest_chain,
         exists (select 1 from chain_breaks k where k.camera_id = ?1
           and k.previous_chain = ifnull(last.chain, ?2) and k.chain = newest_chain) is_break
       from (select t.chain newest_chain,
           (select b.batch_id from batches b where b.camera_id = t.camera_id
              and b.chain is not null order by +b.batch_id desc limit 1) last_id
         from tallies t where t.camera_id = ?1)
       left join batches last on last.batch_id = last_id`,
      [cameraId, FIRST_CHAIN],
    );
    return {
      lastId: idOrNull(row?.last_id),
      lastChain: String(row?.last_chain ?? FIRST_CHAIN),
      newestChain: typeof row?.newest_chain === "string" ? row.newest_chain : null,
      isBreak: row?.is_break === 1,
    };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #all(sql: string, values: readonly (string | number | null)[]): Row[] {
    return this.#database.prepare(sql).all(...values) as Row[];
  }
}

function filterValues({ cameraId, window }: BatchFilter): (string | number | null)[] {
  return [cameraId, window?.fromMs ?? -1, window?.toMs ?? Number.MAX_SAFE_INTEGER];
}

function idOrNull(value: string | number | null | undefined): number | null {
  return typeof value === "number" ? value : null;
}
