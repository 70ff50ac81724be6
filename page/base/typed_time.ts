/**
 * Reads the few ways to write a time that need no server: a clock time of the day
 * on show, a date with a time, or ISO 8601. All other words ("yesterday 14:05")
 * are the server's to read, which knows the words of the prompt.
 *
 * @module
 */

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/;
const DATE_AND_CLOCK = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?$/;
const WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * The instant that a text names, in the browser's zone; undefined where it takes
 * the server to tell.
 *
 * @param dayMs An instant of the day that a bare clock time means.
 */
export function readTypedTime(text: string, dayMs: number): number | undefined {
  const trimmed = text.trim();
  if (WITH_ZONE.test(trimmed)) return Date.parse(trimmed);
  const day = new Date(dayMs);
  if (CLOCK.test(trimmed)) {
    return at([day.getFullYear(), day.getMonth(), day.getDate()], trimmed);
  }
  const match = DATE_AND_CLOCK.exec(trimmed);
  if (match === null) return undefined;
  const date = [Number(match[1]), Number(match[2]) - 1, Number(match[3])] as const;
  return at(date, match[4] ?? "0:00");
}

function at(
  [year, month, day]: readonly [number, number, number],
  clock: string,
): number | undefined {
  const match = CLOCK.exec(clock);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [match[1], match[2], match[3] ?? "0"].map(Number);
  const ms = Number((match[4] ?? "0").padEnd(3, "0"));
  if (hours! > 23 || minutes! > 59 || seconds! > 59) return undefined;
  const date = new Date(year, month, day, hours!, minutes!, seconds!, ms);
  // "2026-02-31" would otherwise be a day of March.
  return date.getMonth() === month && date.getDate() === day ? date.getTime() : undefined;
}
