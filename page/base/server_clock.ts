/**
 * How far this device's clock is from the server's, learnt from the `Date` of
 * answers: each bounds the difference to a second and the time of the round trip,
 * and many narrow it down.
 *
 * @module
 */

/** The difference, server minus device, lies between these, in milliseconds. */
export interface OffsetBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** An answer's `Date`, and when by this device's clock it was asked for and came. */
export interface DateSample {
  readonly sentMs: number;
  readonly receivedMs: number;
  /** Whole seconds: the server cut the rest off. */
  readonly dateMs: number;
}

/** What the bounds are with one more answer. Answers that contradict each other: the newest counts. */
export function narrowOffset(
  bounds: OffsetBounds | undefined,
  { sentMs, receivedMs, dateMs }: DateSample,
): OffsetBounds {
  const fresh = { leastMs: dateMs - receivedMs, mostMs: dateMs + 1000 - sentMs };
  if (bounds === undefined) return fresh;
  const leastMs = Math.max(bounds.leastMs, fresh.leastMs);
  const mostMs = Math.min(bounds.mostMs, fresh.mostMs);
  // A clock was set meanwhile.
  return leastMs > mostMs ? fresh : { leastMs, mostMs };
}

/** What to add to this device's clock: nothing while the clocks may well agree. */
export function offsetMs(bounds: OffsetBounds | undefined): number {
  if (bounds === undefined || (bounds.leastMs <= 0 && bounds.mostMs >= 0)) return 0;
  return (bounds.leastMs + bounds.mostMs) / 2;
}
