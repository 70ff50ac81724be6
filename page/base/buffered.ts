/**
 * What a media element has of its source, as its `buffered` tells.
 *
 * @module
 */

/** The part of `TimeRanges` that is used: stretches in the player's time, in seconds. */
export interface BufferedRanges {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
}

export function isBuffered(ranges: BufferedRanges, atS: number): boolean {
  for (let index = 0; index < ranges.length; index += 1) {
    if (ranges.start(index) <= atS && atS < ranges.end(index)) return true;
  }
  return false;
}
