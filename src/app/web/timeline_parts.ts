/**
 * Arithmetic of timelines: stretches that touch, how much of each part of a window
 * they cover, which of very many events to show.
 *
 * Pure.
 *
 * @module
 */

import { intersect, type TimeWindow, windowLengthMs } from "../../model/window.ts";
import type { TimelineEvent } from "../../web/doors.ts";

/** Parts of a window of which each shows one event of each kind and class at most. */
export const THINNED_PARTS = 400;

/** What of some stretches lies in a window. */
export function within(window: TimeWindow, stretches: readonly TimeWindow[]): TimeWindow[] {
  return stretches.map((stretch) => intersect(stretch, window)).filter((each) => each !== null);
}

/** @param windows In order of their starts. */
export function joinedWindows(windows: readonly TimeWindow[]): TimeWindow[] {
  const joined: TimeWindow[] = [];
  for (const window of windows) {
    const last = joined.at(-1);
    if (last === undefined || window.fromMs > last.toMs) joined.push(window);
    else if (window.toMs > last.toMs) joined[joined.length - 1] = { ...last, toMs: window.toMs };
  }
  return joined;
}

/**
 * How much of each part of a window some stretches cover.
 *
 * @param stretches None overlaps another.
 * @returns As many numbers from 0 to 1 as there are parts, which are equally long. With three
 * decimals: a page draws them.
 */
export function shares(
  stretches: readonly TimeWindow[],
  window: TimeWindow,
  parts: number,
): number[] {
  const partMs = windowLengthMs(window) / parts;
  const covered = new Float64Array(parts);
  for (const { fromMs, toMs } of within(window, stretches)) {
    const [from, to] = [fromMs - window.fromMs, toMs - window.fromMs];
    const last = Math.min(parts - 1, Math.ceil(to / partMs) - 1);
    for (let part = Math.floor(from / partMs); part <= last; part += 1) {
      covered[part]! += Math.min(to, (part + 1) * partMs) - Math.max(from, part * partMs);
    }
  }
  return Array.from(
    covered,
    (ms) => Math.round(Math.min(1, Math.max(0, ms / partMs)) * 1_000) / 1_000,
  );
}

/** Of each kind and class the surest event in each part of a window, in order of their starts. */
export function surest(events: readonly TimelineEvent[], window: TimeWindow): TimelineEvent[] {
  const partMs = windowLengthMs(window) / THINNED_PARTS;
  const best = new Map<string, TimelineEvent>();
  for (const event of events) {
    const part = Math.floor(Math.max(0, event.startMs - window.fromMs) / partMs);
    const key = `${part} ${event.kind} ${event.class}`;
    const known = best.get(key);
    if (known === undefined || event.score > known.score) best.set(key, event);
  }
  return [...best.values()].sort((one, other) => one.startMs - other.startMs);
}
