/**
 * Parts of the picture that never count.
 *
 * Pure.
 *
 * @module
 */

import type { Box, Polygon } from "../model/vision.ts";
import type { GrayGrid } from "./gray.ts";
import { isInside, shareInside } from "./polygon.ts";

/** A thing does not count when more of it than this is masked. */
const MOST_MASKED = 0.5;

/**
 * A byte for each point of the grid: 1 where movement counts, 0 where it never
 * does. A point is where the picture's pixel has its middle.
 */
export function openPoints(masks: readonly Polygon[], grid: GrayGrid): Uint8Array {
  const { width, height, step, pictureWidth, pictureHeight } = grid;
  const open = new Uint8Array(width * height).fill(1);
  if (masks.length === 0) return open;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const point = {
        x: (column * step + 0.5) / pictureWidth,
        y: (row * step + 0.5) / pictureHeight,
      };
      if (masks.some((mask) => isInside(point, mask))) open[row * width + column] = 0;
    }
  }
  return open;
}

/** Whether a thing lies in masked parts for the most part. */
export function isMasked(box: Box, masks: readonly Polygon[]): boolean {
  return masks.length > 0 && shareInside(box, masks) > MOST_MASKED;
}
