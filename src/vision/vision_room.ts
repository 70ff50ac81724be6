/**
 * All cameras that are looked at, in the vision Worker: one watch for each, with
 * detectors and event pictures that they share.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { CameraWatch } from "./camera_watch.ts";
import { Detectors } from "./detectors.ts";
import { EventPictures } from "./event_pictures.ts";
import type { EventChange, VisionStatus } from "./messages.ts";

export interface VisionRoomParts {
  readonly root: string;
  readonly rootIdentity: string;
  readonly ffmpegPath: string;
  readonly clock: Clock;
  readonly onChange: (change: EventChange) => void;
}

export class VisionRoom {
  readonly #parts: VisionRoomParts;
  readonly #watches = new Map<string, CameraWatch>();
  readonly #detectors: Detectors;
  readonly #pictures: EventPictures;

  constructor(parts: VisionRoomParts) {
    this.#parts = parts;
    this.#detectors = new Detectors(parts);
    this.#pictures = new EventPictures({ ...parts, log: logger("vision") });
  }

  get status(): VisionStatus[] {
    return [...this.#watches.values()].map(({ status }) => status);
  }

  /** Looks at a camera from now on. What was known of it ends. */
  async watch(
    cameraId: string,
    how: { readonly settings: VisionSettings; readonly tap: MessagePort },
  ): Promise<void> {
    await this.forget(cameraId);
    const { settings, tap } = how;
    const { ffmpegPath, clock, onChange } = this.#parts;
    const watch = new CameraWatch({
      cameraId,
      settings,
      ffmpegPath,
      detector: this.#detectors.of(settings.detector),
      pictures: this.#pictures,
      clock,
      log: logger("vision", cameraId),
      onChange,
    });
    this.#watches.set(cameraId, watch);
    watch.listen(tap);
  }

  /** Gives a camera another tap; its events go on. */
  listen(cameraId: string, tap: MessagePort): void {
    const watch = this.#watches.get(cameraId);
    if (watch === undefined) tap.close();
    else watch.listen(tap);
  }

  /** Ends a camera's events and looks at it no more. */
  async forget(cameraId: string): Promise<void> {
    const watch = this.#watches.get(cameraId);
    this.#watches.delete(cameraId);
    await watch?.close();
  }

  async close(): Promise<void> {
    // First: it answers for the pictures that watches wait for.
    await this.#detectors.close();
    await Promise.all([...this.#watches.keys()].map((cameraId) => this.forget(cameraId)));
  }
}
