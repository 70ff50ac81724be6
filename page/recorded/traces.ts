/**
 * Where the things of past events were at an instant, for the boxes over recorded
 * footage.
 *
 * @module
 */

import type { Box, SeenEvent } from "../api/types.ts";

export interface Trace {
  readonly name: string | null;
  readonly score: number | null;
  readonly points: readonly { readonly atMs: number; readonly box: Box }[];
}

/** A trace is thinned: between two points a thing went straight, but not for this long. */
const LONGEST_STEP_MS = 5_000;

/** Before the first and after the last point it stays for a moment. */
const EDGE_MS = 200;

export function traceOf({ class: name, score, boxes }: SeenEvent): Trace {
  return {
    name,
    score,
    points: boxes.map(({ at, box }) => ({ atMs: Date.parse(at), box })),
  };
}

/** The box of a trace at an instant; undefined where it was not there. */
export function boxAt({ points }: Pick<Trace, "points">, atMs: number): Box | undefined {
  const index = points.findLastIndex((point) => point.atMs <= atMs);
  const before = points[index];
  const after = points[index + 1];
  if (before === undefined) {
    return after !== undefined && after.atMs - atMs <= EDGE_MS ? after.box : undefined;
  }
  if (after === undefined) return atMs - before.atMs <= EDGE_MS ? before.box : undefined;
  const stepMs = after.atMs - before.atMs;
  if (stepMs > LONGEST_STEP_MS) return atMs - before.atMs <= EDGE_MS ? before.box : undefined;
  return between(before.box, after.box, (atMs - before.atMs) / stepMs);
}

function between(a: Box, b: Box, share: number): Box {
  const mix = (name: keyof Box) => a[name] + (b[name] - a[name]) * share;
  return { x: mix("x"), y: mix("y"), width: mix("width"), height: mix("height") };
}
