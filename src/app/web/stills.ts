/**
 * Finds the still of an instant without looking through folders: a still's name is
 * its time, so that of the very second is opened at once. Only where that is not
 * there, its hour's folder is listed, and what was listed is remembered.
 *
 * In:   a camera, an instant, and where its footage at or before that ends.
 * Out:  the JPEG and the time that it is named by.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { type UnixMs, unixMs } from "../../base/units.ts";
import { slotOf, stillPath } from "../../model/paths.ts";
import type { StillPicture } from "../../web/doors.ts";

/** A still is written about a second after its time: so many are tried before an hour is listed. */
const TRIED_SLOTS = 3;

const HOUR_MS = 3_600_000;

/** Lists of hours that are remembered: at one still a second each has 3600 numbers, 29 kB. */
const KEPT_LISTS = 48;

/** How long the list of an hour that may still grow is believed, in milliseconds. */
const FRESH_MS = 2_000;

/** How long after its end an hour may still get stills, in milliseconds. */
const GROWS_MS = 60_000;

/** Stills of a list that are passed over, because they are gone, before the list is given up. */
const MOST_GONE = 5;

interface HourList {
  /** Times of its stills, in order, as they are named. */
  readonly slots: Float64Array;
  readonly listedAt: number;
}

/** Where to look. */
export interface StillPlace {
  readonly cameraId: string;
  /** The instant as names have it: by the clock of the time when it was written. */
  readonly writtenMs: UnixMs;
  /** To be added to names for the right time. */
  readonly shiftMs: number;
  /** The same for the end of the footage at or before it. */
  readonly footageMs: UnixMs;
}

export class StillFinder {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #lists = new Map<string, HourList>();
  /** Time between two stills, by camera, as its folders show. */
  readonly #everyMs = new Map<string, number>();

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
  }

  /** The newest still at or before an instant; undefined where there is none near its footage. */
  async find(place: StillPlace): Promise<StillPicture | undefined> {
    const found = await this.#guess(place) ?? await this.#lookUp(place);
    return found === undefined ? undefined : {
      jpeg: found.jpeg,
      atMs: unixMs(found.atMs + place.shiftMs),
    };
  }

  /** Opens what it is called if stills come as they do elsewhere. */
  async #guess({ cameraId, writtenMs }: StillPlace): Promise<StillPicture | undefined> {
    const everyMs = this.#everyMs.get(cameraId);
    if (everyMs === undefined) return undefined;
    for (let tried = 0; tried < TRIED_SLOTS; tried += 1) {
      const atMs = slotOf(writtenMs - tried * everyMs, everyMs);
      const jpeg = await this.#read(cameraId, atMs);
      if (jpeg !== undefined) return { jpeg, atMs };
    }
    return undefined;
  }

  async #lookUp({ cameraId, writtenMs, footageMs }: StillPlace): Promise<StillPicture | undefined> {
    // The open batch may have begun in the hour before, and so may the footage that ended last.
    const hours = [hourOf(writtenMs), hourOf(writtenMs) - HOUR_MS];
    hours.push(hourOf(footageMs), hourOf(footageMs) - HOUR_MS);
    for (const hourMs of new Set(hours)) {
      const { slots } = await this.#list(cameraId, hourMs);
      const count = countUpTo(slots, writtenMs);
      for (let index = count - 1; index >= Math.max(0, count - MOST_GONE); index -= 1) {
        const atMs = slots[index]! as UnixMs;
        const jpeg = await this.#read(cameraId, atMs);
        if (jpeg !== undefined) return { jpeg, atMs };
        this.#lists.delete(folderOf(cameraId, hourMs));
      }
    }
    return undefined;
  }

  async #read(cameraId: string, slotMs: UnixMs): Promise<Uint8Array | undefined> {
    try {
      return await Deno.readFile(join(this.#root, stillPath(cameraId, slotMs)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async #list(cameraId: string, hourMs: number): Promise<HourList> {
    const folder = folderOf(cameraId, hourMs);
    const mayGrow = this.#clock.now() < hourMs + HOUR_MS + GROWS_MS;
    const listedAt = this.#clock.monotonic();
    const known = this.#lists.get(folder);
    if (known !== undefined && (!mayGrow || listedAt - known.listedAt < FRESH_MS)) return known;
    const list = { slots: await slotsIn(join(this.#root, folder), hourMs), listedAt };
    const everyMs = smallestStep(list.slots);
    if (everyMs !== undefined) this.#everyMs.set(cameraId, everyMs);
    this.#lists.delete(folder);
    this.#lists.set(folder, list);
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= KEPT_LISTS) break;
      this.#lists.delete(oldest);
    }
    return list;
  }
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}

function folderOf(cameraId: string, hourMs: number): string {
  const path = stillPath(cameraId, unixMs(hourMs));
  return path.slice(0, path.lastIndexOf("/"));
}

/** Names are minute, second and hundredth (model/paths.ts). */
const NAME = /^(\d\d)(\d\d)(\d\d)\.jpg$/;

async function slotsIn(folder: string, hourMs: number): Promise<Float64Array> {
  const slots: number[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const [, minute, second, hundredth] = NAME.exec(name) ?? [];
      if (minute === undefined) continue;
      slots.push(
        hourMs + Number(minute) * 60_000 + Number(second) * 1_000 + Number(hundredth) * 10,
      );
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return Float64Array.from(slots).sort();
}

/** Undefined for fewer than two. */
function smallestStep(slots: Float64Array): number | undefined {
  let smallest: number | undefined;
  for (let index = 1; index < slots.length; index += 1) {
    smallest = Math.min(smallest ?? Infinity, slots[index]! - slots[index - 1]!);
  }
  return smallest;
}

/** How many of some numbers in order are not above another. */
function countUpTo(numbers: Float64Array, limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
