/**
 * All cameras that are looked at, in the vision Worker: one watch for each, with
 * detectors and event pictures that they share.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import type { Sight } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { CameraWatch } from "./camera_watch.ts";
import { Detectors, type DetectorShare } from "./detectors.ts";
import { EventPictures } from "./event_pictures.ts";
import type { EventChange, MissingPictures, VisionStatus } from "./messages.ts";

export interface VisionRoomParts {
  readonly root: string;
  readonly rootIdentity: string;
  readonly ffmpegPath: string;
  readonly clock: Clock;
  readonly onChange: (change: EventChange) => void;
  readonly onSight: (sight: Sight) => void;
}

/** A camera that is looked at, with what is its own. */
interface Watched {
  readonly watch: CameraWatch;
  /** The share in a detector. */
  readonly detector: DetectorShare;
}

export class VisionRoom {
  readonly #parts: VisionRoomParts;
  readonly #watched = new Map<string, Watched>();
  readonly #detectors: Detectors;
  readonly #pictures: EventPictures;
  #ffmpegPath: string;

  constructor(parts: VisionRoomParts) {
    this.#parts = parts;
    this.#ffmpegPath = parts.ffmpegPath;
    this.#detectors = new Detectors(parts);
    this.#pictures = new EventPictures({ ...parts, log: logger("vision") });
  }

  get status(): VisionStatus[] {
    return [...this.#watched.values()].map(({ watch }) => watch.status);
  }

  /** Pictures of events that are not there. */
  get missing(): MissingPictures {
    return this.#pictures.missing;
  }

  /** How often detectors failed and were started again. */
  get detectorRestarts(): number {
    return this.#detectors.restarts;
  }

  /** Looks at a camera from now on. What was known of it ends. */
  async watch(
    cameraId: string,
    how: { readonly settings: VisionSettings; readonly tap: MessagePort },
  ): Promise<void> {
    const { settings, tap } = how;
    // First: a detector that goes on being used is not closed in between.
    const detector = this.#detectors.share(settings.detector);
    await this.forget(cameraId);
    const { clock, onChange, onSight } = this.#parts;
    const watch = new CameraWatch({
      cameraId,
      settings,
      ffmpegPath: this.#ffmpegPath,
      detector: detector.detector,
      pictures: this.#pictures,
      clock,
      log: logger("vision", cameraId),
      onChange,
      onSight,
    });
    this.#watched.set(cameraId, { watch, detector });
    watch.listen(tap);
  }

  /** Gives a camera another tap; its events go on. */
  listen(cameraId: string, tap: MessagePort): void {
    const watched = this.#watched.get(cameraId);
    if (watched === undefined) tap.close();
    else watched.watch.listen(tap);
  }

  /** Uses another ffmpeg from now on. */
  useFfmpeg(path: string): void {
    this.#ffmpegPath = path;
    this.#pictures.useFfmpeg(path);
    for (const { watch } of this.#watched.values()) watch.useFfmpeg(path);
  }

  /** While there is no room, pictures of events are not written. */
  setRoom(isRoom: boolean): void {
    this.#pictures.setRoom(isRoom);
  }

  /** Ends a camera's events and looks at it no more. */
  async forget(cameraId: string): Promise<void> {
    const watched = this.#watched.get(cameraId);
    if (watched === undefined) return;
    this.#watched.delete(cameraId);
    await watched.watch.close();
    await watched.detector[Symbol.asyncDispose]();
  }

  async close(): Promise<void> {
    // First: it answers for the pictures that watches wait for.
    await this.#detectors.close();
    await Promise.all([...this.#watched.keys()].map((cameraId) => this.forget(cameraId)));
  }
}
