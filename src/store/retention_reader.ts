/**
 * What retention asks the database, through a read-only connection of its own:
 * sums from the tallies, batches in pages from the oldest on. No question costs
 * more because more is recorded.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { type UnixMs, unixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { BatchCursor, Candidate, LogUse, Walk } from "../model/candidates.ts";
import type { EventCursor, EventFootage } from "../model/event_retention.ts";
import { EVENT_PADDING_MS } from "../model/event_window.ts";
import type { CameraUsage } from "../model/retention.ts";
import type { TimeWindow } from "../model/window.ts";
import { readBatches } from "./batch_rows.ts";
import { openForReading } from "./database.ts";
import { LONGEST_BATCH_MS } from "./reader.ts";

type Row = Record<string, string | number | null>;

/** What a camera recorded since an instant. */
export interface RecentFootage {
  /** Recordings, stills and frame logs. */
  readonly bytes: number;
  /** Of these, bytes of batches with events. */
  readonly eventBytes: number;
  /** Start of the oldest batch that there is; null without batches. */
  readonly oldestMs: UnixMs | null;
}

/** Batches of one camera that are looked at to know how much it records. */
const SAMPLE = 500;

/** Bytes that a batch takes up. */
const BATCH_BYTES = "recording_bytes + stills_bytes + frames_bytes";

