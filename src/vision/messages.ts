/**
 * Messages between the main thread and the vision Worker. Plain data only.
 *
 * @module
 */

import type { LogRecordMessage } from "../base/log.ts";
import type { Sight, VisionEvent } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";

export type ToVision =
  | {
    readonly type: "start";
    readonly root: string;
    readonly rootIdentity: string;
    readonly ffmpegPath: string;
  }
  /** A camera to look at; its tap comes as `event.ports[0]`. Replaces what was known of it. */
  | { readonly type: "camera"; readonly cameraId: string; readonly settings: VisionSettings }
  /** Another tap of a camera whose Worker was started again, as `event.ports[0]`. */
  | { readonly type: "tap"; readonly cameraId: string }
  /** Another ffmpeg, for all decoders and pictures from now on. */
  | { readonly type: "ffmpeg"; readonly path: string }
  /** Whether there is room on the disk for what can be done without. */
  | { readonly type: "room"; readonly isRoom: boolean }
  /** The camera is not looked at any more. */
  | { readonly type: "forget"; readonly cameraId: string }
  /** End all events that go on, write their pictures, answer "stopped". */
  | { readonly type: "stop" };

/** What happened to an event. */
export interface EventChange {
  readonly change: "begun" | "updated" | "ended";
  readonly event: VisionEvent;
}

/** How a camera is looked at, once a second. */
export interface VisionStatus {
  readonly cameraId: string;
  /** Since the Worker began. */
  readonly pictures: number;
  readonly movingPictures: number;
  readonly detected: number;
  /** Pictures that were not shown to the detector, because it was busy. */
  readonly skipped: number;
  readonly openEvents: number;
  /** How often the decoder was started again. */
  readonly restarts: number;
  /** How often of these because it gave no pictures any more. */
  readonly hangs: number;
}

/** Pictures of events that are not there, of all cameras, since the Worker began. */
export interface MissingPictures {
  /** They could not be written. */
  readonly lost: number;
  /** They were not tried: the disk was full. */
  readonly leftOut: number;
}

export type FromVision =
  | { readonly type: "log"; readonly record: LogRecordMessage }
  | { readonly type: "event"; readonly change: EventChange }
  /** What is in a picture, where there is something, and once when there is nothing any more. */
  | { readonly type: "sight"; readonly sight: Sight }
  | {
    readonly type: "status";
    readonly cameras: readonly VisionStatus[];
    readonly missing: MissingPictures;
    /** How often detectors failed and were started again. */
    readonly detectorRestarts: number;
  }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "stopped" };
