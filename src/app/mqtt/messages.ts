/**
 * Messages between the main thread and the MQTT Worker. Plain data only.
 *
 * @module
 */

import type { Settings } from "../../../config.ts";
import type { Alert } from "../../model/alert.ts";
import type { Sight } from "../../model/vision.ts";
import type { MqttSettings } from "../../mqtt/settings.ts";
import type { EventChange } from "../../vision/messages.ts";
import type { FromPlannedWorker, ToPlannedWorker } from "../planned_worker.ts";
import type { WebReport } from "../web/messages.ts";

/** A camera as the broker may know it: without its source, which holds a password. */
export interface MqttCamera {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly stillsEnabled: boolean;
  /** Null where its pictures are not looked at. */
  readonly vision: {
    readonly sensitivity: number;
    readonly fps: number;
    readonly classes: readonly string[] | null;
  } | null;
}

/** What the settings say about MQTT. A change of anything but cameras and room starts it anew. */
export interface MqttPlan {
  readonly mqtt: MqttSettings;
  readonly ffmpegPath: string;
  /** JPEG quality of single pictures, 1 to 100. */
  readonly quality: number;
  readonly keepFree: Settings["retention"]["keepFree"];
  readonly cameras: readonly MqttCamera[];
  /** The settings file; null where there is none. */
  readonly configPath: string | null;
}

export interface MqttStart {
  /** Absolute. */
  readonly root: string;
  /** The root's id (host/root_identity.ts). */
  readonly identity: string;
  readonly version: string;
  readonly plan: MqttPlan;
}

/** How everything does, and how many watch which camera. */
export interface MqttReport {
  readonly report: WebReport;
  readonly viewers: Readonly<Record<string, number>>;
}

/** What must arrive. */
export type MqttHappening =
  | { readonly type: "event"; readonly change: EventChange }
  | { readonly type: "alert"; readonly alert: Alert };

export type ToMqtt =
  | ToPlannedWorker<MqttPlan>
  | ({ readonly type: "start" } & MqttStart)
  /** Another broker is spoken with from now on: this one is to keep nothing of ours. */
  | { readonly type: "leave" }
  | ({ readonly type: "report" } & MqttReport)
  /** Numbers grow; told again until they are kept. */
  | {
    readonly type: "happening";
    readonly number: number;
    readonly happening: MqttHappening;
  }
  /** May be lost. */
  | { readonly type: "sight"; readonly sight: Sight };

/** How the line to the broker does. */
export interface MqttHealth {
  /** Why there is no connection; null while there is one. */
  readonly fault: string | null;
  /** Messages that the broker has taken. */
  readonly sent: number;
  /** In the queue. */
  readonly waiting: number;
  /** Given up, or thrown away by the broker. */
  readonly dropped: number;
}

export type FromMqtt =
  | FromPlannedWorker
  /** All happenings up to this number are on disk. */
  | { readonly type: "kept"; readonly number: number }
  /** Whether sights are of use: there are many. */
  | { readonly type: "sights-wanted"; readonly isWanted: boolean }
  | { readonly type: "health"; readonly health: MqttHealth };
