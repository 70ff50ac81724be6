/**
 * A camera's timeline: where footage lies, where it is missing and why, when
 * something was seen, and the events. A day, or a month, in one answer.
 *
 * In:   the index and a window. Out: plain data for src/web.
 *
 * Every instant of the window lies in a span or in a gap. A window is worked out day by
 * day (timeline_day.ts), and days that are over are remembered for a while; between
 * two days whatever else waits has its turn, because live pictures share the thread.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { type TimeWindow, windowLengthMs } from "../../model/window.ts";
import type { Timeline } from "../../web/doors.ts";
import {
  DAY_MS,
  daysOf,
  joinedGaps,
  MOST_EVENTS,
  type TimelineDay,
  timelineDay,
} from "./timeline_day.ts";
import { joinedWindows, shares, surest } from "./timeline_parts.ts";
import { turnOfOthers } from "./turns.ts";
import type { KeptIndex } from "./kept_index.ts";

/** Days that are remembered: two months of one camera, or a day of each of sixty. */
const KEPT_DAYS = 64;

/** How long: events of a past day may still be forgotten, footage deleted. In milliseconds. */
const KEPT_MS = 300_000;

/** A day that ended so long ago gets no more batches, in milliseconds. */
const OVER_MS = 3 * 3_600_000;

export interface TimelineQuestion {
  readonly cameraId: string;
  readonly window: TimeWindow;
  /** How many values say how much was seen. */
  readonly buckets: number;
}

export class Timelines {
  readonly #index: KeptIndex;
  readonly #clock: Clock;
  readonly #days = new Map<string, { readonly day: TimelineDay; readonly atMs: number }>();

  constructor(index: KeptIndex, clock: Clock) {
    this.#index = index;
    this.#clock = clock;
  }

  async timelineOf({ cameraId, window, buckets }: TimelineQuestion): Promise<Timeline> {
    const days: TimelineDay[] = [];
    for (const part of daysOf(window)) days.push(await this.#dayOf(cameraId, part));
    // One that goes on over midnight is in both days.
    const byId = new Map(days.flatMap(({ events }) => events).map((each) => [each.eventId, each]));
    const events = [...byId.values()].sort((one, other) => one.startMs - other.startMs);
    const isMany = events.length > MOST_EVENTS;
    return {
      spans: joinedWindows(days.flatMap(({ spans }) => spans)),
      gaps: joinedGaps(days.flatMap(({ gaps }) => gaps)),
      motion: shares(joinedWindows(days.flatMap(({ seen }) => seen)), window, buckets),
      events: isMany ? surest(events, window) : events,
      isThinned: isMany || days.some(({ isThinned }) => isThinned),
    };
  }

  async #dayOf(cameraId: string, window: TimeWindow): Promise<TimelineDay> {
    const at = { nowMs: this.#clock.now(), isRecording: true };
    const isOver = windowLengthMs(window) === DAY_MS && window.toMs < at.nowMs - OVER_MS;
    const key = `${cameraId} ${window.fromMs}`;
    const atMs = this.#clock.monotonic();
    const known = isOver ? this.#days.get(key) : undefined;
    if (known !== undefined && atMs - known.atMs < KEPT_MS) return known.day;
    await turnOfOthers();
    const day = this.#index.ask((reader) => timelineDay(reader, { cameraId, window }, at));
    if (isOver) this.#keep(key, day, atMs);
    return day;
  }

  #keep(key: string, day: TimelineDay, atMs: number): void {
    this.#days.delete(key);
    this.#days.set(key, { day, atMs });
    for (const oldest of this.#days.keys()) {
      if (this.#days.size <= KEPT_DAYS) break;
      this.#days.delete(oldest);
    }
  }
}
