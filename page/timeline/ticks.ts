/**
 * Where the lines of a time scale stand, and what is written at them.
 *
 * @module
 */

import { clockText, dayText } from "../base/time_text.ts";
import { DAY_MS, HOUR_MS, lengthMs, type TimeView } from "./view.ts";

export interface Tick {
  readonly atMs: number;
  readonly text: string;
  /** A day begins. */
  readonly isDay: boolean;
}

const MINUTE_MS = 60_000;

/** Steps that people count in. */
const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7].map((days) => days * DAY_MS),
];

/** Room for "14:03:05" with a gap. */
const LEAST_PX = 76;

/** What of the local time differs from UTC at an instant, in milliseconds. */
export type ZoneOffset = (atMs: number) => number;

export function browserOffset(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset() * MINUTE_MS;
}

/** The lines of a view, from left to right: at whole steps of local time. */
export function ticksOf(
  view: TimeView,
  widthPx: number,
  offsetAt: ZoneOffset = browserOffset,
): readonly Tick[] {
  const leastMs = lengthMs(view) / widthPx * LEAST_PX;
  const stepMs = STEPS_MS.find((step) => step >= leastMs) ?? STEPS_MS.at(-1)!;
  const ticks: Tick[] = [];
  let atMs = atWhole(view.fromMs, stepMs, offsetAt);
  while (atMs < view.toMs) {
    if (atMs >= view.fromMs) ticks.push(tickAt(atMs, stepMs, offsetAt));
    // From the middle of the next step, so that a change of the clocks by an hour or two
    // neither repeats nor leaves out a line.
    atMs = atWhole(atMs + stepMs * 1.5, stepMs, offsetAt);
  }
  return ticks;
}

/** The whole step of local time at or before an instant. */
function atWhole(atMs: number, stepMs: number, offsetAt: ZoneOffset): number {
  const offset = offsetAt(atMs);
  const whole = Math.floor((atMs + offset) / stepMs) * stepMs - offset;
  // The clocks changed in between: the line stands where its own offset has it.
  return whole + offset - offsetAt(whole);
}

function tickAt(atMs: number, stepMs: number, offsetAt: ZoneOffset): Tick {
  const isDay = (atMs + offsetAt(atMs)) % DAY_MS === 0;
  const text = clockText(atMs);
  return {
    atMs,
    isDay,
    text: isDay ? dayText(atMs) : stepMs < MINUTE_MS ? text : text.slice(0, 5),
  };
}
