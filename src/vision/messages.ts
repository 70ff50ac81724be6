/**
 * Messages between the main thread and the vision Worker. Plain data only.
 *
 * @module
 */

import type { LogRecordMessage } from "../base/log.ts";
import type { VisionEvent } from "../model/vision.ts";
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
}

export type FromVision =
  | { readonly type: "log"; readonly record: LogRecordMessage }
  | { readonly type: "event"; readonly change: EventChange }
  | { readonly type: "status"; readonly cameras: readonly VisionStatus[] }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "stopped" };
