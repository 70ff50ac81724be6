/**
 * What footage a command line asks for: a camera with a time and a duration, or
 * an event.
 *
 * @module
 */

import { type IndexPlace, openIndexWith } from "../app/open_index.ts";
import { OperatorError } from "../base/errors.ts";
import { parseDuration } from "../footage/duration.ts";
import type { FootageRequest } from "../footage/request.ts";
import { EVENT_PADDING_MS, eventWindow } from "../model/event_window.ts";
import { EventReader } from "../store/event_reader.ts";

/** The flags, as they were given. */
export interface Asked {
  readonly camera?: string;
  readonly at?: string;
  readonly duration?: string;
  readonly event?: string;
  readonly padding?: string;
}

export type AskedWindow = Required<Pick<Asked, "camera" | "at" | "duration">>;

export interface AskedEvent {
  readonly eventId: string;
  readonly paddingMs: number;
}

/** @throws {OperatorError} "usage" for flags that say too little, or contradict each other. */
export function whatIsAsked(flags: Asked): AskedWindow | AskedEvent {
  const { camera, at, duration, event, padding } = flags;
  if (event !== undefined) {
    if ((camera ?? at ?? duration) !== undefined) {
      throw new OperatorError("usage", "Cannot export an event and a time at once", {
        fix: [
          "give --event, with --padding for more around it",
          "or --camera, --at and --duration",
        ],
      });
    }
    const paddingMs = padding === undefined ? EVENT_PADDING_MS : parsePadding(padding);
    return { eventId: event, paddingMs };
  }
  if (camera === undefined || at === undefined || duration === undefined) {
    const missing = Object.entries({ camera, at, duration })
      .filter(([, value]) => value === undefined).map(([name]) => `--${name}`);
    throw new OperatorError("usage", "Cannot export: it is not said what", {
      found: { missing: missing.join(", ") },
      fix: ["give --camera, --at and --duration", "or --event with the id of an event"],
    });
  }
  if (padding !== undefined) {
    throw new OperatorError("usage", "Cannot use --padding without --event", {
      fix: ["make --duration longer", "or give --event with the id of an event"],
    });
  }
  return { camera, at, duration };
}

function parsePadding(text: string): number {
  return /^\s*0+\s*(?:s|ms|m|min|h)?\s*$/.test(text) ? 0 : parseDuration(text);
}

/**
 * The footage of an event.
 *
 * @throws {OperatorError} "usage" where there is no event with this id.
 */
export function eventRequest(
  place: IndexPlace,
  { eventId, paddingMs }: AskedEvent,
): FootageRequest {
  using reader = openIndexWith(place, (...where) => new EventReader(...where));
  const event = reader.visionEvent(eventId);
  if (event === undefined) {
    throw new OperatorError("usage", `Cannot find event "${eventId}"`, {
      fix: ["give the id of one that is listed by: lookback events"],
    });
  }
  return { cameraId: event.cameraId, window: eventWindow(event, paddingMs) };
}
