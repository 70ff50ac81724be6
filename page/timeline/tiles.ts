/**
 * Which pieces of a timeline are asked of the server: whole tiles of a few fixed
 * lengths, so that a zoom or a move asks for little that is not there already.
 *
 * @module
 */

import { DAY_MS, HOUR_MS, lengthMs, type TimeView } from "./view.ts";

/** A stretch of time that begins at a whole multiple of its length, in UTC. */
export interface Tile extends TimeView {
  readonly key: string;
  /** In how many parts motion is told. */
  readonly buckets: number;
}

const BUCKETS = 240;

/** From long to short. */
const TILE_LENGTHS_MS: readonly number[] = [7 * DAY_MS, DAY_MS, 6 * HOUR_MS, HOUR_MS, HOUR_MS / 6];

/** So many tiles cover a view at most, with one more at each end. */
const MOST_TILES = 4;

/** The tiles that a view needs, from left to right. Nothing of the future. */
export function tilesFor(view: TimeView, nowMs: number): readonly Tile[] {
  const size = TILE_LENGTHS_MS.findLast((length) => lengthMs(view) / length <= MOST_TILES) ??
    TILE_LENGTHS_MS[0]!;
  const first = Math.floor(view.fromMs / size);
  const last = Math.ceil(Math.min(view.toMs, nowMs) / size);
  const count = Math.max(0, last - first);
  return Array.from({ length: count }, (_, index) => tileAt((first + index) * size, size));
}

function tileAt(fromMs: number, size: number): Tile {
  return { fromMs, toMs: fromMs + size, key: `${fromMs}+${size}`, buckets: BUCKETS };
}

/** A day of a row of days: as long as that day is. */
export function dayTile(day: TimeView): Tile {
  return { ...day, key: `${day.fromMs}-${day.toMs}`, buckets: 288 };
}

/** What is being recorded changes; the past may only lose what is deleted. */
export function freshForMs(tile: TimeView, nowMs: number): number {
  return tile.toMs > nowMs - 60_000 ? 5_000 : 10 * 60_000;
}
