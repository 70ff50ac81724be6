/**
 * Instants as people type and read them.
 *
 * In:   the text of `--at` or of a prompt's answer, the present and the local zone.
 * Out:  wall time in whole milliseconds; for people and file names, a text of one.
 * Not here: reading the clock or finding out the local zone.
 *
 * Nothing is guessed: what a clock change, a night or the order of day and month
 * leaves open is refused, with the readings that a person can choose from.
 *
 * @module
 */

import type { ParsedComponents, ParsedResult } from "chrono-node";
// English alone: loading all of chrono's languages costs each command 40 ms.
import { casual, GB } from "chrono-node/en";
import { OperatorError } from "../base/errors.ts";
import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import { quoteTyped, readAmount } from "./duration.ts";

/** What the meaning of a text depends on. */
export interface InstantContext {
  /** The present, for "now", "10 minutes ago", "yesterday" and times without a date. */
  readonly nowMs: UnixMs;
  /** Zone of texts that name none, for example "Europe/Berlin". */
  readonly timeZone: string;
}

/** A text on its way to an instant. */
interface Typed {
  /** The whole text, for errors. */
  readonly text: string;
  /** The text without surrounding blanks and without the zone's name. */
  readonly body: string;
  readonly nowMs: UnixMs;
  readonly zone: string;
  /** Whether the text itself named the zone. */
  readonly zoneIsTyped: boolean;
}

/** A date and time of day as a clock in some zone shows it. */
interface Wall {
  readonly time: Temporal.PlainDateTime;
  readonly zone: string;
}

/** The fields of a wall-clock time before the calendar has been asked. */
type ClockFields = Readonly<
  Record<"year" | "month" | "day" | "hour" | "minute" | "second" | "millisecond", number>
>;

/** Longest text that is looked at, in characters: chrono's patterns are slow on long ones. */
const LONGEST_TEXT = 100;

/** 0000-01-01T00:00:00Z: ISO 8601 writes years with four digits. */
const EARLIEST_UNIX_MS = -62_167_219_200_000;

/**
 * Abbreviations whose offset changes over the year. chrono would use the machine's
 * own zone to work them out, and guess in the hour that happens twice.
 */
const SEASONAL_ZONES: ReadonlyMap<string, string> = new Map([
  ["CET", "Europe/Berlin"],
  ["ET", "America/New_York"],
  ["CT", "America/Chicago"],
  ["MT", "America/Denver"],
  ["PT", "America/Los_Angeles"],
]);

const ZONE_NAME = /\s*\[([^\]]+)\]$|\s+(UTC|GMT|CET|ET|CT|MT|PT|[a-z][a-z_]*(?:\/[a-z0-9_+-]+)+)$/i;
const NOW = /^(?:(?:right|just)\s+)?now$/i;
const AGO = /^(?:[-−]\s*(?<signed>.+)|(?<worded>.+?)\s+ago)$/i;
const FRACTION = String.raw`(?:[.,](?<fraction>\d+))?`;
const OFFSET = String.raw`\s*(?<offset>Z|[+-]\d\d(?::?\d\d)?)?`;
const WRITTEN = new RegExp(
  String.raw`^(?:(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:T|\s+))?` +
    String.raw`(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)${FRACTION})?${OFFSET}$`,
  "i",
);
/** The basic format of ISO 8601, which the names of exported files use. */
const WRITTEN_BASIC = new RegExp(
  String.raw`^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)T` +
    String.raw`(?<hour>\d\d)(?<minute>\d\d)(?:(?<second>\d\d)${FRACTION})?${OFFSET}$`,
  "i",
);
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
  const { nowMs, timeZone } = context;
  if (!isZone(timeZone)) throw new RangeError(`Cannot use "${timeZone}" as a time zone`);
  if (text.trim() === "") throw timeInvalid(text, "it is empty");
  if (text.length > LONGEST_TEXT) {
    throw timeInvalid(text, `it is longer than ${LONGEST_TEXT} characters`);
  }
  const typed = splitZone(text, context);
  if (NOW.test(typed.body)) return nowMs;
  return readAgo(typed) ?? readWritten(typed) ?? readPhrase(typed);
}

/** Takes the name of a zone off the end of a text. Offsets stay: they are part of ISO 8601. */
function splitZone(text: string, { nowMs, timeZone }: InstantContext): Typed {
  const trimmed = text.trim();
  const match = ZONE_NAME.exec(trimmed);
  const name = match?.[1] ?? match?.[2];
  if (match === null || name === undefined) {
    return { text, body: trimmed, nowMs, zone: timeZone, zoneIsTyped: false };
  }
  const zone = SEASONAL_ZONES.get(name.toUpperCase()) ?? name;
  if (!isZone(zone)) throw timeInvalid(text, `${quoteTyped(name)} is not a time zone`);
  return { text, body: trimmed.slice(0, match.index), nowMs, zone, zoneIsTyped: true };
}

function readAgo({ text, body, nowMs }: Typed): UnixMs | undefined {
  const { signed, worded } = AGO.exec(body)?.groups ?? {};
  const amount = readAmount(signed ?? worded ?? "");
  if (amount.ok) {
    const atMs = nowMs - amount.ms;
    if (atMs < EARLIEST_UNIX_MS) throw timeInvalid(text, "it is too long ago");
    return unixMs(atMs);
  }
  if (signed === undefined) return undefined;
  throw timeInvalid(text, `a duration must follow the "-", but ${amount.problem}`);
}

