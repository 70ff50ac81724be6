/**
 * What encoders of pictures and of sound have in common: their number is limited, and
 * one that ended is started again after a pause that grows.
 *
 * @module
 */

/** Places for encoders, of which a box has few. */
export interface EncoderPlaces {
  readonly most: number;
  taken: number;
}

/** Pauses before an encoder that ended is started again, in milliseconds. */
const RESTART_MS = [0, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** @param failures How many before this one ended early, one behind the other. */
export function restartPauseMs(failures: number): number {
  return RESTART_MS[Math.min(failures, RESTART_MS.length - 1)]!;
}
