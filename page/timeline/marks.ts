/**
 * The stretch that a person marks: beginning and end, each set by itself.
 *
 * @module
 */

export interface Marks {
  readonly inMs: number | undefined;
  readonly outMs: number | undefined;
}

export const NO_MARKS: Marks = { inMs: undefined, outMs: undefined };

/** A beginning behind the end takes the end away: it was of another thought. */
export function withIn(marks: Marks, atMs: number): Marks {
  const inMs = Math.round(atMs);
  return { inMs, outMs: marks.outMs !== undefined && marks.outMs > inMs ? marks.outMs : undefined };
}

export function withOut(marks: Marks, atMs: number): Marks {
  const outMs = Math.round(atMs);
  return { outMs, inMs: marks.inMs !== undefined && marks.inMs < outMs ? marks.inMs : undefined };
}

/** Both ends in whole milliseconds; undefined while one is missing. */
export function markedStretch(
  { inMs, outMs }: Marks,
): { readonly fromMs: number; readonly toMs: number } | undefined {
  return inMs === undefined || outMs === undefined ? undefined : { fromMs: inMs, toMs: outMs };
}
