/**
 * Puts news of an event into a list of events, where it fits the list's filter.
 *
 * @module
 */

import type { EventFilter } from "../api/calls.ts";
import type { SeenEvent } from "../api/types.ts";

/** The list with the event as it is now: at its place, or as the newest. */
export function withNews(
  events: readonly SeenEvent[],
  fresh: SeenEvent,
  filter: EventFilter,
): readonly SeenEvent[] {
  if (events.some(({ id }) => id === fresh.id)) {
    return events.map((event) => event.id === fresh.id ? fresh : event);
  }
  return fits(fresh, filter) ? [fresh, ...events] : events;
}

function fits(event: SeenEvent, filter: EventFilter): boolean {
  const fromMs = Date.parse(event.from);
  return (filter.camera === undefined || filter.camera === event.camera) &&
    (filter.kind === undefined || filter.kind === event.kind) &&
    (filter.class === undefined || filter.class === event.class) &&
    (filter.zone === undefined || event.zones.includes(filter.zone)) &&
    (filter.from === undefined || fromMs >= filter.from) &&
    (filter.to === undefined || fromMs < filter.to);
}
