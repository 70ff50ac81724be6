/**
 * Which zones a thing is in, and for how long: a zone counts a thing when its
 * rule does, by class and by the time in it.
 *
 * In:   the zones of a camera, and where one thing stands in each picture.
 * Out:  names of the zones that count it, in the order of entering.
 *
 * Pure: time comes with the places.
 *
 * @module
 */

import type { Point } from "../model/vision.ts";
import type { Zone } from "../model/vision_settings.ts";
import { isInside } from "./polygon.ts";

/** Out of a zone for less than this is still in it, in milliseconds: boxes jump at its border. */
const STEPS_OUT_MS = 1_000;

/** A thing in a zone. */
interface Stay {
  readonly zone: Zone;
  readonly enteredMs: number;
  /** When it was last seen in it. */
  insideMs: number;
  /** It was in it for as long as the zone asks; that is not forgotten. */
  isLong: boolean;
}

/** The zones of one thing. */
export class ZoneStays {
  readonly #zones: readonly Zone[];
  /** In the order of entering; at most one for each zone. */
  #stays: Stay[] = [];

  constructor(zones: readonly Zone[]) {
    this.#zones = zones;
  }

  /** The thing stands here. */
  stand(at: Point, atMs: number): void {
    for (const zone of this.#zones) {
      const stay = this.#stays.find((each) => each.zone === zone);
      if (isInside(at, zone.polygon)) this.#stay(stay ?? this.#enter(zone, atMs), atMs);
      else if (stay !== undefined && !stay.isLong && atMs - stay.insideMs >= STEPS_OUT_MS) {
        this.#stays = this.#stays.filter((each) => each !== stay);
      }
    }
  }

  /**
   * Names of the zones that count a thing of this class, in the order of entering.
   *
   * @param name Null for movement, which only zones for every class count.
   */
  namesFor(name: string | null): string[] {
    return this.#stays
      .filter(({ isLong, zone: { classes } }) =>
        isLong && (classes === null || (name !== null && classes.includes(name)))
      )
      .map(({ zone }) => zone.name);
  }

  #enter(zone: Zone, atMs: number): Stay {
    const stay = { zone, enteredMs: atMs, insideMs: atMs, isLong: false };
    this.#stays.push(stay);
    return stay;
  }

  #stay(stay: Stay, atMs: number): void {
    stay.insideMs = atMs;
    if (atMs - stay.enteredMs >= stay.zone.afterMs) stay.isLong = true;
  }
}
