/**
 * Units that the compiler keeps apart: a wall time can't be passed where a
 * monotonic time is meant.
 *
 * @module
 */

/** Wall time: whole milliseconds since 1970-01-01T00:00:00Z. May step. */
export type UnixMs = number & { readonly unit: "unix-ms" };

/** Time since process start, in milliseconds. Never steps, never compared across restarts. */
export type MonotonicMs = number & { readonly unit: "monotonic-ms" };

/**
 * Marks a number as wall time.
 *
 * @throws {RangeError} If it is not a whole number of milliseconds.
 */
export function unixMs(value: number): UnixMs {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot use ${value} as wall time: need whole milliseconds`);
  }
  return value as UnixMs;
}

/** Marks a number as monotonic time, in milliseconds (fractions allowed). */
export function monotonicMs(value: number): MonotonicMs {
  return value as MonotonicMs;
}

/** Wall time as ISO 8601 in UTC with milliseconds, for example "2026-11-21T20:57:09.340Z". */
export function isoUtc(atMs: UnixMs): string {
  return new Date(atMs).toISOString();
}
