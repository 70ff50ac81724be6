/**
 * All that is decided about one camera's pictures: what moves, where the detector
 * shall look, and what events it adds up to.
 *
 * Each picture goes to `look` when it is there, and, when a detector has looked at
 * it or will not, to `see`. Answers may come late and in any order.
 *
 * In:   decoded pictures, and what a detector found in them.
 * Out:  where to look, and changes of events.
 * Not here: decoding, the detector, pictures of events.
 *
 * Pure: time comes with the pictures.
 *
 * Design: docs/design/vision.md, "Tracks and events"
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box, Sight } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { type OrderedSight, SightOrder } from "./camera_eye_order.ts";
import { EventBuilder } from "./events.ts";
import type { EventChange } from "./messages.ts";
import { MotionFinder, type MotionPicture } from "./motion.ts";
import { areaOf, boxAround, sharedArea, visiblePart } from "./polygon.ts";
import { planRegions, type RegionWish } from "./regions.ts";

/** A picture of a camera. */
export interface EyePicture extends MotionPicture {
  /** The frame that it shows; see {@linkcode Sight}. */
  readonly frame?: Sight["frame"];
}

/** What is to be done with a picture. */
export interface Glance {
  /** What moves in it. */
  readonly moving: readonly Box[];
  /**
   * Where the detector shall look; empty where it need not. May ask for a look
   * though nothing moves: at somebody who stands still.
   */
  readonly regions: readonly Box[];
}

/** A thing with an event that was not detected for so long is asked for, in milliseconds. */
const ASK_EVERY_MS = 1_000;

/** Movement is of a thing that it lies in for so much: the detector is shown all of it, not an arm. */
const OWN_SHARE = 0.5;

/** A time so much before the last one is a clock that was put back, in milliseconds. */
const PUT_BACK_MS = 10_000;

export class CameraEye {
  readonly #settings: VisionSettings;
  readonly #cameraId: string;
  readonly #motion: MotionFinder;
  readonly #events: EventBuilder;
  readonly #order = new SightOrder();
  /** Events that a clock put back has ended, not told yet. */
  #untold: EventChange[] = [];
  #newestMs = -Infinity;

  constructor(settings: VisionSettings, cameraId: string) {
    this.#settings = settings;
    this.#cameraId = cameraId;
    this.#motion = new MotionFinder(settings);
    this.#events = new EventBuilder(settings, cameraId);
  }

  /** Finds what moves in a picture. Reads its bytes at once; they may change afterwards. */
  look(picture: EyePicture): Glance {
    const { atMs, frame = null } = picture;
    if (atMs < this.#newestMs - PUT_BACK_MS) this.#untold.push(...this.#endAll());
    this.#newestMs = atMs;
    const { moving } = this.#motion.see(picture);
    const regions = this.#settings.detector.kind === "motion"
      ? []
      : planRegions(this.#wish(moving, atMs), picture);
    this.#order.expect(
      { cameraId: this.#cameraId, atMs, frame, moving, detections: null },
      regions,
    );
    return { moving, regions };
  }

  /** Takes in what was seen in a picture that was looked at, once for each. */
  see(sight: Sight): EventChange[] {
    return [...this.#untold.splice(0), ...this.#seeAll(this.#order.take(sight))];
  }

  /** Ends all events: no picture follows for a while. */
  finish(): EventChange[] {
    return [...this.#untold.splice(0), ...this.#endAll()];
  }

  #endAll(): EventChange[] {
    return [...this.#seeAll(this.#order.drain()), ...this.#events.finish()];
  }

  #seeAll(ready: readonly OrderedSight[]): EventChange[] {
    return ready.flatMap(({ sight, looked }) => this.#events.see(sight, looked));
  }

  /** What is to be looked at: whole things where parts of them move, and those that stand still. */
  #wish(moving: readonly Box[], atMs: UnixMs): RegionWish {
    const followed = this.#events.tracks.filter(({ hasEvent }) => hasEvent)
      .map((track) => ({ track, box: track.boxAt(atMs) }));
    const whole = moving.map((box) =>
      followed.filter((each) => sharedArea(each.box, box) >= OWN_SHARE * areaOf(box))
        .reduce((around, each) => boxAround(around, visiblePart(each.box)), box)
    );
    const still = followed.filter(({ track: { detectedMs, askedMs } }) =>
      atMs - Math.max(detectedMs, askedMs) >= ASK_EVERY_MS
    );
    for (const { track } of still) track.askedMs = atMs;
    return { moving: whole, still: still.map(({ box }) => visiblePart(box)) };
  }
}
