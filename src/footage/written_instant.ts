/**
 * Instants that people write in numbers: ISO 8601, a time of today, "now", and
 * distances from now. This is what programs and most people give; it is read without
 * the library of phrases, which takes longer to load than all this does.
 *
 * In:   the text of `--at` or of a prompt's answer, the present and the local zone.
 * Out:  wall time in whole milliseconds, or that the text is a phrase (instant.ts).
 * Not here: reading the clock or finding out the local zone.
 *
 * Nothing is guessed: what a clock change leaves open is refused, with the readings
 * that a person can choose from.
 *
 * @module
 */

import { OperatorError } from "../base/errors.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { quoteTyped, readAmount } from "./duration.ts";
import { zonedAt } from "./instant_text.ts";

/** What the meaning of a text depends on. */
export interface InstantContext {
  /** The present, for "now", "10 minutes ago", "yesterday" and times without a date. */
  readonly nowMs: UnixMs;
  /** Zone of texts that name none, for example "Europe/Berlin". */
  readonly timeZone: string;
}

/** A text on its way to an instant. */
export interface Typed {
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
export interface Wall {
  readonly time: Temporal.PlainDateTime;
  readonly zone: string;
}

/** The fields of a wall-clock time before the calendar has been asked. */
export type ClockFields = Readonly<
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
/**
 * Reads an instant that is written in numbers.
 *
 * @returns The instant; undefined for a text that may be a phrase, which `parseInstant` reads.
 *
 * @throws {OperatorError} "time-invalid" or "time-ambiguous", as `parseInstant` does.
 * @throws {RangeError} If `context.timeZone` is not a time zone.
 */
export function parseWrittenInstant(text: string, context: InstantContext): UnixMs | undefined {
  const typed = typedInstant(text, context);
  if (NOW.test(typed.body)) return typed.nowMs;
  return readAgo(typed) ?? readWritten(typed);
}

/** Checks a text and takes the zone off it. */
export function typedInstant(text: string, context: InstantContext): Typed {
  const { timeZone } = context;
  if (!isZone(timeZone)) throw new RangeError(`Cannot use "${timeZone}" as a time zone`);
  if (text.trim() === "") throw timeInvalid(text, "it is empty");
  if (text.length > LONGEST_TEXT) {
    throw timeInvalid(text, `it is longer than ${LONGEST_TEXT} characters`);
  }
  return splitZone(text, context);
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

/** A date and time of day that the calendar has. */
export function plainTime({ text }: Typed, fields: ClockFields): Temporal.PlainDateTime {
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
export function resolve({ text, ...typed }: Typed, { time, zone }: Wall): UnixMs {
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

/** @param readings Two that can be pasted back. */
export function timeAmbiguous(
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

export function timeInvalid(text: string, problem: string): OperatorError {
  return new OperatorError("time-invalid", `Cannot read time ${quoteTyped(text)}: ${problem}`, {
    fix: [
      'give date and time of day ("2026-11-21 20:57:09", "21 Nov 2026 8:57pm", "yesterday 14:05")',
      'or a time of today ("20:57:09"), or a distance from now ("10 minutes ago", "-10m")',
    ],
  });
}

/** First three digits of a decimal fraction: "5" becomes "500", "3409" becomes "340". */
export function threeDigits(fraction: string): string {
  return fraction.padEnd(3, "0").slice(0, 3);
}

function isZone(name: string): boolean {
  try {
    zonedAt(unixMs(0), name);
    return true;
  } catch {
    return false;
  }
}

/** For example "2026-10-25T02:30:00+02:00", which `parseInstant` reads back. */
export function withOffset(zoned: Temporal.ZonedDateTime): string {
  return zoned.toString({ timeZoneName: "never" });
}
