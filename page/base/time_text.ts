/**
 * Times, durations and amounts as people read them. Times are the browser's own
 * zone, with 24 hours, and look the same in every language: they are compared
 * with the clock in the picture.
 *
 * @module
 */

const pad = (value: number, digits = 2) => String(value).padStart(digits, "0");

/** "14:03:05". */
export function clockText(atMs: number): string {
  const at = new Date(atMs);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

/** "14:03:05.120". */
export function preciseClockText(atMs: number): string {
  return `${clockText(atMs)}.${pad(new Date(atMs).getMilliseconds(), 3)}`;
}

/** "2026-11-22". */
export function dateText(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** "2026-11-22 14:03:05". */
export function instantText(atMs: number): string {
  return `${dateText(atMs)} ${clockText(atMs)}`;
}

/** "Sun 22 Nov". */
export function dayText(atMs: number): string {
  const at = new Date(atMs);
  const [weekday, month] = [WEEKDAYS[at.getDay()], MONTHS[at.getMonth()]];
  return `${weekday} ${at.getDate()} ${month}`;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

/** With the date only where it is another day than `nowMs`: "14:03:05", "Sat 21 Nov, 14:03:05". */
export function nearText(atMs: number, nowMs: number): string {
  return dateText(atMs) === dateText(nowMs)
    ? clockText(atMs)
    : `${dayText(atMs)}, ${clockText(atMs)}`;
}

/** "UTC+05:30": what the browser's zone is at an instant. */
export function zoneText(atMs: number): string {
  const minutes = -new Date(atMs).getTimezoneOffset();
  const sign = minutes < 0 ? "-" : "+";
  const size = Math.abs(minutes);
  return `UTC${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The two largest units: "2.4 s", "1 min 30 s", "3 h 5 min", "2 d 4 h". */
export function durationText(lengthMs: number): string {
  if (lengthMs < 10_000) return `${Number((lengthMs / 1000).toFixed(1))} s`;
  const rounded = Math.round(lengthMs / 1000) * 1000;
  if (rounded < MINUTE_MS) return `${rounded / 1000} s`;
  if (rounded < HOUR_MS) return two(rounded, [MINUTE_MS, "min"], [1000, "s"]);
  if (rounded < DAY_MS) return two(rounded, [HOUR_MS, "h"], [MINUTE_MS, "min"]);
  return two(rounded, [DAY_MS, "d"], [HOUR_MS, "h"]);
}

type Unit = readonly [sizeMs: number, name: string];

function two(lengthMs: number, [largeMs, large]: Unit, [smallMs, small]: Unit): string {
  const count = Math.floor(lengthMs / largeMs);
  const rest = Math.floor((lengthMs - count * largeMs) / smallMs);
  return rest === 0 ? `${count} ${large}` : `${count} ${large} ${rest} ${small}`;
}

/** "3 min ago", "in 2 h": how far an instant is from now. */
export function agoText(atMs: number, nowMs: number): string {
  const lengthMs = Math.abs(nowMs - atMs);
  if (lengthMs < 5_000) return "now";
  const text = durationText(coarse(lengthMs));
  return atMs < nowMs ? `${text} ago` : `in ${text}`;
}

/** Whole units only: nobody wants the seconds of "3 h ago". */
function coarse(lengthMs: number): number {
  const unitMs = [DAY_MS, HOUR_MS, MINUTE_MS].find((size) => lengthMs >= size) ?? 1000;
  return Math.floor(lengthMs / unitMs) * unitMs;
}

/** "1.2 GB": powers of ten, as disks are sold. */
export function bytesText(bytes: number): string {
  const names = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < names.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${names[unit]}`;
}

/** "3.1 Mbit/s". */
export function rateText(bitsPerSecond: number): string {
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

/** "99.97 %": never 100 where something is missing. */
export function shareText(share: number): string {
  if (share >= 1) return "100 %";
  const percent = Math.floor(share * 10_000) / 100;
  return `${percent >= 99 ? percent.toFixed(2) : percent.toFixed(1)} %`;
}

/** Value for an `<input type="datetime-local" step="1">`, and back. */
export function fieldOfInstant(atMs: number): string {
  return `${dateText(atMs)}T${clockText(atMs)}`;
}

/** Undefined for what is no time. */
export function instantOfField(text: string): number | undefined {
  const atMs = new Date(text).getTime();
  return Number.isNaN(atMs) ? undefined : atMs;
}
