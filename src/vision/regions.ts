/**
 * Decides which parts of a picture the detector looks at: one for each thing that
 * moves, because a model of 300 points does not see a cyclist in the whole of a
 * yard.
 *
 * In:   boxes, and the picture's size. Out: at most three parts.
 * Not here: cutting them out.
 *
 * Pure.
 *
 * Design: docs/design/vision.md, "Motion"
 *
 * @module
 */

import type { Box } from "../model/vision.ts";
import { mergeClose } from "./merge_boxes.ts";
import { areaOf } from "./polygon.ts";

/** Each costs a run of the model. */
export const MOST_REGIONS = 3;

/** Things closer than this are looked at together, as part of the picture's width: 24 of 320. */
const TOGETHER_GAP = 0.075;

/** What moves is only a part of what is there, and a model wants some surroundings. */
const GROWTH = 1.2;

/** A part is at least so wide, as part of the picture: below, there is nothing more to see in it. */
const LEAST_WIDTH = 0.4;

/** Shape of a part. */
const ASPECT = 16 / 9;

/** Where to look. */
export interface RegionWish {
  /** What moves, in fractions of the picture. */
  readonly moving: readonly Box[];
  /** What is looked at where there is a part left: things that stand still and were seen before. */
  readonly still: readonly Box[];
}

/**
 * Plans where to look.
 *
 * @returns Parts in fractions of the picture, that of the largest moving thing first; what
 * fits into the part of a larger one has no part of its own.
 */
export function planRegions(
  { moving, still }: RegionWish,
  { width, height }: { readonly width: number; readonly height: number },
): Box[] {
  const high = height / width;
  const things = mergeClose(moving, { gap: TOGETHER_GAP, high })
    .toSorted((a, b) => areaOf(b) - areaOf(a));
  const regions: Box[] = [];
  for (const thing of [...things, ...still]) {
    if (regions.length === MOST_REGIONS) break;
    if (!regions.some((region) => holds(region, thing))) regions.push(regionAround(thing, high));
  }
  return regions;
}

/** The part around a thing; `high` is the picture's height in widths. */
function regionAround(thing: Box, high: number): Box {
  const wanted = Math.max(thing.width, thing.height * high * ASPECT) * GROWTH;
  const width = Math.min(1, Math.max(wanted, LEAST_WIDTH));
  const height = Math.min(1, Math.max(width / ASPECT, thing.height * high * GROWTH) / high);
  return {
    x: within(thing.x + (thing.width - width) / 2, 1 - width),
    y: within(thing.y + (thing.height - height) / 2, 1 - height),
    width,
    height,
  };
}

function within(value: number, limit: number): number {
  return Math.max(0, Math.min(limit, value));
}

/** Rounding is no reason for a part of its own, in fractions of the picture. */
const SLACK = 1e-6;

function holds(region: Box, thing: Box): boolean {
  return thing.x >= region.x - SLACK && thing.y >= region.y - SLACK &&
    thing.x + thing.width <= region.x + region.width + SLACK &&
    thing.y + thing.height <= region.y + region.height + SLACK;
}
