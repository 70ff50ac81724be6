/**
 * Pauses between tries to hand over an alert.
 *
 * Pure.
 *
 * @module
 */

const FIRST_MS = 1_000;

/** A receiver that is back gets what waits for it within this, in milliseconds. */
export const LONGEST_PAUSE_MS = 300_000;

/** Part of a pause that chance takes away, so that senders of one receiver don't come in step. */
const JITTER = 0.2;

/**
 * The pause before the next try: 1, 2, 4, … 300 s, up to a fifth shorter; longer
 * where the receiver asks for it, but never above 300 s.
 *
 * @param failures Tries in a row that failed, from 1 on.
 * @param options `chance` is a number from 0 to below 1; `askedMs` what the receiver asked for.
 */
export function pauseMs(
  failures: number,
  options: { readonly chance: number; readonly askedMs?: number | undefined },
): number {
  const fullMs = Math.min(LONGEST_PAUSE_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  const ownMs = Math.round(fullMs * (1 - JITTER * options.chance));
  return Math.min(LONGEST_PAUSE_MS, Math.max(ownMs, options.askedMs ?? 0));
}
