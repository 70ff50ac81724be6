/**
 * Questions to the database, through a read-only connection. Any number of
 * readers can ask while the writer writes.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { type UnixMs, unixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { CameraEventEntry, GapCause } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";
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

const BATCH_COLUMNS = `batch_id, camera_id, run, starting_frame_id, ending_frame_id, timestamp,
  start_ms, end_ms, frame_count, recording_path, recording_bytes,
  frames_path, frames_offset, frames_bytes`;

export class Reader implements Disposable {
  readonly #database: DatabaseSync;

  /** @throws {OperatorError} "database-missing" or "database-unusable". */
  constructor(readonly root: string) {
    this.#database = openForReading(root);
  }

  /** Batches of a camera that share time with the window, in order of time. */
  batchesIn(cameraId: string, window: TimeWindow): Batch[] {
    return this.#all(
      `select ${BATCH_COLUMNS} from batches
       where camera_id = ? and end_ms > ? and start_ms < ? order by starting_frame_id`,
      [cameraId, window.fromMs, window.toMs],
    ).map(toBatch);
  }

  /** The last batch that ends at or before an instant. */
  batchBefore(cameraId: string, atMs: UnixMs): Batch | undefined {
    return this.#all(
      `select ${BATCH_COLUMNS} from batches
       where camera_id = ? and end_ms <= ? order by end_ms desc limit 1`,
      [cameraId, atMs],
    ).map(toBatch)[0];
  }

  /** The first batch that begins at or after an instant. */
  batchAfter(cameraId: string, atMs: UnixMs): Batch | undefined {
    return this.#all(
      `select ${BATCH_COLUMNS} from batches
       where camera_id = ? and end_ms > ? and start_ms >= ? order by end_ms limit 1`,
      [cameraId, atMs, atMs],
    ).map(toBatch)[0];
  }

  /** The batch that ends with the frame before `frameId`. */
  batchEndingBefore(cameraId: string, frameId: number): Batch | undefined {
    return this.#all(
      `select ${BATCH_COLUMNS} from batches
       where camera_id = ? and starting_frame_id < ? order by starting_frame_id desc limit 1`,
      [cameraId, frameId],
    ).map(toBatch)[0];
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

  /** Highest frame id that a batch has, 0 when there is none. */
  newestFrameId(cameraId: string): number {
    const [row] = this.#all(`select max(ending_frame_id) id from batches where camera_id = ?`, [
      cameraId,
    ]);
    return Number(row?.id ?? 0);
  }

  /** Every camera that ever recorded, by id. */
  cameras(): CameraSummary[] {
    return this.#all(
      `select c.camera_id, c.name, c.source, count(b.batch_id) batches,
         total(b.frame_count) frames, total(b.recording_bytes) bytes,
         min(b.start_ms) from_ms, max(b.end_ms) to_ms, max(b.ending_frame_id) newest,
         (select r.run from runs r where r.camera_id = c.camera_id and r.ended_ms is null
          order by r.run desc limit 1) open_run
       from cameras c left join batches b using (camera_id)
       group by c.camera_id order by c.camera_id`,
      [],
    ).map(toSummary);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #all(sql: string, values: readonly (string | number)[]): Row[] {
    return this.#database.prepare(sql).all(...values) as Row[];
  }
}

function toBatch(row: Row): Batch {
  return {
    batchId: Number(row.batch_id),
    cameraId: String(row.camera_id),
    run: Number(row.run),
    startingFrameId: Number(row.starting_frame_id),
    endingFrameId: Number(row.ending_frame_id),
    timestamp: String(row.timestamp),
    startMs: unixMs(Number(row.start_ms)),
    endMs: unixMs(Number(row.end_ms)),
    frameCount: Number(row.frame_count),
    recordingPath: String(row.recording_path),
    recordingBytes: Number(row.recording_bytes),
    framesPath: String(row.frames_path),
    framesOffset: Number(row.frames_offset),
    framesBytes: Number(row.frames_bytes),
  };
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
