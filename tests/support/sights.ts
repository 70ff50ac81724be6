/**
 * What a detector would see of things that move along, made in memory.
 *
 * @module
 */

import { unixMs } from "../../src/base/units.ts";
import type { Box, Detection, Sight, VisionEvent } from "../../src/model/vision.ts";
import type { VisionSettings } from "../../src/model/vision_settings.ts";
import type { EventBuilder } from "../../src/vision/events.ts";
import type { EventChange } from "../../src/vision/messages.ts";

/** Wall time of the first picture. */
export const FIRST_MS = 1_795_293_429_000;

/** Settings of vision with everything on that needs no choice. */
export function visionSettings(other: Partial<VisionSettings> = {}): VisionSettings {
  return {
    fps: 5,
    source: null,
    detector: { kind: "builtin" },
    sensitivity: 0.5,
    masks: [],
    zones: [],
    lines: [],
    classes: null,
    minScore: {},
    ...other,
  };
}

/** A box of a person around a middle. */
export function personAt(x: number, y = 0.5): Box {
  return { x: x - 0.05, y: y - 0.2, width: 0.1, height: 0.4 };
}

export function person(x: number, score = 0.6): Detection {
  return { class: "person", score, box: personAt(x) };
}

/** A picture: what is detected in it, and whether that moves. */
export interface Shown {
  /** Null where no detector looked. */
  readonly detections?: readonly Detection[] | null;
  /** Boxes that move; all detections where it is left out. */
  readonly moving?: readonly Box[];
}

/** The sight of the n-th picture, five a second. */
export function sightAt(picture: number, { detections = [], moving }: Shown): Sight {
  return {
    cameraId: "front",
    atMs: unixMs(FIRST_MS + picture * 200),
    frame: null,
    moving: moving ?? detections?.map(({ box }) => box) ?? [],
    detections,
  };
}

/** Shows pictures to a builder, five a second. */
export function show(
  builder: EventBuilder,
  pictures: readonly Shown[],
  { from = 0 }: { readonly from?: number } = {},
): EventChange[] {
  return pictures.flatMap((shown, index) => builder.see(sightAt(from + index, shown), null));
}

/** Pictures with nothing in them. */
export function empty(count: number): Shown[] {
  return Array.from({ length: count }, () => ({}));
}

/** The events of things as they were last told, in the order of beginning. */
export function objectEvents(changes: readonly EventChange[]): VisionEvent[] {
  return eventsOf(changes).filter(({ kind }) => kind === "object_detected");
}

export function motionEvents(changes: readonly EventChange[]): VisionEvent[] {
  return eventsOf(changes).filter(({ kind }) => kind === "motion_detected");
}

function eventsOf(changes: readonly EventChange[]): VisionEvent[] {
  const events = new Map<string, VisionEvent>();
  for (const { event } of changes) events.set(event.eventId, event);
  return [...events.values()];
}

/** When something was, in seconds from the first picture. */
export function secondsOf(atMs: number | null): number | null {
  return atMs === null ? null : (atMs - FIRST_MS) / 1_000;
}
