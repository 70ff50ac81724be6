/**
 * Puts ledger entries into the database, many in one transaction. Runs inside
 * the writer Worker, which owns the only read-write connection.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { messageOf } from "../base/errors.ts";
import { isoUtc } from "../base/units.ts";
import type { LedgerEntry } from "../model/ledger.ts";

/** A row that the database will never take, whatever is tried. */
export interface RefusedEntry {
  readonly entry: LedgerEntry;
  readonly reason: string;
}

/** Primary result code of a broken constraint (sqlite.org/rescode.html); the rest can pass. */
const SQLITE_CONSTRAINT = 19;

export class LedgerWriter {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /**
   * Commits all entries in one transaction. Where one breaks a rule of the
   * schema, the others are committed without it.
   *
   * @returns What was refused.
   *
   * @throws {Error} If the database can't be written now (locked, disk full). Nothing stays.
   */
  commit(entries: readonly LedgerEntry[]): RefusedEntry[] {
    const refused: RefusedEntry[] = [];
    this.#database.exec("begin immediate");
    try {
      for (const entry of entries) {
        const reason = this.#tryInsert(entry);
        if (reason !== undefined) refused.push({ entry, reason });
      }
      this.#database.exec("commit");
      return refused;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("rollback");
      throw error;
    }
  }

  /** Inserts one entry; returns why the database will never take it. A statement that fails leaves nothing. */
  #tryInsert(entry: LedgerEntry): string | undefined {
    try {
      insert(this.#statements, entry);
      return undefined;
    } catch (error) {
      if (isRefusal(error)) return messageOf(error);
      throw error;
    }
  }
}

/** A broken constraint, or a value of a kind that no column takes. */
function isRefusal(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  const { errcode } = error as { readonly errcode?: number };
  return errcode !== undefined && (errcode & 0xff) === SQLITE_CONSTRAINT;
}

type Statements = Record<LedgerEntry["type"] | "close-runs", StatementSync>;

// A camera sends again what a failed writer did not answer: a run or a recording
// file that is known already is not a mistake.
function prepare(database: DatabaseSync): Statements {
  return {
    "camera": database.prepare(`
      insert into cameras (camera_id, name, source, lat, lon, first_seen_ms)
      values (?, ?, ?, ?, ?, ?)
      on conflict (camera_id) do update set
        name = excluded.name, source = excluded.source, lat = excluded.lat, lon = excluded.lon`),
    "run-start": database.prepare(`
      insert into runs (camera_id, run, codec, width, height, timescale) values (?, ?, ?, ?, ?, ?)
      on conflict (camera_id, run) do nothing`),
    // A run that a crash cut off ends where its last batch ends.
    "close-runs": database.prepare(`
      update runs set end_cause = 'restart', ended_ms = coalesce(
        (select max(b.end_ms) from batches b
         where b.camera_id = runs.camera_id and b.run = runs.run), run)
      where camera_id = ? and run < ? and ended_ms is null`),
    "run-end": database.prepare(`
      update runs set ended_ms = ?, end_cause = ? where camera_id = ? and run = ?`),
    "batch": database.prepare(`
      insert into batches (camera_id, run, starting_frame_id, ending_frame_id, timestamp,
        start_ms, end_ms, frame_count, recording_path, recording_bytes,
        frames_path, frames_offset, frames_bytes)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (recording_path) do nothing`),
    "event": database.prepare(`
      insert into events (camera_id, at_ms, kind, cause, detail) values (?, ?, ?, ?, ?)`),
  };
}

function insert(statements: Statements, entry: LedgerEntry): void {
  const statement = statements[entry.type];
  switch (entry.type) {
    case "camera": {
      const { cameraId, name, source, geoLocation, atMs } = entry;
      statement.run(
        cameraId,
        name,
        source,
        geoLocation?.lat ?? null,
        geoLocation?.lon ?? null,
        atMs,
      );
      return;
    }
    case "run-start": {
      statements["close-runs"].run(entry.cameraId, entry.run);
      const { cameraId, run, codec, width, height, timescale } = entry;
      statement.run(cameraId, run, codec, width, height, timescale);
      return;
    }
    case "run-end":
      statement.run(entry.atMs, entry.cause, entry.cameraId, entry.run);
      return;
    case "batch":
      statement.run(
        entry.cameraId,
        entry.run,
        entry.startingFrameId,
        entry.endingFrameId,
        isoUtc(entry.startMs),
        entry.startMs,
        entry.endMs,
        entry.frameCount,
        entry.recordingPath,
        entry.recordingBytes,
        entry.framesPath,
        entry.framesOffset,
        entry.framesBytes,
      );
      return;
    case "event":
      statement.run(entry.cameraId, entry.atMs, entry.kind, entry.cause, entry.detail);
  }
}
