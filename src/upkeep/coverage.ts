/**
 * Measures how much of the time that a camera was wanted is on disk, and where
 * holes are. Why they are is coverage_causes.ts's part.
 *
 * In:  a range, when the camera was wanted, its batches and what was lost inside
 *      them. Out: sums and holes, in whole milliseconds.
 *
 * Wanted time is on disk or in a hole, never both and never neither; the measures
 * of two parts of a range add up to that of the range; the order of the batches
 * and batches given twice change nothing.
 *
 * Pure.
 *
 * Design: docs/design/coverage.md
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { intersect, subtractWindows, type TimeWindow, windowLengthMs } from "../model/window.ts";

/**
 * Two batches of one run that lie closer than this have nothing missing between
 * them, in milliseconds: their ends are rounded, and the origin is steered between
 * them by at most half a frame (docs/design/time.md).
 */
export const SEAM_MS = 100;

/** A batch's place in time. */
export interface BatchSpan {
  readonly run: number;
  readonly startMs: UnixMs;
  /** Excluded. */
  readonly endMs: UnixMs;
}

export interface CoverageParts {
  readonly range: TimeWindow;
  /** When the camera was to be recorded; windows that don't overlap. */
  readonly wanted: readonly TimeWindow[];
  /** Those that share time with the range, and the nearest on each side of it. */
  readonly batches: Iterable<BatchSpan>;
  /** Stretches inside batches in which nothing arrived. */
  readonly lost: readonly TimeWindow[];
}

export interface Measured {
  readonly wantedMs: number;
  readonly onDiskMs: number;
  /** Wanted time that no batch spans, in order. */
  readonly holes: readonly TimeWindow[];
  /** Wanted time inside batches in which nothing arrived, in order. */
  readonly lost: readonly TimeWindow[];
}

export function measureCoverage(parts: CoverageParts): Measured {
  const wanted = parts.wanted.map((window) => intersect(window, parts.range))
    .filter((window) => window !== null);
  const recorded = joined(parts.batches, SEAM_MS);
  const lost = united(parts.lost);
  const holes = wanted.flatMap((window) => subtractWindows(window, recorded));
  const lostHere = wanted.flatMap((window) => {
    const inside = lost.map((each) => intersect(each, window)).filter((each) => each !== null);
    return inside.flatMap((each) => subtractWindows(each, subtractWindows(each, recorded)));
  });
  const wantedMs = sumMs(wanted);
  return {
    wantedMs,
    onDiskMs: wantedMs - sumMs(holes) - sumMs(lostHere),
    holes,
    lost: lostHere,
  };
}

/** Sum of the lengths of windows. */
export function sumMs(windows: readonly TimeWindow[]): number {
  return windows.reduce((sum, window) => sum + windowLengthMs(window), 0);
}

/** What some batches span together, in order, with the seams inside a run closed. */
function joined(batches: Iterable<BatchSpan>, seamMs: number): TimeWindow[] {
  const spans = [...batches].filter(({ startMs, endMs }) => startMs < endMs)
    .sort((one, other) => one.startMs - other.startMs);
  const windows: { fromMs: UnixMs; toMs: UnixMs }[] = [];
  /** Runs of the batches that end where the last window ends. */
  let ending = new Set<number>();
  for (const [index, { run, startMs, endMs }] of spans.entries()) {
    const last = windows.at(-1);
    const joins = last !== undefined &&
      (startMs <= last.toMs ||
        startMs - last.toMs < seamMs && startersAt(spans, index).some((each) => ending.has(each)));
    if (!joins) {
      windows.push({ fromMs: startMs, toMs: endMs });
      ending = new Set([run]);
    } else if (endMs > last.toMs) {
      last.toMs = endMs;
      ending = new Set([run]);
    } else if (endMs === last.toMs) ending.add(run);
  }
  return windows;
}

/** Runs of the batches that begin at the same instant as the one at a place. */
function startersAt(spans: readonly BatchSpan[], index: number): number[] {
  const runs: number[] = [];
  for (let at = index; spans[at]?.startMs === spans[index]!.startMs; at += 1) {
    runs.push(spans[at]!.run);
  }
  return runs;
}

/** Windows with those that overlap or touch made one. */
function united(windows: readonly TimeWindow[]): TimeWindow[] {
  return joined(windows.map(({ fromMs, toMs }) => ({ run: 0, startMs: fromMs, endMs: toMs })), 0);
}
