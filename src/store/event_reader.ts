/**
 * Questions to the database about what was seen: lists with filters, page by page
 * from the newest on, and single events.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { VisionEvent } from "../model/vision.ts";
import type { TimeWindow } from "../model/window.ts";
import { CoverageReader } from "./coverage_reader.ts";
import { toVisionEvent } from "./vision_event_row.ts";

type Value = string | number | null;
type Row = Record<string, Value>;

/** Which events are asked for; null and undefined for any. */
export interface EventFilter {
  readonly cameraId?: string | null;
  readonly kind?: VisionEvent["kind"] | null;
  readonly class?: string | null;
  /** Name of a zone that it was in. */
  readonly zone?: string | null;
  /** Events that begin in it. */
  readonly window?: TimeWindow | null;
}

/** A place in a list: what follows is older. */
export type EventPlace = Pick<VisionEvent, "startMs" | "eventId">;

export interface EventPage {
  readonly limit: number;
  /** The last one of the page before; null for the newest. */
  readonly after?: EventPlace | null;
}

export class EventReader extends CoverageReader {
  /** The event with an id. */
  visionEvent(eventId: string): VisionEvent | undefined {
    return this.#seen(`where event_id = ?`, [eventId])[0];
  }

  /** Events that a filter leaves, the newest first. */
  visionEvents(filter: EventFilter, { limit, after }: EventPage): VisionEvent[] {
    const conditions: string[] = [];
    const values: Value[] = [];
    const add = (condition: string, ...bound: Value[]) => {
      conditions.push(condition);
      values.push(...bound);
    };
    const { cameraId, kind, zone, window } = filter;
    if (cameraId) add("camera_id = ?", cameraId);
    if (kind) add("kind = ?", kind);
    if (filter.class) add("class = ?", filter.class);
    if (zone) add("exists (select 1 from json_each(zones) where value = ?)", zone);
    if (window) add("start_ms >= ? and start_ms < ?", window.fromMs, window.toMs);
    if (after) add("(start_ms, event_id) < (?, ?)", after.startMs, after.eventId);
    const where = conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
    return this.#seen(`${where} order by start_ms desc, event_id desc limit ?`, [...values, limit]);
  }

  /**
   * When the last so many events of a window begin; undefined where there are no more than
   * that. Costs little: filters may have to read many events for few, so stretch by stretch.
   */
  stretchStart(
    { cameraId, window }: { readonly cameraId: string | null; readonly window: TimeWindow },
    count: number,
  ): UnixMs | undefined {
    const ofCamera = cameraId === null ? "" : "camera_id = ? and";
    const row = this.database.prepare(
      `select start_ms from vision_events where ${ofCamera} start_ms >= ? and start_ms < ?
       order by start_ms desc limit 1 offset ?`,
    ).get(...(cameraId === null ? [] : [cameraId]), window.fromMs, window.toMs, count - 1);
    return row === undefined ? undefined : unixMs(Number(row.start_ms));
  }

  /** A camera's newest event of each class, and of movement; the newest first. */
  newestOfEachClass(cameraId: string): VisionEvent[] {
    return this.#seen(
      `where event_id in (
         select (select v.event_id from vision_events v
           where v.camera_id = ?1 and v.class is c.class order by v.start_ms desc limit 1)
         from (select distinct class from vision_events where camera_id = ?1) c)
       order by start_ms desc, event_id desc`,
      [cameraId],
    );
  }

  /** A camera's events without an end: they go on, or what saw them crashed. */
  unendedVisionEvents(cameraId: string): VisionEvent[] {
    return this.#seen(`where camera_id = ? and end_ms is null order by start_ms`, [cameraId]);
  }

  /** When a camera was first recorded; null when it never was. */
  firstRecordedMs(cameraId: string): UnixMs | null {
    const [row] = this.database.prepare(
      `select start_ms from batches where camera_id = ? order by end_ms limit 1`,
    ).all(cameraId) as Row[];
    return row === undefined ? null : unixMs(Number(row.start_ms));
  }

  #seen(rest: string, values: readonly Value[]): VisionEvent[] {
    const rows = this.database.prepare(`select * from vision_events ${rest}`).all(...values);
    return (rows as Row[]).map((row) => toVisionEvent(row));
  }
}
