/**
 * Calendar days as a person names them, and the stretches of time that they are
 * in a zone: 23 or 25 hours long where clocks are changed.
 *
 * Pure.
 *
 * @module
 */

import { OperatorError } from "../base/errors.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { quoteTyped } from "../footage/duration.ts";
import type { TimeWindow } from "../model/window.ts";

/** A calendar day of a zone. */
export interface LocalDay {
  /** "2026-11-21". */
  readonly day: string;
  readonly window: TimeWindow;
}

/** Days of one request at most: a bit more than ten years. */
const MAX_DAYS = 4_000;

/** What a person asked for; all of it may be left out. */
export interface DaysAsked {
  readonly day?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The days that were asked for, oldest first; today if none was named.
 *
 * @throws {OperatorError} "time-invalid" for what is no day, "usage" for days that
 * contradict each other.
 */
export function daysAsked(
  asked: DaysAsked,
  { nowMs, timeZone }: { readonly nowMs: UnixMs; readonly timeZone: string },
): LocalDay[] {
  if (asked.day !== undefined && (asked.from ?? asked.to) !== undefined) {
    throw new OperatorError("usage", "Cannot use --day together with --from or --to", {
      fix: ["give --day for one day", "or --from and --to for the first and the last of several"],
    });
  }
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const first = toDay(asked.day ?? asked.from ?? asked.to) ?? today;
  const last = toDay(asked.day ?? asked.to) ?? today;
  const count = first.until(last).days + 1;
  if (count < 1 || count > MAX_DAYS) {
    throw new OperatorError("usage", `Cannot use the days from ${first} to ${last}`, {
      found: { days: `${count}` },
      fix: [`name a first day that is not after the last one, and at most ${MAX_DAYS} days`],
    });
  }
  return Array.from(
    { length: count },
    (_, index) => localDay(first.add({ days: index }), timeZone),
  );
}

function toDay(text: string | undefined): Temporal.PlainDate | undefined {
  if (text === undefined) return undefined;
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return Temporal.PlainDate.from(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new OperatorError("time-invalid", `Cannot read day ${quoteTyped(text)}`, {
    fix: ['give year, month and day, such as "2026-11-21"'],
  });
}

function localDay(date: Temporal.PlainDate, timeZone: string): LocalDay {
  const begin = (day: Temporal.PlainDate) =>
    unixMs(day.toZonedDateTime(timeZone).epochMilliseconds);
  return {
    day: date.toString(),
    window: { fromMs: begin(date), toMs: begin(date.add({ days: 1 })) },
  };
}
