/**
 * Questions to the database about a camera's coverage: where its batches lie in
 * time, when it was wanted, what was lost. Reads places in time only, no frames,
 * and of a day only that day's rows.
 *
 * @module
 */

import type { SQLInputValue } from "node:sqlite";
import { type UnixMs, unixMs } from "../base/units.ts";
import type { CameraEventEntry, CameraEventKind } from "../model/ledger.ts";
import type { TimeWindow } from "../model/window.ts";
import { LONGEST_BATCH_MS, Reader } from "./reader.ts";

/** A batch's place in time. */
export interface SpanRow {
  readonly run: number;
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
}

/** What of a camera's past says when it was to be recorded (upkeep/wanted.ts). */
export interface LifecycleRows {
  readonly firstMs: UnixMs | null;
  readonly lastEndMs: UnixMs | null;
  readonly turns: readonly { readonly kind: CameraEventKind; readonly atMs: UnixMs }[];
  readonly newest: { readonly kind: CameraEventKind; readonly atMs: UnixMs } | null;
  readonly runStoppedMs: UnixMs | null;
}

/** Ids of events; the end is excluded. */
interface IdRange {
  readonly fromId: number;
  readonly toId: number;
}

interface Replaced {
  readonly ranges: readonly IdRange[];
  /** Id of the newest event that was looked at. */
  readonly seenId: number;
}

type Row = Record<string, string | number | null>;

export class CoverageReader extends Reader {
  /** For each camera, events whose times a correction of the clock has replaced. */
  readonly #replaced = new Map<string, Replaced>();

