/**
 * Messages about what happened: events, alerts, and answers to what was asked.
 *
 * Pure.
 *
 * @module
 */

import { isoUtc, type UnixMs } from "../base/units.ts";
import type { Alert } from "../model/alert.ts";
import { occurrenceFields, ruleFields } from "../model/alert_fields.ts";
import type { VisionEvent } from "../model/vision.ts";
import type { Priority } from "../model/vision_settings.ts";
import { boxOf, rounded } from "./camera_messages.ts";
import { headOf, type Qos, type QueuedMessage } from "./message.ts";
import {
  type AlertPayload,
  type CommandResultPayload,
  type ConfigurationResultPayload,
  EVENT_PHASES,
  type EventPayload,
} from "./schemas.ts";
import { topicOf, TOPICS } from "./topics.ts";

export type EventPhase = typeof EVENT_PHASES[number];

export function eventMessage(phase: EventPhase, event: VisionEvent, atMs: UnixMs): QueuedMessage {
  const { cameraId, best } = event;
  const payload: EventPayload = {
    ...headOf(cameraId, atMs),
    "event_id": event.eventId,
    phase,
    kind: event.kind,
    class: event.class,
    score: rounded(Math.min(1, Math.max(0, event.score)), 3),
    start: isoUtc(event.startMs),
    end: event.endMs === null ? null : isoUtc(event.endMs),
    zones: [...event.zones],
    lines: event.crossings.map(({ line, direction, atMs }) => ({
      line,
      direction,
      time: isoUtc(atMs),
    })),
    box: boxOf(best.box),
    "box_time": isoUtc(best.atMs),
    "picture_path": best.wholePath,
    "crop_path": best.cropPath,
  };
  return queued(topicOf(TOPICS.events, { id: cameraId }), payload, {
    qos: 1,
    // Between start and end nothing is missing without them: where there is no room, they go first.
    priority: phase === "update" ? "info" : "warning",
  });
}

/** An alert goes out as one; a critical one also as an event of its camera. */
export function alertMessages(alert: Alert): readonly QueuedMessage[] {
  const { cameraId, priority } = alert;
  const payload = alertPayload(alert);
  const topic = topicOf(TOPICS.alerts, { priority, id: cameraId });
  const isCritical = priority === "critical";
  const messages = [queued(topic, payload, { qos: isCritical ? 2 : 1, priority })];
  if (isCritical) {
    const asEvent = topicOf(TOPICS.criticalEvents, { id: cameraId });
    messages.push(queued(asEvent, payload, { qos: 1, priority }));
  }
  return messages;
}

function alertPayload(alert: Alert): AlertPayload {
  return {
    ...headOf(alert.cameraId, alert.atMs),
    alert_id: alert.alertId,
    ...ruleFields(alert),
    ...occurrenceFields(alert),
    test: alert.isTest,
  };
}

/** What came of a command. */
export interface CommandResult
  extends Pick<CommandResultPayload, "command" | "state" | "result" | "error"> {
  readonly cameraId: string | null;
  readonly correlationId: string | null;
}

export function commandResultMessage(said: CommandResult, atMs: UnixMs): QueuedMessage {
  const { cameraId, correlationId, command, state, result, error } = said;
  const payload: CommandResultPayload = {
    ...headOf(cameraId, atMs),
    "correlation_id": correlationId,
    command,
    state,
    result,
    error,
  };
  return queued(topicOf(TOPICS.commandResult), payload, { qos: 1, priority: "warning" });
}

/** What came of a change of settings. */
export interface ConfigurationResult
  extends Pick<ConfigurationResultPayload, "ok" | "applied" | "text" | "error"> {
  readonly cameraId: string;
  readonly correlationId: string | null;
}

export function configurationResultMessage(
  said: ConfigurationResult,
  atMs: UnixMs,
): QueuedMessage {
  const { cameraId, correlationId, ok, applied, text, error } = said;
  const topic = topicOf(TOPICS.configurationResult, { id: cameraId });
  const payload: ConfigurationResultPayload = {
    ...headOf(cameraId, atMs),
    "correlation_id": correlationId,
    ok,
    applied,
    text,
    error,
  };
  return queued(topic, payload, { qos: 2, priority: "warning" });
}

function queued(
  topic: string,
  payload: object,
  { qos, priority }: { readonly qos: Qos; readonly priority: Priority },
): QueuedMessage {
  const text = JSON.stringify(payload);
  return { topic, payload: text, qos, retain: false, priority, isNewestOnly: false };
}
