/**
 * Messages about a camera and its stream.
 *
 * Pure.
 *
 * @module
 */

import { isoUtc, type UnixMs } from "../base/units.ts";
import type { Box, Sight } from "../model/vision.ts";
import { headOf, type Message, type QueuedMessage } from "./message.ts";
import type { CameraStatusPayload, MqttCameraState } from "./schemas.ts";
import { topicOf, TOPICS } from "./topics.ts";

/** What a camera is going through. */
export interface CameraFacts {
  readonly cameraId: string;
  readonly state: MqttCameraState;
  /** Null where it is not known yet. */
  readonly sinceMs: UnixMs | null;
  readonly cause: string | null;
  readonly detail: string;
  readonly fps: number;
  readonly bitsPerSecond: number;
}

export interface TelemetryFacts {
  readonly cameraId: string;
  readonly fps: number;
  readonly bitsPerSecond: number;
  readonly frames: number;
  readonly queuedBytes: number;
  readonly rowsPending: number;
  readonly restarts: number;
}

/** What the box says of itself; null where it does not. */
export interface MachineLoad {
  readonly cpuPercent: number | null;
  readonly temperatureCelsius: number | null;
}

export interface StreamFacts {
  readonly cameraId: string;
  readonly isOnline: boolean;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly keyEveryMs: number | null;
  readonly viewers: number;
}

/** A camera's settings, as far as they can be seen and set from outside. */
export interface CameraConfigFacts {
  readonly cameraId: string;
  readonly name: string;
  readonly isRecorded: boolean;
  /** Null where its pictures are not looked at. */
  readonly vision: { readonly sensitivity: number; readonly fps: number } | null;
  readonly stillsEnabled: boolean;
  /** Its whole entry, masked; null where the file can't be read. */
  readonly settings: Readonly<Record<string, unknown>> | null;
}

/** With this cause a camera is offline because Lookback has ended. */
export const STOPPED = "lookback-stopped";

/** Says nothing new where nothing but a number changed a little; see state_news.ts. */
export function statusMessage(facts: CameraFacts, atMs: UnixMs): Message {
  const { cameraId, state, sinceMs, cause, detail, fps, bitsPerSecond } = facts;
  const payload: CameraStatusPayload = {
    ...headOf(cameraId, atMs),
    state,
    since: sinceMs === null ? null : isoUtc(sinceMs),
    cause,
    detail,
    fps: rounded(fps, 2),
    bitrate: Math.round(bitsPerSecond),
  };
  return retained(topicOf(TOPICS.cameraStatus, { id: cameraId }), payload);
}

/** What the broker says of a camera when Lookback is gone without a word. */
export function cameraWill(cameraId: string, atMs: UnixMs): Message {
  return statusMessage({
    cameraId,
    state: "offline",
    sinceMs: null,
    cause: "connection-lost",
    detail: "Lookback, or its connection, is gone",
    fps: 0,
    bitsPerSecond: 0,
  }, atMs);
}

export function telemetryMessage(
  facts: TelemetryFacts,
  machine: MachineLoad,
  atMs: UnixMs,
): Message {
  const { cameraId, fps, bitsPerSecond, frames, queuedBytes, rowsPending, restarts } = facts;
  return {
    topic: topicOf(TOPICS.telemetry, { id: cameraId }),
    payload: JSON.stringify({
      ...headOf(cameraId, atMs),
      fps: rounded(fps, 2),
      bitrate: Math.round(bitsPerSecond),
      frames,
      lag_ms: bitsPerSecond > 0 ? Math.round(queuedBytes * 8_000 / bitsPerSecond) : null,
      queued_bytes: queuedBytes,
      rows_pending: rowsPending,
      restarts,
      cpu_percent: machine.cpuPercent,
      temperature_celsius: machine.temperatureCelsius,
    }),
    qos: 0,
    retain: false,
  };
}

export function streamMessage(facts: StreamFacts, atMs: UnixMs): Message {
  const { cameraId, isOnline, codec, width, height, keyEveryMs, viewers } = facts;
  return retained(topicOf(TOPICS.streamStatus, { id: cameraId }), {
    ...headOf(cameraId, atMs),
    online: isOnline,
    codec,
    width,
    height,
    key_frame_interval_ms: keyEveryMs,
    viewers,
  });
}

/** Exactly once, and so by the queue; only the newest one waits. */
export function configurationMessage(facts: CameraConfigFacts, atMs: UnixMs): QueuedMessage {
  const { cameraId, name, isRecorded, vision, stillsEnabled, settings } = facts;
  return {
    topic: topicOf(TOPICS.configuration, { id: cameraId }),
    payload: JSON.stringify({
      ...headOf(cameraId, atMs),
      name,
      recording_enabled: isRecorded,
      motion_sensitivity: vision?.sensitivity ?? null,
      detection_fps: vision?.fps ?? null,
      stills_enabled: stillsEnabled,
      settings,
    }),
    qos: 2,
    retain: true,
    priority: "critical",
    isNewestOnly: true,
  };
}

export function resultsMessage({ cameraId, atMs, frame, moving, detections }: Sight): Message {
  return {
    topic: topicOf(TOPICS.results, { id: cameraId }),
    payload: JSON.stringify({
      ...headOf(cameraId, atMs),
      frame: frame === null ? null : { run: frame.run, pts: frame.pts },
      moving: moving.map(boxOf),
      detections: detections?.map((each) => ({
        class: each.class,
        score: rounded(each.score, 3),
        box: boxOf(each.box),
      })) ?? null,
    }),
    qos: 0,
    retain: false,
  };
}

/** A box as it is written: to a hundredth of a per cent, less than a pixel of most pictures. */
export function boxOf({ x, y, width, height }: Box): Box {
  return {
    x: rounded(x, 4),
    y: rounded(y, 4),
    width: rounded(width, 4),
    height: rounded(height, 4),
  };
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A state: of quality 1, and kept by the broker. */
export function retained(topic: string, payload: object): Message {
  return { topic, payload: JSON.stringify(payload), qos: 1, retain: true };
}
