/**
 * Durations as people type and read them.
 *
 * In:   the text of `--duration`, of a prompt's answer, or the amount in "10 minutes ago".
 * Out:  whole milliseconds; for people a text such as "1 min 30 s".
 * Not here: months and years, whose length depends on where they begin.
 *
 * @module
 */

import { OperatorError } from "../base/errors.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Longest duration of one request, in milliseconds: 31 days.
 *
 * One export then covers any calendar month, and a slip such as "90d" for "90s"
 * is caught before gigabytes are written.
 */
export const LONGEST_DURATION_MS = 31 * DAY_MS;

/** What {@linkcode readAmount} makes of a text. `problem` says what is wrong with it. */
export type ReadAmount =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly problem: string };

/** Units from long to short, with every name that a person may give them. */
const UNITS = [
  { unitMs: 7 * DAY_MS, names: "w week weeks" },
  { unitMs: DAY_MS, names: "d day days" },
  { unitMs: HOUR_MS, names: "h hr hrs hour hours" },
  { unitMs: MINUTE_MS, names: "m min mins minute minutes" },
  { unitMs: SECOND_MS, names: "s sec secs second seconds" },
  { unitMs: 1, names: "ms msec msecs millisecond milliseconds" },
] as const;

const UNIT_MS: ReadonlyMap<string, number> = new Map(
  UNITS.flatMap(({ unitMs, names }) => names.split(" ").map((name) => [name, unitMs] as const)),
);

const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ["half a", 0.5],
  ["half an", 0.5],
  ["a", 1],
  ["an", 1],
  ["one", 1],
  ["two", 2],
  ["three", 3],
  ["four", 4],
  ["five", 5],
  ["six", 6],
  ["seven", 7],
  ["eight", 8],
  ["nine", 9],
  ["ten", 10],
]);

const SECONDS = /^\d+(?:\.\d+)?$/;
const CLOCK = /^(?:(\d+):)?(\d+):(\d{2}(?:\.\d+)?)$/;
const ISO = new RegExp(
  "^p(?=[\\dt])" + isoFields("wd") + "(?:t(?=\\d)" + isoFields("hms") + ")?$",
);
const UNIT_PART = /^(?:(\d+(?:\.\d+)?)\s*|(half an?|[a-z]+)\s+)([a-z]+)/;
const UNIT_SEPARATOR = /^\s*(?:(?:,|and\b)\s*(?=\S))?/;

function isoFields(letters: string): string {
  return [...letters].map((letter) => `(?:(\\d+(?:\\.\\d+)?)${letter})?`).join("");
}

/**
 * Reads a duration for a request: above zero and at most
 * {@linkcode LONGEST_DURATION_MS}. Fractions are rounded to whole milliseconds.
 *
 * @param text `90` (seconds), `90s`, `1m30s`, `1h 5m`, `1.5 h`, `500ms`, `2 minutes 3 seconds`,
 * `1:30` (minutes and seconds), `1:02:03`, or ISO 8601 such as `PT1M30S` and `P1D`.
 * @returns Whole milliseconds.
 *
 * @throws {OperatorError} "duration-invalid" for everything else.
 *
 * @example
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { parseDuration } from "./duration.ts";
 *
 * strictEqual(parseDuration("1m30s"), 90_000);
 * strictEqual(parseDuration("1:30"), 90_000);
 * ```
 */
export function parseDuration(text: string): number {
  const amount = readAmount(text);
  if (!amount.ok) throw durationInvalid(text, amount.problem);
  if (amount.ms === 0) throw durationInvalid(text, "it is shorter than 1 ms");
  if (amount.ms > LONGEST_DURATION_MS) {
    const longest = formatDuration(LONGEST_DURATION_MS);
    throw new OperatorError(
      "duration-invalid",
      `Cannot use duration ${quoteTyped(text)}: it is longer than ${longest}`,
      {
        found: { asked: formatDuration(amount.ms), longest },
        fix: [`ask for ${longest} or less, and for the rest in a second request`],
      },
    );
  }
  return amount.ms;
}

function durationInvalid(text: string, problem: string): OperatorError {
  return new OperatorError(
    "duration-invalid",
    `Cannot read duration ${quoteTyped(text)}: ${problem}`,
    {
      fix: [
        'give seconds ("90") or numbers with units ("90s", "1m30s", "1h 5m", "1.5 h", "500ms")',
        'or give minutes and seconds ("1:30"), hours too ("1:02:03"), or ISO 8601 ("PT1M30S")',
      ],
    },
  );
}

/**
 * Reads a length of time in every spelling of {@linkcode parseDuration}, but
 * without its limits: zero and years of days are amounts too, as in "90 days ago".
 *
 * @returns Whole milliseconds, 0 or more, or what is wrong with the text.
 */
