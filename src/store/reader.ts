/**
 * Questions to the database, through a read-only connection. Any number of
 * readers can ask while the writer writes.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { type UnixMs, unixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { CameraEventEntry, CheckEntry, GapCause } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";
import { readBatches } from "./batch_rows.ts";
import { openForReading } from "./database.ts";

type Row = Record<string, string | number | null>;

/** What is recorded of one camera, in sum. */
export interface CameraSummary {
  readonly cameraId: string;
  readonly name: string;
  readonly source: string;
  readonly batches: number;
  readonly frames: number;
  readonly recordingBytes: number;
  /** First frame's time and last frame's end; null when nothing is recorded. */
  readonly recorded: TimeWindow | null;
  readonly newestFrameId: number | null;
  /** The run that is being recorded, or that was cut off by a crash; null when the last run ended. */
  readonly openRun: number | null;
}

export interface Run {
  readonly run: number;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly timescale: number;
  readonly endedMs: UnixMs | null;
  readonly endCause: GapCause | null;
}

/** The newest result of a kind of test, and how many there were. */
export interface CheckSummary {
  readonly cameraId: string;
  readonly kind: CheckEntry["kind"];
  readonly atMs: UnixMs;
  readonly ok: boolean;
  readonly detail: string;
  readonly done: number;
  readonly failed: number;
  readonly failedMs: UnixMs | null;
  readonly failure: string | null;
}

/** A batch is an hour at most, and its last GOP: bounds a search by its end, in milliseconds. */
export const LONGEST_BATCH_MS = 2 * 3_600_000;

export class Reader implements Disposable {
  protected readonly database: DatabaseSync;

  /**
   * @param databasePath Where the database lies, if not at its place below the root.
   *
   * @throws {OperatorError} "database-missing" or "database-unusable".
   */
  constructor(readonly root: string, databasePath?: string) {
    this.database = openForReading(root, databasePath);
  }

  /** Batches of a camera that share time with the window, in order of time. */
  batchesIn(cameraId: string, window: TimeWindow): Batch[] {
    return readBatches(
      this.database,
      `where camera_id = ? and end_ms > ? and end_ms < ? and start_ms < ?
       order by starting_frame_id`,
      [cameraId, window.fromMs, window.toMs + LONGEST_BATCH_MS, window.toMs],
    );
  }

  /** The last batch that ends at or before an instant. */
  batchBefore(cameraId: string, atMs: UnixMs): Batch | undefined {
    return readBatches(
      this.database,
      `where camera_id = ? and end_ms <= ? order by end_ms desc limit 1`,
      [cameraId, atMs],
    )[0];
  }

  /** The first batch that begins at or after an instant. */
  batchAfter(cameraId: string, atMs: UnixMs): Batch | undefined {
    return readBatches(
      this.database,
      `where camera_id = ? and end_ms > ? and start_ms >= ? order by end_ms limit 1`,
      [cameraId, atMs, atMs],
    )[0];
  }

  /** The batch that ends with the frame before `frameId`. */
  batchEndingBefore(cameraId: string, frameId: number): Batch | undefined {
    return readBatches(
      this.database,
      `where camera_id = ? and starting_frame_id < ? order by starting_frame_id desc limit 1`,
      [cameraId, frameId],
    )[0];
  }

  run(cameraId: string, run: number): Run | undefined {
    return this.#all(`select * from runs where camera_id = ? and run = ?`, [cameraId, run])
      .map(toRun)[0];
  }

  /** The run that was begun last. */
  newestRun(cameraId: string): Run | undefined {
    return this.#all(`select * from runs where camera_id = ? order by run desc limit 1`, [cameraId])
      .map(toRun)[0];
  }

