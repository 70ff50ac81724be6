/**
 * A stretch of wall time, and the arithmetic of such stretches. Half-open: the
 * start belongs to a window, its end does not, so windows that touch share no
 * instant and leave none out.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** A stretch of wall time: `fromMs` is part of it, `toMs` is not. */
export interface TimeWindow {
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
}

/** Length of a window in milliseconds; 0 or less means that it is empty. */
export function windowLengthMs(window: TimeWindow): number {
  return window.toMs - window.fromMs;
}

/** What two windows have in common, or null when that is nothing. */
export function intersect(one: TimeWindow, other: TimeWindow): TimeWindow | null {
  const fromMs = one.fromMs > other.fromMs ? one.fromMs : other.fromMs;
  const toMs = one.toMs < other.toMs ? one.toMs : other.toMs;
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/**
 * The holes of a window: what of it no piece covers, in order of time.
 *
 * Pieces may overlap, touch, reach over the window's edges or be empty. In
 * order of `fromMs` they cost O(n); in any other order they are sorted first.
 * Does not change its arguments.
 *
 * @param window The stretch that should be covered.
 * @param pieces What covers it, for example the batches of one camera.
 * @returns Holes that neither touch nor overlap; none when all is covered or
 * the window is empty.
 *
 * @example Two batches with a lost second between them
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * import { unixMs } from "../base/units.ts";
 * import { subtractWindows } from "./window.ts";
 *
 * const window = { fromMs: unixMs(0), toMs: unixMs(20_000) };
 * const pieces = [
 *   { fromMs: unixMs(-4_000), toMs: unixMs(6_000) },
 *   { fromMs: unixMs(7_000), toMs: unixMs(20_000) },
 * ];
 *
 * deepStrictEqual(subtractWindows(window, pieces), [
 *   { fromMs: unixMs(6_000), toMs: unixMs(7_000) },
 * ]);
 * ```
 */
export function subtractWindows(window: TimeWindow, pieces: readonly TimeWindow[]): TimeWindow[] {
  const holes: TimeWindow[] = [];
  let coveredToMs = window.fromMs;
  for (const piece of pieces.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const covered = intersect(window, piece);
    if (covered === null) continue;
    if (covered.fromMs > coveredToMs) holes.push({ fromMs: coveredToMs, toMs: covered.fromMs });
    if (covered.toMs > coveredToMs) coveredToMs = covered.toMs;
  }
  if (coveredToMs < window.toMs) holes.push({ fromMs: coveredToMs, toMs: window.toMs });
  return holes;
}
