/**
 * Whether a schedule counts at a moment.
 *
 * In:   hours and days, and the moment as clocks on the wall show it.
 * Out:  yes or no.
 *
 * Only what the clock shows counts, so days on which clocks are changed need no
 * care: an hour that clocks show twice counts twice, one that they leave out never.
 *
 * Pure, but for {@linkcode localMinute}, which knows the zones.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { type AlertSchedule, type LocalMinute, WEEKDAYS } from "../model/alert.ts";

/**
 * True while the schedule counts. Hours over midnight belong to the day on which
 * they begin.
 *
 * @example Friday's night reaches into Saturday
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { isWithin } from "./schedule.ts";
 *
 * const nights = { days: ["fri"], fromMinute: 22 * 60, toMinute: 6 * 60 } as const;
 * strictEqual(isWithin(nights, { weekday: "sat", minute: 5 * 60 }), true);
 * strictEqual(isWithin(nights, { weekday: "fri", minute: 5 * 60 }), false);
 * ```
 */
export function isWithin(schedule: AlertSchedule, { weekday, minute }: LocalMinute): boolean {
  const { days, fromMinute, toMinute } = schedule;
  if (fromMinute < toMinute) {
    return minute >= fromMinute && minute < toMinute && days.includes(weekday);
  }
  if (minute >= fromMinute) return days.includes(weekday);
  const dayBefore = WEEKDAYS.at(WEEKDAYS.indexOf(weekday) - 1)!;
  return minute < toMinute && days.includes(dayBefore);
}

/** What clocks on the wall of a zone show. */
export function localMinute(atMs: UnixMs, timeZone: string): LocalMinute {
  const local = zoned(atMs, timeZone);
  return { weekday: WEEKDAYS[local.dayOfWeek - 1]!, minute: local.hour * 60 + local.minute };
}

/** "2026-11-21 20:57:09" by the clocks of a zone. */
export function localText(atMs: UnixMs, timeZone: string): string {
  const local = zoned(atMs, timeZone).toPlainDateTime();
  return local.toString({ smallestUnit: "second" }).replace("T", " ");
}

function zoned(atMs: UnixMs, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
}
