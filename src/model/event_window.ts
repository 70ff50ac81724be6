/**
 * The stretch of footage that shows an event.
 *
 * Pure.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { VisionEvent } from "./vision.ts";
import type { TimeWindow } from "./window.ts";

/**
 * What is shown, and kept, before an event and behind it, in milliseconds: somebody is
 * seen some seconds after he came into the picture. The triggers of the database
 * (store/schema.ts) have the same number.
 */
export const EVENT_PADDING_MS = 5_000;

/** An event with what is around it; of one that goes on, up to where it was seen last. */
export function eventWindow(event: VisionEvent, paddingMs: number = EVENT_PADDING_MS): TimeWindow {
  // An event that was seen in one picture only is a moment long.
  const endMs = Math.max(lastSeenMs(event), event.startMs + 1);
  return { fromMs: unixMs(event.startMs - paddingMs), toMs: unixMs(endMs + paddingMs) };
}

/** When an event ended, or was seen last. */
export function lastSeenMs({ startMs, endMs, best, trace }: VisionEvent): UnixMs {
  if (endMs !== null) return endMs;
  return unixMs(Math.max(startMs, best.atMs, trace.at(-1)?.atMs ?? startMs));
}