  /** The last observation of a kind at or before an instant. */
  lastEvent(cameraId: string, atMs: UnixMs): CameraEventEntry | undefined {
    return this.#all(
      `select * from events where camera_id = ? and at_ms <= ? order by at_ms desc, event_id desc limit 1`,
      [cameraId, atMs],
    ).map(toEvent)[0];
  }

  /** Observations within a window, oldest first. */
  eventsIn(cameraId: string, window: TimeWindow): CameraEventEntry[] {
    return this.#all(
      `select * from events where camera_id = ? and at_ms >= ? and at_ms < ? order by at_ms, event_id`,
      [cameraId, window.fromMs, window.toMs],
    ).map(toEvent);
  }

  /** Highest frame id that a batch ever had, 0 when there was none. */
  newestFrameId(cameraId: string): number {
    const [row] = this.#all(`select newest_frame_id id from tallies where camera_id = ?`, [
      cameraId,
    ]);
    return Number(row?.id ?? 0);
  }

  /** End of the camera's newest footage, 0 without any. */
  newestFootageMs(cameraId: string): number {
    const [row] = this.#all(`select max(end_ms) ms from batches where camera_id = ?`, [cameraId]);
    return Number(row?.ms ?? 0);
  }

  /** Every camera that ever recorded, by id. Costs the same however much is recorded. */
  cameras(): CameraSummary[] {
    return this.#all(
      `select c.camera_id, c.name, c.source, ifnull(t.batches, 0) batches,
         ifnull(t.frames, 0) frames, ifnull(t.recording_bytes, 0) bytes,
         (select b.start_ms from batches b where b.camera_id = c.camera_id
          order by b.end_ms limit 1) from_ms,
         (select max(b.end_ms) from batches b where b.camera_id = c.camera_id) to_ms,
         t.newest_frame_id newest,
         (select r.run from runs r where r.camera_id = c.camera_id and r.ended_ms is null
          order by r.run desc limit 1) open_run
       from cameras c left join tallies t using (camera_id) order by c.camera_id`,
      [],
    ).map(toSummary);
  }

  /** The batch whose recording file has this path. */
  batchOfRecording(recordingPath: string): Batch | undefined {
    return readBatches(
      this.database,
      `where recording_path = ?`,
      [
        recordingPath,
      ],
    )[0];
  }

  /** Batches whose recordings lie in a folder, in order of their frames. */
  batchesInFolder(cameraId: string, folder: string): Batch[] {
    return readBatches(
      this.database,
      `where recording_path >= ? and recording_path < ? and +camera_id = ?
       order by starting_frame_id`,
      // "0" follows "/". The "+" keeps SQLite from reading all of the camera's rows instead.
      [`${folder}/`, `${folder}0`, cameraId],
    );
  }

  /** Batches of a camera in the order in which they were committed, from behind an id. */
  batchesAfterId(cameraId: string, batchId: number, limit: number): Batch[] {
    return readBatches(
      this.database,
      `where camera_id = ? and batch_id > ? order by batch_id limit ?`,
      [cameraId, batchId, limit],
    );
  }

  /** True when deletions took the piece of a camera's chain between two values. */
  isChainBreak(
    cameraId: string,
    piece: { readonly previousChain: string; readonly chain: string },
  ): boolean {
    return this.#all(
      `select 1 from chain_breaks where camera_id = ? and previous_chain = ? and chain = ?`,
      [cameraId, piece.previousChain, piece.chain],
    ).length > 0;
  }

  /** A camera's first batches in order of their ends: those that retention takes first. */
  oldestBatches(cameraId: string, limit: number): Batch[] {
    return readBatches(
      this.database,
      `where camera_id = ? order by end_ms limit ?`,
      [cameraId, limit],
    );
  }

  /** End of the last part of a log that a row names, in bytes; 0 without any. */
  logEnd(framesPath: string): number {
    const [row] = this.#all(
      `select max(frames_offset + frames_bytes) end from batches where frames_path = ?`,
      [framesPath],
    );
    return Number(row?.end ?? 0);
  }

  /** Files of deleted batches that are still to go. */
  removals(): { readonly path: string; readonly cameraId: string }[] {
    return this.#all(`select path, camera_id from removals order by path`, [])
      .map((row) => ({ path: String(row.path), cameraId: String(row.camera_id) }));
  }

  /** The newest tests of the footage. */
  checks(): CheckSummary[] {
    return this.#all(`select * from checks order by camera_id, kind`, []).map((row) => ({
      cameraId: String(row.camera_id),
      kind: row.kind as CheckSummary["kind"],
      atMs: unixMs(Number(row.at_ms)),
      ok: row.ok === 1,
      detail: String(row.detail),
      done: Number(row.done),
      failed: Number(row.failed),
      failedMs: row.failed_ms === null ? null : unixMs(Number(row.failed_ms)),
      failure: row.failure === null ? null : String(row.failure),
    }));
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  #all(sql: string, values: readonly (string | number)[]): Row[] {
    return this.database.prepare(sql).all(...values) as Row[];
  }
}

function toRun(row: Row): Run {
  return {
    run: Number(row.run),
    codec: String(row.codec),
    width: Number(row.width),
    height: Number(row.height),
    timescale: Number(row.timescale),
    endedMs: row.ended_ms === null ? null : unixMs(Number(row.ended_ms)),
    endCause: row.end_cause as GapCause | null,
  };
}

function toEvent(row: Row): CameraEventEntry {
  return {
    type: "event",
    cameraId: String(row.camera_id),
    atMs: unixMs(Number(row.at_ms)),
    untilMs: row.until_ms === null ? null : unixMs(Number(row.until_ms)),
    kind: row.kind as CameraEventEntry["kind"],
    cause: row.cause as GapCause | null,
    detail: String(row.detail),
  };
}

function toSummary(row: Row): CameraSummary {
  return {
    cameraId: String(row.camera_id),
    name: String(row.name),
    source: String(row.source),
    batches: Number(row.batches),
    frames: Number(row.frames),
    recordingBytes: Number(row.bytes),
    recorded: row.from_ms === null
      ? null
      : { fromMs: unixMs(Number(row.from_ms)), toMs: unixMs(Number(row.to_ms)) },
    newestFrameId: row.newest === null ? null : Number(row.newest),
    openRun: row.open_run === null ? null : Number(row.open_run),
  };
}
