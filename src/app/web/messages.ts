/**
 * Messages between the main thread and the web Worker. Plain data only.
 *
 * @module
 */

import type { CameraSettings, Settings } from "../../../config.ts";
import type { LogRecordMessage } from "../../base/log.ts";
import type { UnixMs } from "../../base/units.ts";
import type { CameraStatus } from "../../capture/messages.ts";
import type { Sight } from "../../model/vision.ts";
import type { Priority } from "../../model/vision_settings.ts";
import type { WriterCounters } from "../../store/writer.ts";
import type { EventChange, MissingPictures, VisionStatus } from "../../vision/messages.ts";
import type { WebSettings } from "../../web/settings.ts";
import type { FromPlannedWorker, ToPlannedWorker } from "../planned_worker.ts";

/** A camera as the web server knows it: without its source, which holds a password. */
export type WebCamera = Pick<
  CameraSettings,
  "id" | "name" | "enabled" | "geoLocation" | "retention"
>;

/** What the settings say about the web server. A change of `web` or of the programs starts it anew. */
export interface WebPlan {
  readonly web: WebSettings;
  readonly ffmpegPath: string;
  /** JPEG quality of single pictures, 1 to 100. */
  readonly quality: number;
  /** How many films are made at once. */
  readonly exportConcurrent: number;
  readonly retention: Settings["retention"];
  readonly cameras: readonly WebCamera[];
  /** The settings file; null where there is none. */
  readonly configPath: string | null;
}

export interface WebStart {
  /** Absolute. */
  readonly root: string;
  /** The root's id (host/root_identity.ts). */
  readonly identity: string;
  readonly version: string;
  /** When recording began. */
  readonly startedMs: UnixMs;
  readonly plan: WebPlan;
}

/** How everything does, once a second. */
export interface WebReport {
  readonly atMs: UnixMs;
  readonly cameras: readonly HeardCamera[];
  readonly writer: WriterCounters & { readonly silentMs: number };
  readonly vision: readonly VisionStatus[];
  /** Of all cameras together, since the vision Worker began. */
  readonly missingPictures: MissingPictures;
  readonly detectorRestarts: number;
  readonly failures: { readonly vision: number; readonly upkeep: number; readonly web: number };
  /** Ways out for alerts that are in trouble, and why. */
  readonly alertFaults: readonly { readonly name: string; readonly fault: string }[];
}

export interface HeardCamera {
  readonly status: CameraStatus;
  /** How long ago its Worker gave it, in milliseconds. */
  readonly silentMs: number;
}

/** Said at once, as it happens. */
export type WebHappening =
  | { readonly type: "event"; readonly change: EventChange }
  | { readonly type: "sight"; readonly sight: Sight }
  | {
    readonly type: "alert";
    readonly priority: Priority;
    readonly cameraId: string;
    readonly text: string;
    readonly atMs: UnixMs;
  };

/** A tap comes with "tap", as `event.ports[0]`. */
export type ToWeb =
  | ToPlannedWorker<WebPlan>
  | ({ readonly type: "start" } & WebStart)
  /** A camera's stream; replaces the tap before. */
  | { readonly type: "tap"; readonly cameraId: string }
  | { readonly type: "report"; readonly report: WebReport }
  | { readonly type: "happening"; readonly happening: WebHappening }
  /** What was logged since the last time; `lost` lines found no room. */
  | { readonly type: "logs"; readonly records: readonly LogRecordMessage[]; readonly lost: number };

export type FromWeb =
  | FromPlannedWorker
  /** It listens; port 0 in the settings has become another. */
  | { readonly type: "listening"; readonly url: string }
  /** The answer to each report: what is sent to one that hangs would pile up. */
  | { readonly type: "alive" }
  /** Whether somebody wants to hear of sights: there are many. */
  | { readonly type: "sights-wanted"; readonly isWanted: boolean }
  /** How many watch each camera live; those that nobody watches are left out. */
  | { readonly type: "viewers"; readonly viewers: Readonly<Record<string, number>> };