export class RetentionReader implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * @param databasePath Where the database lies, if not at its place below the root.
   *
   * @throws {OperatorError} "database-missing" or "database-unusable".
   */
  constructor(root: string, databasePath?: string) {
    this.#database = openForReading(root, databasePath);
  }

  /** What each camera's footage takes up. An open batch counts as much as the newest closed one. */
  usage(): CameraUsage[] {
    return this.#all(
      `select t.camera_id, t.recording_bytes + t.stills_bytes + t.log_bytes used,
         ifnull((select r.ended_ms is null from runs r where r.camera_id = t.camera_id
           order by r.run desc limit 1), 0) is_open,
         ifnull((select ${BATCH_BYTES} from batches b where b.batch_id = t.newest_batch_id), 0) newest
       from tallies t order by t.camera_id`,
      [],
    ).map((row) => ({
      cameraId: String(row.camera_id),
      usedBytes: Number(row.used),
      openBytes: row.is_open === 1 ? Number(row.newest) : 0,
    }));
  }

  /** A camera's next batches, with or without events, behind a place, in order of their ends. */
  oldestAfter(
    { cameraId, hasEvent }: Walk,
    after: BatchCursor | null,
    limit: number,
  ): Candidate[] {
    const { endMs, startMs, batchId } = after ?? { endMs: 0, startMs: 0, batchId: 0 };
    return this.#all(
      `select batch_id, camera_id, start_ms, end_ms, recording_bytes + stills_bytes bytes,
         recording_path, frames_path
       from batches where camera_id = ? and has_event = ?
         and (end_ms, start_ms, batch_id) > (?, ?, ?)
       order by end_ms, start_ms, batch_id limit ?`,
      [cameraId, Number(hasEvent), endMs, startMs, batchId, limit],
    ).map((row) => ({
      batchId: Number(row.batch_id),
      cameraId: String(row.camera_id),
      startMs: unixMs(Number(row.start_ms)),
      endMs: unixMs(Number(row.end_ms)),
      bytes: Number(row.bytes),
      recordingPath: String(row.recording_path),
      framesPath: String(row.frames_path),
    }));
  }

  /** What a frame log still has. Its bytes are those up to the end of its newest batch. */
  logUse(framesPath: string): LogUse {
    const [row] = this.#all(
      `select count(*) batches,
         (select frames_offset + frames_bytes from batches where frames_path = ?1
          order by batch_id desc limit 1) bytes
       from batches where frames_path = ?1`,
      [framesPath],
    );
    return { batches: Number(row?.batches ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  /** Batches by their ids, in order of their frames; ids without a row are left out. */
  batchesById(batchIds: readonly number[]): Batch[] {
    return readBatches(
      this.#database,
      `where batch_id in (select value from json_each(?)) order by camera_id, starting_frame_id`,
      [JSON.stringify(batchIds)],
    );
  }

  /** The batch that follows or precedes one in order of frames. */
  neighbour(batch: Batch, side: "before" | "behind"): Batch | undefined {
    const [is, order] = side === "before" ? ["<", "desc"] : [">", "asc"];
    return readBatches(
      this.#database,
      `where camera_id = ? and starting_frame_id ${is} ?
       order by starting_frame_id ${order} limit 1`,
      [batch.cameraId, batch.startingFrameId],
    )[0];
  }

  /** Start of a camera's oldest batch. */
  oldestMs(cameraId: string): UnixMs | null {
    const [row] = this.#all(
      `select start_ms from batches where camera_id = ? order by end_ms limit 1`,
      [cameraId],
    );
    return row === undefined ? null : unixMs(Number(row.start_ms));
  }

  /** What a camera recorded since an instant; of many batches from a sample, right to some percent. */
  recent(cameraId: string, sinceMs: UnixMs): RecentFootage {
    const since = `camera_id = ? and end_ms > ?`;
    const [all] = this.#all(`select count(*) n from batches where ${since}`, [cameraId, sinceMs]);
    const count = Number(all?.n ?? 0);
    // Ids of one camera can lie at equal distances, so they are scattered first (Knuth's
    // multiplicative hash); the index has them, and rows that are left out are not read.
    const [sample] = this.#all(
      `select total(${BATCH_BYTES}) bytes, total((${BATCH_BYTES}) * has_event) seen, count(*) n
       from batches
       where ${since} and ((batch_id * 2654435761) >> 16) % ? = 0`,
      [cameraId, sinceMs, Math.ceil(count / SAMPLE) || 1],
    );
    const sampled = Number(sample?.n ?? 0);
    const scaled = (bytes: unknown) =>
      sampled === 0 ? 0 : Math.round(Number(bytes) / sampled * count);
    return {
      bytes: scaled(sample?.bytes),
      eventBytes: scaled(sample?.seen),
      oldestMs: this.oldestMs(cameraId),
    };
  }

  /**
   * Bytes of the batches that touch windows; each counts once.
   *
   * @param windows In order of time, none touching another.
   */
  bytesIn(cameraId: string, windows: readonly TimeWindow[]): number {
    let bytes = 0;
    let countedToMs = 0;
    for (const { fromMs, toMs } of windows) {
      // A batch that reached into the window before was counted there.
      const [row] = this.#all(
        `select total(${BATCH_BYTES}) bytes from batches
         where camera_id = ?1 and end_ms > ?2 and start_ms < ?3 and start_ms >= ?4
           and end_ms <= ifnull((select n.end_ms from batches n
             where n.camera_id = ?1 and n.end_ms > ?3 and n.start_ms >= ?3
             order by n.end_ms limit 1), ?5)`,
        [cameraId, fromMs, toMs, countedToMs, Number.MAX_SAFE_INTEGER],
      );
      bytes += Number(row?.bytes ?? 0);
      countedToMs = toMs;
    }
    return bytes;
  }

  /** A camera's events that ended before an instant, in order of their starts. */
  eventsAfter(
    which: { readonly cameraId: string; readonly beforeMs: UnixMs },
    after: EventCursor | null,
    limit: number,
  ): EventFootage[] {
    const { cameraId, beforeMs } = which;
    return this.#all(
      `select event_id, start_ms, ended_ms, whole_path, crop_path, exists (
         select 1 from batches b where b.camera_id = v.camera_id and b.end_ms > v.start_ms - ?5
           and b.end_ms < v.ended_ms + ?6 and b.start_ms < v.ended_ms + ?5) has_footage
       from (select *, ifnull(end_ms, max(start_ms, best_ms + shift_ms)) ended_ms
         from vision_events where camera_id = ?1 and start_ms < ?2
           and (start_ms, event_id) > (?3, ?4)) v
       where ended_ms < ?2 order by start_ms, event_id limit ?7`,
      [
        ...[cameraId, beforeMs, after?.startMs ?? Number.MIN_SAFE_INTEGER, after?.eventId ?? ""],
        ...[EVENT_PADDING_MS, LONGEST_BATCH_MS, limit],
      ],
    ).map((row) => ({
      eventId: String(row.event_id),
      cameraId,
      startMs: unixMs(Number(row.start_ms)),
      endMs: unixMs(Number(row.ended_ms)),
      pictures: [row.whole_path, row.crop_path].filter((path) => typeof path === "string"),
      hasFootage: row.has_footage === 1,
    }));
  }

  /** Files of deleted batches and events that are still to go. */
  removals(): { readonly path: string; readonly cameraId: string }[] {
    return this.#all(`select path, camera_id from removals order by path`, [])
      .map((row) => ({ path: String(row.path), cameraId: String(row.camera_id) }));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #all(sql: string, values: readonly (string | number)[]): Row[] {
    return this.#database.prepare(sql).all(...values) as Row[];
  }
}
