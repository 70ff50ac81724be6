/**
 * Boxes that come close are one.
 *
 * Pure.
 *
 * @module
 */

import type { Box } from "../model/vision.ts";
import { boxAround } from "./polygon.ts";

/** How close is close. */
export interface Closeness {
  /** Distance below which two boxes are one, as part of the picture's width. */
  readonly gap: number;
  /** Height of the picture in widths: 0.5625 where it is 16:9. */
  readonly high: number;
}

/** Joins boxes until no two of them come closer than the gap. */
export function mergeClose(boxes: readonly Box[], closeness: Closeness): Box[] {
  const merged: Box[] = [];
  for (const box of boxes) {
    let grown = box;
    // Each joint may bring others within reach.
    for (let index = 0; index < merged.length;) {
      const other = merged[index]!;
      if (isClose(grown, other, closeness)) {
        grown = boxAround(grown, other);
        merged.splice(index, 1);
        index = 0;
      } else index += 1;
    }
    merged.push(grown);
  }
  return merged;
}

function isClose(a: Box, b: Box, { gap, high }: Closeness): boolean {
  const downGap = gap / high;
  return a.x - (b.x + b.width) < gap && b.x - (a.x + a.width) < gap &&
    a.y - (b.y + b.height) < downGap && b.y - (a.y + a.height) < downGap;
}
