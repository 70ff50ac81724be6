/**
 * Instants as people type them, phrases too.
 *
 * In:   the text of `--at` or of a prompt's answer, the present and the local zone.
 * Out:  wall time in whole milliseconds.
 * Not here: what is written in numbers (written_instant.ts), instants for people to
 *       read (instant_text.ts), reading the clock or finding out the local zone.
 *
 * Nothing is guessed: what a clock change, a night or the order of day and month
 * leaves open is refused, with the readings that a person can choose from.
 *
 * @module
 */

import type { ParsedComponents, ParsedResult } from "chrono-node";
// English alone: loading all of chrono's languages costs each command 40 ms.
import { casual, GB } from "chrono-node/en";
import { type UnixMs } from "../base/units.ts";
import { quoteTyped } from "./duration.ts";
import { zonedAt } from "./instant_text.ts";
import {
  type ClockFields,
  type InstantContext,
  parseWrittenInstant,
  plainTime,
  resolve,
  threeDigits,
  timeAmbiguous,
  timeInvalid,
  type Typed,
  typedInstant,
  withOffset,
} from "./written_instant.ts";

export { compactUtc, describeInstant } from "./instant_text.ts";
export type { InstantContext } from "./written_instant.ts";

/** chrono picks some day for "last week"; a person has said none. */
const VAGUE_DAY =
  /\b(?:last|past|this|next|previous)\s+(?:\d+\s+)?(?:day|week|weekend|month|quarter|year)s?\b/i;
const FORWARD = /\b(?:next|this|coming)\b/i;

/**
 * Reads an instant.
 *
 * @param text ISO 8601 with or without a zone ("2026-11-21T20:57:09.340Z", "2026-11-21 20:57");
 * a time of today, past or still to come ("20:57:09"); "now"; "10 minutes ago" and "-10m", which
 * are exact distances; or a phrase with a time of day ("yesterday 14:05", "21 Nov 2026 8:57pm").
 * A zone may follow; its calendar then says which day is today. A weekday, or a date without its
 * year, is the latest one that has been. Digits below the millisecond are cut off.
 *
 * @throws {OperatorError} "time-invalid" if the text can't be read or leaves out the time of day;
 * "time-ambiguous", with two readings that can be pasted back, if the clock showed that time
 * twice or never, or if day and month could be swapped.
 * @throws {RangeError} If `context.timeZone` is not a time zone.
 *
 * @example An hour that happens twice, as local time and made clear by its offset
 * ```ts
 * import { strictEqual, throws } from "node:assert/strict";
 * import { unixMs } from "../base/units.ts";
 * import { parseInstant } from "./instant.ts";
 *
 * const context = { nowMs: unixMs(1_795_294_629_340), timeZone: "Europe/Berlin" };
 *
 * throws(() => parseInstant("2026-10-25 02:30", context), { code: "time-ambiguous" });
 * strictEqual(parseInstant("2026-10-25 02:30 +02:00", context), Date.UTC(2026, 9, 25, 0, 30));
 * ```
 */
export function parseInstant(text: string, context: InstantContext): UnixMs {
  return parseWrittenInstant(text, context) ?? readPhrase(typedInstant(text, context));
}

/** Reads a phrase: chrono knows the words; what they mean in a zone is worked out here. */
function readPhrase(typed: Typed): UnixMs {
  let { zone } = typed;
  let result = askChrono(typed, { zone, chrono: casual });
  if (result.start.isCertain("timezoneOffset")) {
    // "yesterday 14:05 +13:00" counts from the date at that offset, so ask again from there.
    zone = offsetName(part(result.start, "timezoneOffset"));
    result = askChrono(typed, { zone, chrono: casual });
  }
  const wall = { time: phraseTime(typed, { zone, start: result.start }), zone };
  if (result.tags().has("parser/SlashDateFormatParser")) {
    const { start } = askChrono(typed, { zone, chrono: GB });
    const dayFirst = { time: phraseTime(typed, { zone, start }), zone };
    if (!dayFirst.time.equals(wall.time)) {
      throw timeAmbiguous(typed.text, "day and month can be swapped", {
        "month first": withOffset(zonedAt(resolve(typed, wall), zone)),
        "day first": withOffset(zonedAt(resolve(typed, dayFirst), zone)),
      });
    }
  }
  return resolve(typed, wall);
}