function readWritten(typed: Typed): UnixMs | undefined {
  const parts = (WRITTEN.exec(typed.body) ?? WRITTEN_BASIC.exec(typed.body))?.groups;
  if (parts === undefined) return undefined;
  // Without a date "08:00-09:00" is more likely a stretch of time; chrono's part says so.
  if (parts.year === undefined && parts.offset?.startsWith("-")) return undefined;
  const offset = parts.offset?.toUpperCase().replace("Z", "+00:00");
  if (offset !== undefined && !isZone(offset)) {
    throw timeInvalid(typed.text, `"${offset}" is not an offset from UTC`);
  }
  const zone = offset ?? typed.zone;
  const today = zonedAt(typed.nowMs, zone);
  const time = plainTime(typed, {
    year: Number(parts.year ?? today.year),
    month: Number(parts.month ?? today.month),
    day: Number(parts.day ?? today.day),
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    second: Number(parts.second ?? 0),
    millisecond: Number(threeDigits(parts.fraction ?? "")),
  });
  return resolve(typed, { time, zone });
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

function plainTime({ text }: Typed, fields: ClockFields): Temporal.PlainDateTime {
  if (fields.year < 0 || fields.year > 9_999) {
    throw timeInvalid(text, "a year runs from 0000 to 9999");
  }
  try {
    return Temporal.PlainDateTime.from(fields, { overflow: "reject" });
  } catch {
    const { hour, minute, second } = fields;
    throw hour < 24 && minute < 60 && second < 60
      ? timeInvalid(text, "the calendar has no such day")
      : timeInvalid(text, "a time of day runs from 00:00 to 23:59:59");
  }
}

/** The one instant at which the clocks of a zone showed a time. */
function resolve({ text, ...typed }: Typed, { time, zone }: Wall): UnixMs {
  const earlier = time.toZonedDateTime(zone, { disambiguation: "earlier" });
  const later = time.toZonedDateTime(zone, { disambiguation: "later" });
  const atMs = earlier.epochMilliseconds;
  const named = earlier.withTimeZone(typed.zone);
  if (typed.zoneIsTyped && named.offset !== earlier.offset) {
    throw timeInvalid(text, `${typed.zone} was at ${named.offset} then, not at ${earlier.offset}`);
  }
  if (atMs === later.epochMilliseconds) return unixMs(atMs);
  throw earlier.toPlainDateTime().equals(time)
    ? timeAmbiguous(text, `clocks in ${zone} showed it twice`, {
      "first time": withOffset(earlier),
      "second time": withOffset(later),
    })
    : timeAmbiguous(text, `clocks in ${zone} skipped it`, {
      "before the change": withOffset(earlier),
      "after the change": withOffset(later),
    });
}

function timeAmbiguous(
  text: string,
  problem: string,
  readings: Record<string, string>,
): OperatorError {
  const [first = "", second = ""] = Object.values(readings);
  return new OperatorError(
    "time-ambiguous",
    `Cannot use time ${quoteTyped(text)}: ${problem}`,
    {
      found: readings,
      fix: [`give "${first}"`, `or give "${second}"`],
    },
  );
}

function timeInvalid(text: string, problem: string): OperatorError {
  return new OperatorError("time-invalid", `Cannot read time ${quoteTyped(text)}: ${problem}`, {
    fix: [
      'give date and time of day ("2026-11-21 20:57:09", "21 Nov 2026 8:57pm", "yesterday 14:05")',
      'or a time of today ("20:57:09"), or a distance from now ("10 minutes ago", "-10m")',
    ],
  });
}

function part(start: ParsedComponents, name: Parameters<ParsedComponents["get"]>[0]): number {
  return start.get(name) ?? 0;
}

/** First three digits of a decimal fraction: "5" becomes "500", "3409" becomes "340". */
function threeDigits(fraction: string): string {
  return fraction.padEnd(3, "0").slice(0, 3);
}

function zonedAt(atMs: UnixMs, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
}

function isZone(name: string): boolean {
  try {
    zonedAt(unixMs(0), name);
    return true;
  } catch {
    return false;
  }
}

/** An offset as the name of a zone: 330 minutes are "+05:30". */
function offsetName(minutes: number): string {
  const [hour, minute] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
    .map((count) => `${count}`.padStart(2, "0"));
  return `${minutes < 0 ? "-" : "+"}${hour}:${minute}`;
}

/** For example "2026-10-25T02:30:00+02:00", which {@linkcode parseInstant} reads back. */
function withOffset(zoned: Temporal.ZonedDateTime): string {
  return zoned.toString({ timeZoneName: "never" });
}

/**
 * An instant for people, in local time and in UTC:
 * "2026-11-21 21:57:09.340 +01:00 Europe/Berlin (2026-11-21T20:57:09.340Z)".
 * Local milliseconds are left out when they are zero.
 */
export function describeInstant(atMs: UnixMs, timeZone: string): string {
  const zoned = zonedAt(atMs, timeZone);
  const smallestUnit = zoned.millisecond === 0 ? "second" : "millisecond";
  const local = zoned.toPlainDateTime().toString({ smallestUnit }).replace("T", " ");
  return `${local} ${zoned.offset} ${zoned.timeZoneId} (${isoUtc(atMs)})`;
}

/** An instant for names of files, in UTC to the second: "20261121T205709Z". */
export function compactUtc(atMs: UnixMs): string {
  return isoUtc(atMs).replace(/\.\d+Z$/, "Z").replaceAll(/[-:]/g, "");
}
