/**
 * Decides whether the wall clock may decide what is old: a box whose clock battery
 * is empty, or that wakes up in 2099, must not delete all that it has.
 *
 * Pure.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** A clock that nobody confirms may be this far ahead of the newest footage, in milliseconds. */
const DOUBTFUL_AHEAD_MS = 7 * 86_400_000;

/**
 * @param facts `newestFootageMs`: end of the newest footage of earlier sessions, 0
 * without any. `isSynchronised`: a time server keeps the clock right.
 */
export function trustsAges(
  facts: {
    readonly nowMs: UnixMs;
    readonly newestFootageMs: number;
    readonly isSynchronised: boolean;
  },
): boolean {
  const { nowMs, newestFootageMs, isSynchronised } = facts;
  if (isSynchronised || newestFootageMs === 0) return true;
  return nowMs - newestFootageMs <= DOUBTFUL_AHEAD_MS;
}
