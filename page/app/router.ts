/**
 * The place one is at, as a signal that follows the address.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { hashOf, isAt, readRoute, type Route } from "./routes.ts";

export const route = signal<Route>(readRoute(location.hash));

addEventListener("hashchange", () => route.value = readRoute(location.hash));

/** Goes to another place. */
export function go(...place: Parameters<typeof hashOf>): void {
  location.hash = hashOf(...place);
}

/**
 * Changes the address without a step in the browser's history: the same place, another detail.
 * Who has gone elsewhere meanwhile is not brought back.
 */
export function note(...place: Parameters<typeof hashOf>): void {
  if (!isAt(location.hash, place[0], place[1])) return;
  history.replaceState(null, "", hashOf(...place));
}