/**
 * Has chrono take a phrase apart. chrono computes days in the machine's own zone,
 * whatever reference it is given, so it is told noon of today's date as that zone
 * has it: dates then carry over unchanged, and no clock is changed near noon.
 */
function askChrono(
  { text, body, nowMs }: Typed,
  { zone, chrono }: { readonly zone: string; readonly chrono: typeof casual },
): ParsedResult {
  const today = zonedAt(nowMs, zone);
  const noon = new Date(today.year, today.month - 1, today.day, 12);
  // chrono takes the ".5" of "14:05:09.5" for 5 ms.
  const asked = body.replaceAll(
    /(:\d\d\.)(\d+)/g,
    (_all, before: string, fraction: string) => before + threeDigits(fraction),
  );
  const result = chrono.parse(asked, noon)[0];
  if (result === undefined) throw timeInvalid(text, "there is no valid time in it");
  const problem = phraseProblem(result, asked);
  if (problem !== undefined) throw timeInvalid(text, problem);
  return result;
}

/** Why a phrase does not name one day and time of day; undefined when it does. */
function phraseProblem(result: ParsedResult, asked: string): string | undefined {
  const { start, end, text } = result;
  const tags = result.tags();
  if (text.trim() !== asked.trim()) return `only ${quoteTyped(text.trim())} was understood`;
  if (end) return "it is a stretch of time where one instant is needed";
  if (tags.has("result/relativeDateAndTime") || tags.has("casualReference/now")) {
    return 'only a number of units, followed by "ago", is exact enough';
  }
  if (!start.isCertain("hour")) return "a time of day is missing";
  const saysMonthOrYear = start.isCertain("month") || start.isCertain("year");
  if (saysMonthOrYear && !start.isCertain("day") || VAGUE_DAY.test(asked)) {
    return "a day is missing";
  }
  const isNight = /night\b/i.test(asked) && part(start, "hour") < 18;
  if (isNight || tags.has("casualReference/midnight")) {
    return 'a night belongs to two days; its date is missing, as in "2026-11-21 00:00"';
  }
  return undefined;
}

/** The wall-clock time of a phrase. What it leaves out is chosen so that the day has been. */
function phraseTime(
  typed: Typed,
  { start, zone }: { readonly start: ParsedComponents; readonly zone: string },
): Temporal.PlainDateTime {
  const fields: ClockFields = {
    year: part(start, "year"),
    month: part(start, "month"),
    day: part(start, "day"),
    hour: part(start, "hour"),
    minute: part(start, "minute"),
    second: part(start, "second"),
    millisecond: part(start, "millisecond"),
  };
  const time = plainTime(typed, fields);
  const saysWeekday = start.isCertain("weekday");
  if (start.isCertain("day") && saysWeekday && time.dayOfWeek % 7 !== part(start, "weekday")) {
    throw timeInvalid(typed.text, `${time.toPlainDate()} is another day of the week`);
  }
  const today = zonedAt(typed.nowMs, zone).toPlainDate();
  const isToCome = Temporal.PlainDate.compare(time, today) > 0 && !FORWARD.test(typed.body);
  if (isToCome && saysWeekday && !start.isCertain("day")) return time.subtract({ days: 7 });
  if (isToCome && !start.isCertain("year")) {
    return plainTime(typed, { ...fields, year: fields.year - 1 });
  }
  return time;
}

function part(start: ParsedComponents, name: Parameters<ParsedComponents["get"]>[0]): number {
  return start.get(name) ?? 0;
}

/** An offset as the name of a zone: 330 minutes are "+05:30". */
function offsetName(minutes: number): string {
  const [hour, minute] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
    .map((count) => `${count}`.padStart(2, "0"));
  return `${minutes < 0 ? "-" : "+"}${hour}:${minute}`;
}
