/**
 * Pauses between tries to reach a camera.
 *
 * @module
 */

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** Part of a pause that chance takes away, so that cameras of one switch don't come back in step. */
const JITTER = 0.2;

/**
 * The pause before the next try: 1, 2, 4, … 30 s, up to a fifth shorter.
 *
 * @param failures Tries in a row that failed; 0 after one that recorded, for half a second.
 * @param chance A number from 0 to below 1.
 */
export function retryPauseMs(failures: number, chance: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(fullMs * (1 - JITTER * chance));
}
