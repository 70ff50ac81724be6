/**
 * The place one is at, as a signal that follows the address.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { hashOf, readRoute, type Route } from "./routes.ts";

export const route = signal<Route>(readRoute(location.hash));

addEventListener("hashchange", () => route.value = readRoute(location.hash));

/** Goes to another place. */
export function go(...place: Parameters<typeof hashOf>): void {
  location.hash = hashOf(...place);
}

/** Changes the address without a step in the browser's history: the same place, another detail. */
export function note(...place: Parameters<typeof hashOf>): void {
  history.replaceState(null, "", hashOf(...place));
}
