/**
 * What recording is started with, and again when the settings change.
 *
 * @module
 */

import type { LogRecordMessage } from "../base/log.ts";
import type { CaptureSettings } from "../capture/messages.ts";
import type { Camera } from "../model/camera.ts";
import type { AlertPlan } from "./alerts.ts";
import type { MqttPlan } from "./mqtt/messages.ts";
import type { PreparedCamera } from "./prepare_camera.ts";
import type { UpkeepPlan } from "./upkeep/messages.ts";
import type { VisionPlan } from "./vision.ts";
import type { ReloadAnswer } from "./reload_calls.ts";
import type { WebPlan } from "./web/messages.ts";

export interface RecordingSettings {
  /** The id that the storage root must have; null takes any. */
  readonly identity: string | null;
  readonly cameras: readonly (Camera & { readonly stillsEnabled: boolean })[];
  readonly batchDurationMs: number;
  readonly fragmentMs: number;
  readonly camerasPerWorker: number;
  readonly stills: { readonly everyMs: number; readonly quality: number };
  readonly ffmpegPath: string;
  /** How footage is looked after. */
  readonly upkeep: UpkeepPlan;
  /** The cameras whose pictures are looked at. */
  readonly vision: VisionPlan;
  /** Which events become alerts, and where these go. */
  readonly alerts: AlertPlan;
  /** What is served; null where nothing is. */
  readonly web: WebPlan | null;
  /** What the message broker is told; null where there is none. */
  readonly mqtt: MqttPlan | null;
}

/** Who hears of recording, and what it may ask for. */
export interface RecordingListeners {
  readonly onLog: (record: LogRecordMessage) => void;
  /** Says which version this is, to those who ask over HTTP. */
  readonly version?: string;
  /** Reads the settings again: somebody changed them on the page. */
  readonly readSettings?: () => Promise<ReloadAnswer>;
  /** The page is at this address. */
  readonly onListening?: (url: string) => void;
}

/** What one camera is recorded with; it is restarted when any of it changes. */
export interface CameraPlan {
  readonly settings: Omit<CaptureSettings, "root" | "rootIdentity" | keyof PreparedCamera>;
  readonly camerasPerWorker: number;
}

/** What a change of settings did, by camera id. */
export interface ReloadResult {
  readonly started: readonly string[];
  readonly restarted: readonly string[];
  readonly stopped: readonly string[];
  readonly kept: readonly string[];
}

export function plansOf(settings: RecordingSettings): CameraPlan[] {
  const { cameras, batchDurationMs, fragmentMs, camerasPerWorker, stills, ffmpegPath } = settings;
  return cameras.map(({ id, name, source, geoLocation, stillsEnabled }) => ({
    settings: {
      camera: { id, name, source, geoLocation },
      batchDurationMs,
      fragmentMs,
      stills: stillsEnabled ? { everyMs: stills.everyMs, quality: stills.quality } : null,
      ffmpegPath,
    },
    camerasPerWorker,
  }));
}
