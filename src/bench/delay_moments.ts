/**
 * From when files grew to when each frame was in them.
 *
 * Pure.
 *
 * @module
 */

import { type Figure, quantile } from "./figure.ts";

/** A file's length as it was seen at a moment. */
export interface Growth {
  readonly atMs: number;
  readonly sizeBytes: number;
}

/** When the file was first seen to reach a length; undefined when it never was. */
export function reachedAtMs(growth: readonly Growth[], sizeBytes: number): number | undefined {
  return growth.find((each) => each.sizeBytes >= sizeBytes)?.atMs;
}

/** A frame's way: when it left its camera, and how long it took from there. */
export interface FrameDelay {
  readonly leftAtMs: number;
  readonly delayMs: number;
}

/**
 * The middle and the slowest hundredth of delays, each once for every `windowMs` of
 * the frames' own time, so that both have a spread. A last window that is not half full
 * is left out.
 */
export function delayFigures(
  what: string,
  delays: readonly FrameDelay[],
  windowMs: number,
): Figure[] {
  const startMs = delays[0]?.leftAtMs ?? 0;
  const windows = Map.groupBy(
    delays,
    ({ leftAtMs }) => Math.floor((leftAtMs - startMs) / windowMs),
  );
  const fullest = Math.max(0, ...[...windows.values()].map(({ length }) => length));
  const groups = [...windows.values()].filter(({ length }) => length >= fullest / 2)
    .map((group) => group.map(({ delayMs }) => delayMs));
  if (groups.length === 0) return [];
  return [
    { name: `${what}, p50`, unit: "ms", samples: groups.map((group) => quantile(group, 0.5)) },
    { name: `${what}, p99`, unit: "ms", samples: groups.map((group) => quantile(group, 0.99)) },
  ];
}
