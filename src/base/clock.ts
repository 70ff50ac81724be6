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
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, durationMs);
      signal.addEventListener("abort", finish);
    }),
};
