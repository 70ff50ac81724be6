/**
 * Decides whether a step of the wall clock puts right what was recorded before
 * it. Only a clock that was known to be wrong is corrected afterwards; any other
 * step is noted and changes nothing that is recorded.
 *
 * Pure.
 *
 * Design: docs/design/time.md
 *
 * @module
 */

import { type MonotonicMs, type UnixMs, unixMs } from "../base/units.ts";

/** What the machine's kernel says of its wall clock. */
export type ClockState = "synchronised" | "not-synchronised" | "unknown";

/** Both clocks at one moment. */
export interface ClockReading {
  readonly wallMs: UnixMs;
  readonly monotonicMs: MonotonicMs;
  readonly state: ClockState;
}

/** Before this program was written no wall clock that is right has shown: 2026-01-01T00:00:00Z. */
export const PROGRAM_BEGAN_MS: UnixMs = unixMs(Date.UTC(2026, 0, 1));

/** Smaller corrections are left: the times are right to about this anyway, in milliseconds. */
const SMALLEST_MS = 1_000;

/**
 * A camera's stream may run ahead of wall time by two seconds before it is taken
 * for a jump (docs/design/time.md): footage may end so much later than it was made.
 */
const STREAM_AHEAD_MS = 5_000;

/**
 * How far the wall clock was set between two readings; positive is forward. The
 * monotonic clock knows how much time went by.
 */
export function stepBetween(before: ClockReading, after: ClockReading): number {
  return Math.round(
    (after.wallMs - after.monotonicMs) - (before.wallMs - before.monotonicMs),
  );
}

/**
 * What is to be added to times that were taken by the clock of `then`, now that
 * the clock is that of `now`.
 *
 * The clock was known to be wrong then, and is right now, where
 * - the kernel called it not synchronised and calls it synchronised now, or
 * - it showed a time before the newest footage (or before this program was
 *   written), and corrected it no longer does.
 *
 * @param newestFootageMs End of the camera's newest footage of earlier sessions; 0 without any.
 * @returns Milliseconds; null when nothing is to be put right.
 */
export function correctionOf(
  then: ClockReading,
  now: ClockReading,
  newestFootageMs: number,
): number | null {
  const stepMs = stepBetween(then, now);
  if (Math.abs(stepMs) < SMALLEST_MS) return null;
  const wasUnset = then.state === "not-synchronised" && now.state === "synchronised";
  const earliestMs = Math.max(PROGRAM_BEGAN_MS, newestFootageMs - STREAM_AHEAD_MS);
  const wasTooEarly = then.wallMs < earliestMs && then.wallMs + stepMs >= earliestMs;
  return wasUnset || wasTooEarly ? stepMs : null;
}

/** Whether a later step may put this reading right: otherwise nothing has to be remembered. */
export function isDoubtful(reading: ClockReading, newestFootageMs: number): boolean {
  return reading.state === "not-synchronised" || reading.wallMs < PROGRAM_BEGAN_MS ||
    reading.wallMs < newestFootageMs - STREAM_AHEAD_MS;
}
