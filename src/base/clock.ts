/**
 * Time as a parameter, so that tests hand in their own.
 *
 * @module
 */

import { type MonotonicMs, monotonicMs, type UnixMs, unixMs } from "./units.ts";

export interface Clock {
  /** Wall time now. */
  now(): UnixMs;
  /** Time since process start; for distances and time-outs. */
  monotonic(): MonotonicMs;
  /** Resolves after `durationMs`, or at once and without an error when `signal` is aborted. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => unixMs(Date.now()),
  monotonic: () => monotonicMs(performance.now()),
  async sleep(durationMs, signal) {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= LONGEST_TIMER_MS) {
      await sleepOnce(Math.min(leftMs, LONGEST_TIMER_MS), signal);
      if (signal.aborted) return;
    }
  },
};

/** A timer counts in 31 bits: longer ones run out at once. In milliseconds, 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function sleepOnce(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal.addEventListener("abort", finish);
  });
}