  /** Batches that share time with the range, and the nearest on each side of it. */
  *batchSpans(cameraId: string, range: TimeWindow): Generator<SpanRow> {
    const [before] = this.#rows(
      `select run, start_ms, end_ms from batches
       where camera_id = ? and end_ms <= ? order by end_ms desc, run desc limit 1`,
      [cameraId, range.fromMs],
    );
    if (before !== undefined) yield toSpan(before);
    const rows = this.database.prepare(
      `select run, start_ms, end_ms from batches
       where camera_id = ? and end_ms > ? order by end_ms`,
    ).iterate(cameraId, range.fromMs) as Iterable<Row>;
    for (const row of rows) {
      const span = toSpan(row);
      yield span;
      // Where the clock was set back two runs share their times, and a batch that begins
      // earlier may end later.
      if (span.startMs >= range.toMs && span.endMs >= range.toMs + LONGEST_BATCH_MS) return;
    }
  }

  /** Events "frames-lost" with an end that share time with the range, oldest first. */
  lostIn(cameraId: string, range: TimeWindow): CameraEventEntry[] {
    return this.#rows(
      `select * from events where camera_id = ? and at_ms < ? and kind = 'frames-lost'
         and until_ms > ? order by at_ms, event_id`,
      [cameraId, range.toMs, range.fromMs],
    ).filter(this.#areValid(cameraId)).map(toEvent);
  }

  override eventsIn(cameraId: string, window: TimeWindow): CameraEventEntry[] {
    return this.#rows(
      `select * from events where camera_id = ? and at_ms >= ? and at_ms < ?
       order by at_ms, event_id`,
      [cameraId, window.fromMs, window.toMs],
    ).filter(this.#areValid(cameraId)).map(toEvent);
  }

  /** When a camera went offline and came back, the newest first, at most so many. */
  newestTurns(
    cameraId: string,
    window: TimeWindow,
    which: { readonly kinds: readonly ("offline" | "online")[]; readonly limit: number },
  ): CameraEventEntry[] {
    const { kinds, limit } = which;
    const isValid = this.#areValid(cameraId);
    const rows = this.database.prepare(
      `select * from events where camera_id = ? and at_ms >= ? and at_ms < ?
         and kind in (${kinds.map(() => "?").join(", ")})
       order by at_ms desc, event_id desc`,
    ).iterate(cameraId, window.fromMs, window.toMs, ...kinds) as Iterable<Row>;
    const turns: CameraEventEntry[] = [];
    for (const row of rows) {
      if (turns.length >= limit) break;
      if (isValid(row)) turns.push(toEvent(row));
    }
    return turns;
  }

  /** What says when a camera was to be recorded. */
  lifecycle(cameraId: string): LifecycleRows {
    const [ends] = this.#rows(
      `select (select min(run + shift_ms) from runs where camera_id = ?1) run_ms,
         (select start_ms from batches where camera_id = ?1 order by end_ms limit 1) batch_ms,
         (select max(end_ms) from batches where camera_id = ?1) end_ms`,
      [cameraId],
    );
    const firsts = [ends?.run_ms, ends?.batch_ms].filter((atMs) => typeof atMs === "number");
    const turns = this.#rows(
      `select event_id, kind, at_ms from events
       where camera_id = ? and kind in ('started', 'removed')`,
      [cameraId],
    ).filter(this.#areValid(cameraId));
    const [newest] = this.#rows(
      `select kind, at_ms from events
       where camera_id = ? and kind in ('started', 'stopped', 'removed', 'offline', 'online')
       order by event_id desc limit 1`,
      [cameraId],
    );
    const [run] = this.#rows(
      `select ended_ms, end_cause from runs where camera_id = ? order by run desc limit 1`,
      [cameraId],
    );
    return {
      firstMs: firsts.length === 0 ? null : unixMs(Math.min(...firsts)),
      lastEndMs: msOrNull(ends?.end_ms),
      turns: turns.map(toTurn),
      newest: newest === undefined ? null : toTurn(newest),
      runStoppedMs: run?.end_cause === "stopped" ? msOrNull(run.ended_ms) : null,
    };
  }

  /** Tells what counts from what a session noted by a wrong clock and noted again by the right one. */
  #areValid(cameraId: string): (row: Row) => boolean {
    const replaced = this.#replacedOf(cameraId);
    return (row) => {
      const id = Number(row.event_id);
      return !replaced.some(({ fromId, toId }) => fromId <= id && id < toId);
    };
  }

  /** A reader may be open for weeks: what was noted since is looked at, and only that. */
  #replacedOf(cameraId: string): readonly IdRange[] {
    const { ranges, seenId } = this.#replaced.get(cameraId) ?? { ranges: [], seenId: 0 };
    const [newest] = this.#rows(`select max(event_id) id from events`, []);
    const newestId = Number(newest?.id ?? 0);
    if (newestId === seenId) return ranges;
    // With "+" the few new rows are found by their ids; all of them by the index of the camera.
    const ofCamera = seenId === 0 ? "c.camera_id = ?" : "+c.camera_id = ?";
    const found = this.#rows(
      `select c.event_id to_id, (select max(s.event_id) from events s
         where s.camera_id = c.camera_id and s.kind = 'started' and s.event_id < c.event_id) from_id
       from events c where ${ofCamera} and c.kind = 'clock-step' and c.until_ms is not null
         and c.event_id > ?`,
      [cameraId, seenId],
    ).map((row) => ({ fromId: Number(row.from_id ?? row.to_id), toId: Number(row.to_id) }));
    const all = [...ranges, ...found];
    this.#replaced.set(cameraId, { ranges: all, seenId: newestId });
    return all;
  }

  #rows(sql: string, values: readonly SQLInputValue[]): Row[] {
    return this.database.prepare(sql).all(...values) as Row[];
  }
}

function toSpan(row: Row): SpanRow {
  return {
    run: row.run as number,
    startMs: row.start_ms as UnixMs,
    endMs: row.end_ms as UnixMs,
  };
}

function toTurn(row: Row): { readonly kind: CameraEventKind; readonly atMs: UnixMs } {
  return { kind: row.kind as CameraEventKind, atMs: unixMs(Number(row.at_ms)) };
}

function toEvent(row: Row): CameraEventEntry {
  return {
    type: "event",
    cameraId: String(row.camera_id),
    atMs: unixMs(Number(row.at_ms)),
    untilMs: msOrNull(row.until_ms),
    kind: row.kind as CameraEventKind,
    cause: row.cause as CameraEventEntry["cause"],
    detail: String(row.detail),
  };
}

function msOrNull(value: string | number | null | undefined): UnixMs | null {
  return typeof value === "number" ? unixMs(value) : null;
}
