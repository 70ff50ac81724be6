/**
 * Decides when an event itself goes, its row and its pictures: when its footage is
 * gone, and it is older than any limit by which its camera's footage is kept. So a
 * list of events reaches back as far as was asked for, also where a limit of size
 * took the footage earlier. Without a limit by age an event goes with its footage.
 *
 * Pure.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import { ageLimit, eventsLimit, type RetentionRules } from "./retention.ts";

/** A place in a camera's events, which are walked by start, then id. */
export interface EventCursor {
  readonly startMs: UnixMs;
  readonly eventId: string;
}

/** An event, and whether any of its footage is still there. */
export interface EventFootage extends EventCursor {
  readonly cameraId: string;
  /** Of one that never ended, when it was seen best. */
  readonly endMs: UnixMs;
  /** Its pictures, relative to the storage root. */
  readonly pictures: readonly string[];
  readonly hasFootage: boolean;
}

/**
 * Younger than this no event goes, in milliseconds: its footage may be in a batch that
 * is being recorded (an hour at most), or have no row yet because the writer is behind.
 */
const LEAST_MS = 86_400_000;

/**
 * The instant before which an event must have ended to go once its footage is gone.
 *
 * @returns Null while the clock can't tell: then none goes.
 */
export function eventsGoBefore(
  rules: RetentionRules,
  camera: { readonly cameraId: string; readonly nowMs: UnixMs },
): UnixMs | null {
  if (rules.areAgesDoubted === true) return null;
  const { cameraId, nowMs } = camera;
  const limits = [ageLimit(rules, cameraId) ?? 0, eventsLimit(rules, cameraId) ?? 0, LEAST_MS];
  return unixMs(nowMs - Math.max(...limits));
}
