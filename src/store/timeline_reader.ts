/**
 * Questions to the database that a timeline asks: where footage lies, when
 * something was seen, single batches. Of a month it reads places in time from
 * indexes alone, no rows of batches.
 *
 * @module
 */

import type { StatementSync } from "node:sqlite";
import { type UnixMs, unixMs } from "../base/units.ts";
import type { Batch } from "../model/batch.ts";
import type { TimeWindow } from "../model/window.ts";
import { readBatches } from "./batch_rows.ts";
import { EventReader } from "./event_reader.ts";
import { LONGEST_BATCH_MS } from "./reader.ts";

/** An event on a timeline. */
export interface EventMark {
  readonly eventId: string;
  readonly kind: string;
  readonly class: string | null;
  readonly startMs: UnixMs;
  readonly endMs: UnixMs | null;
  readonly score: number;
}

/** An event is a day long at most (schema.ts), in milliseconds. */
const LONGEST_EVENT_MS = 86_400_000;

/** Node's types leave the call out; SQLite as Node and Deno carry it has it. */
type ArrayStatement = StatementSync & { setReturnArrays(isEnabled: boolean): void };

type Place = readonly [number, number];

type MarkRow = readonly [string, string, string | null, number, number | null, number];

/** Ended events that share time with a window; parameters: camera, from, to + longest, to. */
const ENDED = `camera_id = ? and end_ms > ? and end_ms < ? and start_ms < ?`;

export class TimelineReader extends EventReader {
  /** The batch with an id. */
  batch(batchId: number): Batch | undefined {
    return readBatches(this.database, `where batch_id = ?`, [batchId])[0];
  }

  /** The first batch that ends after an instant: the one that spans it, or the next one. */
  batchFrom(cameraId: string, atMs: UnixMs): Batch | undefined {
    return readBatches(
      this.database,
      `where camera_id = ? and end_ms > ? order by end_ms limit 1`,
      [cameraId, atMs],
    )[0];
  }

  /**
   * Where footage lies that shares time with a window, in order; batches that touch are
   * one stretch.
   *
   * @param seamMs Holes that are shorter are none.
   */
  footageIn(cameraId: string, window: TimeWindow, seamMs: number): TimeWindow[] {
    const places = this.#arrays<Place>(
      `select start_ms, end_ms from batches
       where camera_id = ? and end_ms > ? and end_ms < ? and start_ms < ? order by end_ms`,
      [cameraId, window.fromMs, window.toMs + LONGEST_BATCH_MS, window.toMs],
    );
    return united(places, seamMs);
  }

  /** When something was seen in a window, in order; what touches is one stretch. */
  seenIn(cameraId: string, window: TimeWindow, nowMs: UnixMs): TimeWindow[] {
    const ended = this.#arrays<Place>(
      `select start_ms, end_ms from vision_events where ${ENDED} order by end_ms`,
      endedValues(cameraId, window),
    );
    const open = this.#arrays<Place>(
      `select start_ms, max(start_ms, ?) from vision_events
       where camera_id = ? and end_ms is null and start_ms < ?`,
      [nowMs, cameraId, window.toMs],
    );
    return united([...ended, ...open], 0);
  }

  /** How many events share time with a window. */
  countEvents(cameraId: string, window: TimeWindow): number {
    const counts = this.#arrays<readonly [number]>(
      `select count(*) from vision_events where ${ENDED}
       union all
       select count(*) from vision_events where camera_id = ? and end_ms is null and start_ms < ?`,
      [...endedValues(cameraId, window), cameraId, window.toMs],
    );
    return counts.reduce((sum, [count]) => sum + count, 0);
  }

  /** Events that share time with a window, in order of their starts. */
  eventMarks(cameraId: string, window: TimeWindow): EventMark[] {
    return this.#marks(
      `select event_id, kind, class, start_ms, end_ms, score from vision_events where ${ENDED}
       union all
       select event_id, kind, class, start_ms, end_ms, score from vision_events
       where camera_id = ? and end_ms is null and start_ms < ?
       order by start_ms, event_id`,
      [...endedValues(cameraId, window), cameraId, window.toMs],
    );
  }

  /** Of each class the surest event in each piece of a window, in order of their starts. */
  surestMarks(cameraId: string, window: TimeWindow, pieceMs: number): EventMark[] {
    // SQLite: columns beside max() are those of the row that has the maximum.
    return this.#marks(
      `select event_id, kind, class, start_ms, end_ms, max(score) from vision_events
       where ${ENDED} group by cast((max(start_ms, ?) - ?) / ? as integer), class
       order by start_ms, event_id`,
      [...endedValues(cameraId, window), window.fromMs, window.fromMs, pieceMs],
    );
  }

  #marks(sql: string, values: readonly (string | number)[]): EventMark[] {
    return this.#arrays<MarkRow>(sql, values).map((row) => ({
      eventId: row[0],
      kind: row[1],
      class: row[2],
      startMs: unixMs(row[3]),
      endMs: row[4] === null ? null : unixMs(row[4]),
      score: row[5],
    }));
  }

  #arrays<R>(sql: string, values: readonly (string | number)[]): R[] {
    const statement = this.database.prepare(sql) as ArrayStatement;
    statement.setReturnArrays(true);
    return statement.all(...values) as unknown as R[];
  }
}

function endedValues(cameraId: string, { fromMs, toMs }: TimeWindow): (string | number)[] {
  return [cameraId, fromMs, toMs + LONGEST_EVENT_MS, toMs];
}

/** @param places In about the order of time: sorting them then costs next to nothing. */
function united(places: readonly Place[], seamMs: number): TimeWindow[] {
  const windows: { fromMs: UnixMs; toMs: UnixMs }[] = [];
  let last: { fromMs: UnixMs; toMs: UnixMs } | undefined;
  for (const [startMs, endMs] of places.toSorted(([one], [other]) => one - other)) {
    if (last === undefined || startMs - last.toMs >= Math.max(seamMs, 1)) {
      last = { fromMs: startMs as UnixMs, toMs: endMs as UnixMs };
      windows.push(last);
    } else if (endMs > last.toMs) last.toMs = endMs as UnixMs;
  }
  return windows;
}
