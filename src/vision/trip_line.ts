/**
 * Notices that a thing goes across a line, and in which direction.
 *
 * A thing that stands on a line sways over it; it has gone across when it is a
 * little beyond, and comes back only when it is as far on the first side again.
 *
 * In:   the lines of a camera, and where one thing stands in each picture.
 * Out:  crossings.
 *
 * Pure: time comes with the places.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Crossing, Point } from "../model/vision.ts";
import type { TripLine } from "../model/vision_settings.ts";

/** How far from a line a thing is beyond it, as part of the picture. */
const BEYOND = 0.01;

/** A thing that turns round on a line all day long is enough at so many. */
const MOST_CROSSINGS = 100;

/** Where the thing was last clearly on a side of the line; below 0 is left. */
interface Side {
  readonly at: Point;
  readonly side: number;
}

/** The lines of one thing. */
export class LineCrossings {
  readonly #lines: readonly TripLine[];
  readonly #sides = new Map<TripLine, Side>();
  readonly #crossings: { readonly line: TripLine; readonly crossing: Crossing }[] = [];

  constructor(lines: readonly TripLine[]) {
    this.#lines = lines;
  }

  /** The thing stands here. */
  stand(at: Point, atMs: UnixMs): void {
    for (const line of this.#lines) {
      const distance = distanceFrom(line, at);
      if (Math.abs(distance) < BEYOND) continue;
      const side = Math.sign(distance);
      const before = this.#sides.get(line);
      this.#sides.set(line, { at, side });
      if (before === undefined || before.side === side || !isBetween(line, before.at, at)) continue;
      const direction = side < 0 ? "to-left" : "to-right";
      if (line.direction !== "any" && line.direction !== direction) continue;
      if (this.#crossings.length === MOST_CROSSINGS) continue;
      this.#crossings.push({ line, crossing: { line: line.name, atMs, direction } });
    }
  }

  /** Crossings of lines that are there for things of this class. */
  of(name: string): Crossing[] {
    return this.#crossings
      .filter(({ line: { classes } }) => classes === null || classes.includes(name))
      .map(({ crossing }) => crossing);
  }
}

/** Distance of a point from the line through two points; below 0 on its left, as y goes downwards. */
function distanceFrom({ from, to }: Pick<TripLine, "from" | "to">, { x, y }: Point): number {
  const across = to.x - from.x;
  const down = to.y - from.y;
  return (across * (y - from.y) - down * (x - from.x)) / Math.hypot(across, down);
}

/** Whether the way from one point to another, which are on both sides of the line, meets the line itself. */
function isBetween({ from, to }: TripLine, start: Point, end: Point): boolean {
  const way = { from: start, to: end };
  return Math.sign(distanceFrom(way, from)) !== Math.sign(distanceFrom(way, to));
}
