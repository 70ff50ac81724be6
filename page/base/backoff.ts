/**
 * How long to wait before a connection is tried again.
 *
 * @module
 */

const FIRST_MS = 500;

/** Longer than a restart of the server takes, and short enough to notice its end. */
const LONGEST_MS = 15_000;

/**
 * Doubles from half a second, with up to a quarter taken off by chance: pages that
 * lost the server together don't come back together.
 *
 * @param failures How often it has failed in a row, at least 1.
 * @param chance From 0 to 1, excluding 1.
 */
export function waitBeforeRetryMs(failures: number, chance: number): number {
  const fullMs = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), LONGEST_MS);
  return Math.round(fullMs * (1 - chance / 4));
}
