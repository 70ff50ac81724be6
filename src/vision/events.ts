/**
 * Makes events of what is seen: of movement, and of things.
 *
 * In:   what was seen in each picture of one camera, in the order of time.
 * Out:  changes of events.
 * Not here: putting pictures in order (camera_eye_order.ts), pictures of events.
 *
 * Pure: time comes with the pictures.
 *
 * Design: docs/design/vision.md, "Tracks and events"
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box, Detection, Sight } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { MotionEvents } from "./events_motion.ts";
import { ObjectEvents } from "./events_objects.ts";
import { isMasked } from "./mask.ts";
import type { EventChange } from "./messages.ts";
import { type Track, Tracker } from "./tracker.ts";

/** What it takes to make events of a camera. */
export interface EventMaking {
  readonly cameraId: string;
  readonly settings: VisionSettings;
  /** A name for the event that began then, unlike all others. */
  readonly nextId: (startMs: UnixMs) => string;
}

export class EventBuilder {
  readonly #settings: VisionSettings;
  readonly #tracker = new Tracker();
  readonly #motion: MotionEvents;
  readonly #objects: ObjectEvents;
  #events = 0;

  constructor(settings: VisionSettings, cameraId: string) {
    this.#settings = settings;
    const nextId = (startMs: UnixMs) => `${cameraId}-${startMs}-${this.#events += 1}`;
    const making = { cameraId, settings, nextId };
    this.#motion = new MotionEvents(making);
    this.#objects = new ObjectEvents(making);
  }

  /** Things that are followed now. */
  get tracks(): readonly Track[] {
    return this.#tracker.tracks;
  }

  /** Takes in the next picture. `looked`: where the detector looked; null is everywhere. */
  see({ atMs, moving, detections }: Sight, looked: readonly Box[] | null): EventChange[] {
    const counted = detections?.filter((detection) => counts(detection, this.#settings)) ?? null;
    const followed = this.#tracker.follow({ atMs, moving, detections: counted, looked });
    return [...this.#motion.see(moving, atMs), ...this.#objects.see(followed, atMs)];
  }

  /** Ends all events. */
  finish(): EventChange[] {
    this.#tracker.clear();
    return [...this.#motion.finish(), ...this.#objects.finish()];
  }
}

/** Whether a detection counts by class, score and place. */
function counts(
  { class: name, score, box }: Detection,
  { classes, minScore, masks }: VisionSettings,
): boolean {
  if (classes !== null && !classes.includes(name)) return false;
  if (Object.hasOwn(minScore, name) && score < minScore[name]!) return false;
  return !isMasked(box, masks);
}
