/**
 * Points, boxes and polygons of a picture: what lies in what, and how much of it.
 * All in fractions of the picture.
 *
 * Pure.
 *
 * @module
 */

import type { Box, Point, Polygon } from "../model/vision.ts";

/**
 * Whether a point lies in a polygon, by the even-odd rule. Of a border shared by
 * two polygons each point lies in one of them.
 */
export function isInside({ x, y }: Point, polygon: Polygon): boolean {
  let isIn = false;
  let before = polygon.at(-1);
  for (const corner of polygon) {
    if (before !== undefined && (corner.y > y) !== (before.y > y)) {
      const along = (y - corner.y) / (before.y - corner.y);
      if (x < corner.x + along * (before.x - corner.x)) isIn = !isIn;
    }
    before = corner;
  }
  return isIn;
}

/** Points in each direction at which a box is looked at for {@linkcode shareInside}. */
const SAMPLES = 8;

/** The share of a box that lies in any of the polygons, 0 to 1, looked at in 64 points. */
export function shareInside(box: Box, polygons: readonly Polygon[]): number {
  if (polygons.length === 0) return 0;
  let count = 0;
  for (let row = 0; row < SAMPLES; row += 1) {
    for (let column = 0; column < SAMPLES; column += 1) {
      const point = {
        x: box.x + (column + 0.5) / SAMPLES * box.width,
        y: box.y + (row + 0.5) / SAMPLES * box.height,
      };
      if (polygons.some((polygon) => isInside(point, polygon))) count += 1;
    }
  }
  return count / SAMPLES ** 2;
}

/** How far from the picture's edge a thing is taken to stand at least: polygons end at the edge. */
const EDGE = 0.0005;

/** Where a thing stands: the middle of its box's lower edge, inside the picture. */
export function feetOf({ x, y, width, height }: Box): Point {
  return { x: within(x + width / 2), y: within(y + height) };
}

/** The middle of a box, inside the picture. */
export function centerOf({ x, y, width, height }: Box): Point {
  return { x: within(x + width / 2), y: within(y + height / 2) };
}

function within(value: number): number {
  return Math.min(1 - EDGE, Math.max(EDGE, value));
}

export function areaOf({ width, height }: Box): number {
  return width * height;
}

/** Area that two boxes have in common. */
export function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Shared area as part of the area of both together: 1 for equal boxes, 0 for separate ones. */
export function overlapOf(a: Box, b: Box): number {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / (areaOf(a) + areaOf(b) - shared);
}

/** The smallest box around two others. */
export function boxAround(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** The part of a box that is inside the picture; of one outside, its nearest edge. */
export function visiblePart(box: Box): Box {
  const clip = (value: number) => Math.max(0, Math.min(1, value));
  const x = clip(box.x);
  const y = clip(box.y);
  return { x, y, width: clip(box.x + box.width) - x, height: clip(box.y + box.height) - y };
}
