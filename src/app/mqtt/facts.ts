/**
 * What the broker is told of cameras and of Lookback's parts, out of a report.
 *
 * Pure.
 *
 * @module
 */

import type { CameraStatus } from "../../capture/messages.ts";
import type { KernelClockState } from "../../host/clock_state.ts";
import type { DiskRoom } from "../../model/retention.ts";
import type { CameraConfigFacts, CameraFacts } from "../../mqtt/camera_messages.ts";
import type { HealthOf } from "../../mqtt/health_messages.ts";
import type { HealthComponent, MqttCameraState } from "../../mqtt/schemas.ts";
import type { HealthFact } from "../../web/doors.ts";
import type { MqttCamera, MqttPlan } from "./messages.ts";
import { HUNG_MS } from "../watchdog.ts";
import { healthOf } from "../web/health.ts";
import type { HeardCamera, WebReport } from "../web/messages.ts";

/** What a camera is going through; `heard` is undefined where its Worker has said nothing. */
export function cameraFacts(
  { id: cameraId, enabled }: Pick<MqttCamera, "id" | "enabled">,
  heard: HeardCamera | undefined,
): Omit<CameraFacts, "sinceMs"> {
  const idle = { cameraId, detail: "", fps: 0, bitsPerSecond: 0 };
  if (!enabled) return { ...idle, state: "offline", cause: "disabled" };
  if (heard === undefined) return { ...idle, state: "offline", cause: "starting" };
  const { status, silentMs } = heard;
  const { detail, fps, bitsPerSecond } = status;
  const said = { cameraId, detail, fps, bitsPerSecond };
  const hasEnded = status.state === "ended" || status.state === "stopped";
  if (silentMs > HUNG_MS && !hasEnded) {
    const silence = `its recorder has not answered for ${Math.round(silentMs / 1_000)} s`;
    return { ...idle, detail: silence, state: "stalled", cause: "recorder-silent" };
  }
  const state = STATES[status.state];
  return { ...said, state, cause: state === "online" ? null : status.cause ?? status.state };
}

const STATES: Readonly<Record<CameraStatus["state"], MqttCameraState>> = {
  starting: "offline",
  recording: "online",
  waiting: "offline",
  paused: "paused",
  ended: "offline",
  stopped: "offline",
};

export function configFacts(
  { id: cameraId, name, enabled, stillsEnabled, vision }: MqttCamera,
  settings: Readonly<Record<string, unknown>> | null,
): CameraConfigFacts {
  const looked = vision === null ? null : { sensitivity: vision.sensitivity, fps: vision.fps };
  return { cameraId, name, isRecorded: enabled, vision: looked, stillsEnabled, settings };
}

export interface HealthParts {
  readonly report: WebReport;
  /** False when the main thread has not reported for long. */
  readonly isFresh: boolean;
  readonly clockState: KernelClockState;
  readonly disk: DiskRoom;
  readonly keepFree: MqttPlan["keepFree"];
  /** What is wrong with MQTT itself; null where nothing is. */
  readonly ownTrouble: string | null;
}

/** How each part does. The recorder is as well as the least well camera. */
export function healthFacts({ ownTrouble, ...parts }: HealthParts): readonly HealthOf[] {
  const facts = healthOf({ ...parts, shortFor: [] });
  const of = (component: HealthComponent, names: (name: string) => boolean) =>
    worst(component, facts.filter((fact) => names(fact.component)));
  return [
    of("recorder", (name) => name === "recording" || name.startsWith("camera ")),
    of("writer", (name) => name === "writer"),
    of("vision", (name) => name === "vision"),
    of("disk", (name) => name === "disk"),
    of("clock", (name) => name === "clock"),
    ownTrouble === null
      ? { component: "mqtt", state: "ok", detail: "" }
      : { component: "mqtt", state: "warning", detail: ownTrouble },
  ];
}

const GRAVITY = ["ok", "warning", "fault"] as const;

function worst(component: HealthComponent, facts: readonly HealthFact[]): HealthOf {
  const state = GRAVITY[Math.max(0, ...facts.map((fact) => GRAVITY.indexOf(fact.state)))]!;
  const details = facts.filter((fact) => fact.state !== "ok").map(({ component: name, detail }) =>
    name === component ? detail : `${name}: ${detail}`
  );
  return { component, state, detail: details.join("; ") };
}
