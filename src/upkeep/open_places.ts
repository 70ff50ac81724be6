/**
 * Where cameras may be writing now: deleting keeps its hands off these.
 *
 * @module
 */

import { join } from "node:path";
import { type OpenHoursState, parseOpenHours } from "../model/open_hours.ts";

/** Paths relative to the storage root. */
export interface OpenPlaces {
  readonly folders: ReadonlySet<string>;
  readonly logs: ReadonlySet<string>;
}

/** Reads what all cameras have open, `data/open/*.json`. */
export async function readOpenPlaces(root: string): Promise<OpenPlaces> {
  const states: OpenHoursState[] = [];
  for (const path of await stateFiles(join(root, "data", "open"))) {
    const state = parseOpenHours(await Deno.readTextFile(path));
    if (state !== undefined) states.push(state);
  }
  return {
    folders: new Set(states.flatMap(({ folders }) => folders)),
    logs: new Set(states.flatMap(({ logs }) => logs)),
  };
}

async function stateFiles(folder: string): Promise<string[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