export function readAmount(text: string): ReadAmount {
  const typed = text.trim().toLowerCase();
  if (typed === "") return { ok: false, problem: "it is empty" };
  if (/^[-−]/.test(typed)) return { ok: false, problem: "it is negative" };
  const read = readNumber(typed) ?? readClock(typed) ?? readIso(typed) ?? readUnits(typed);
  if (!read.ok) return read;
  const ms = Math.round(read.ms);
  return Number.isSafeInteger(ms)
    ? { ok: true, ms }
    : { ok: false, problem: "it is longer than can be counted in milliseconds" };
}

function readNumber(typed: string): ReadAmount | undefined {
  return SECONDS.test(typed) ? { ok: true, ms: Number(typed) * SECOND_MS } : undefined;
}

function readClock(typed: string): ReadAmount | undefined {
  const match = CLOCK.exec(typed);
  if (match === null) return undefined;
  const [, hours, minutes = "", seconds = ""] = match;
  if (Number(seconds) >= 60) return { ok: false, problem: "its seconds are above 59" };
  if (hours !== undefined && (minutes.length !== 2 || Number(minutes) >= 60)) {
    return { ok: false, problem: "its minutes must be 00 to 59, because it has hours" };
  }
  const minutesMs = Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS;
  return { ok: true, ms: Number(hours ?? 0) * HOUR_MS + minutesMs };
}

function readIso(typed: string): ReadAmount | undefined {
  const fields = ISO.exec(typed)?.slice(1);
  if (fields === undefined) return undefined;
  // The pattern's fields and the table of units run in the same order.
  const partsMs = fields.map((field, index) => Number(field ?? 0) * (UNITS[index]?.unitMs ?? 0));
  return { ok: true, ms: partsMs.reduce((sumMs, partMs) => sumMs + partMs, 0) };
}

function readUnits(typed: string): ReadAmount {
  let ms = 0;
  let previousUnitMs = Infinity;
  let rest = typed;
  while (rest !== "") {
    const [part, digits, word = "", unit = ""] = UNIT_PART.exec(rest) ?? [];
    const count = digits === undefined ? NUMBER_WORDS.get(word) : Number(digits);
    if (part === undefined || count === undefined) {
      return { ok: false, problem: `${quoteTyped(rest)} is not a number with a unit` };
    }
    const unitMs = UNIT_MS.get(unit);
    if (unitMs === undefined) {
      return { ok: false, problem: `"${unit}" is not a unit; the units are w, d, h, min, s, ms` };
    }
    // Rising or repeated units are slips of the keyboard: "1m 30m" for "1m 30s".
    if (unitMs >= previousUnitMs) {
      return { ok: false, problem: `"${unit}" must come before the shorter units, and once` };
    }
    ms += count * unitMs;
    previousUnitMs = unitMs;
    rest = rest.slice(part.length).replace(UNIT_SEPARATOR, "");
  }
  return { ok: true, ms };
}

/**
 * A length of time for people: "1 min 30 s", "10 s", "1 h 0 min 5 s", "0.250 s".
 *
 * Begins with the longest unit that is not zero and ends with the last one, so
 * that full hours read "2 h". {@linkcode parseDuration} reads it back.
 *
 * @param durationMs Milliseconds; fractions are rounded. A negative length gets a "-".
 */
export function formatDuration(durationMs: number): string {
  const wholeMs = Math.round(Math.abs(durationMs));
  const secondsMs = wholeMs % MINUTE_MS;
  const seconds = secondsMs % SECOND_MS === 0
    ? `${secondsMs / SECOND_MS}`
    : (secondsMs / SECOND_MS).toFixed(3);
  const parts = [
    { count: `${Math.floor(wholeMs / DAY_MS)}`, unit: "d" },
    { count: `${Math.floor(wholeMs / HOUR_MS) % 24}`, unit: "h" },
    { count: `${Math.floor(wholeMs / MINUTE_MS) % 60}`, unit: "min" },
    { count: seconds, unit: "s" },
  ];
  const first = parts.findIndex(({ count }) => count !== "0");
  if (first === -1) return "0 s";
  const last = parts.findLastIndex(({ count }) => count !== "0");
  const text = parts.slice(first, last + 1).map(({ count, unit }) => `${count} ${unit}`).join(" ");
  return durationMs < 0 ? `-${text}` : text;
}

/**
 * What a person typed, in quotes, for an error: line breaks and control
 * characters escaped, and long texts cut, so that it stays on one line.
 */
export function quoteTyped(text: string): string {
  const longest = 60;
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
}
