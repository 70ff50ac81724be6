/**
 * Pauses between tries to reach the broker.
 *
 * Pure.
 *
 * @module
 */

const FIRST_MS = 1_000;

/** A broker that is back hears of everything within this, in milliseconds. */
const LONGEST_MS = 30_000;

/** Part of a pause that chance takes away: many boxes of one broker don't come back in step. */
const JITTER = 0.5;

/**
 * The pause before the next try: 1, 2, 4, … 30 s, up to half shorter.
 *
 * @param failures Tries in a row that failed, from 1 on.
 * @param chance A number from 0 to below 1.
 */
export function pauseMs(failures: number, chance: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(fullMs * (1 - JITTER * chance));
}
