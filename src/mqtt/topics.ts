/**
 * Every topic: who says what there, how surely, and whether it stays. The one table
 * that messages, documents and subscriptions are made by.
 *
 * Pure.
 *
 * @module
 */

import type * as z from "zod";
import { commandSchema, configurationSetSchema } from "./asked.ts";
import type { Qos } from "./message.ts";
import {
  alertSchema,
  cameraStatusSchema,
  commandResultSchema,
  configurationResultSchema,
  configurationSchema,
  eventSchema,
  healthSchema,
  presenceSchema,
  resultsSchema,
  streamStatusSchema,
  telemetrySchema,
} from "./schemas.ts";

export interface TopicRow {
  /** With placeholders in braces; `{id}` is a camera's id. Without the prefix. */
  readonly pattern: string;
  readonly direction: "out" | "in";
  readonly what: string;
  /** One for all messages, or one for each priority of alerts. */
  readonly qos: readonly Qos[];
  readonly retain: boolean;
  /** Null where the payload is a JPEG. */
  readonly schema: z.ZodType | null;
  /** What has to be set for it; undefined for what is always there. */
  readonly needs?: string;
}

const COMMANDS = "mqtt.allow_commands";
const HOME_ASSISTANT = "mqtt.home_assistant";

const cameraStatus: TopicRow = {
  pattern: "cameras/{id}/status",
  direction: "out",
  what: "Whether the camera is recorded, and why not; also its last will",
  qos: [1],
  retain: true,
  schema: cameraStatusSchema,
};

const telemetry: TopicRow = {
  pattern: "cameras/{id}/telemetry",
  direction: "out",
  what: "Numbers, every 10 s",
  qos: [0],
  retain: false,
  schema: telemetrySchema,
};

const events: TopicRow = {
  pattern: "cameras/{id}/events",
  direction: "out",
  what: "Everything that is seen: its start, updates, its end",
  qos: [1],
  retain: false,
  schema: eventSchema,
};

const criticalEvents: TopicRow = {
  pattern: "cameras/{id}/critical-events",
  direction: "out",
  what: "Events that a rule with the priority `critical` speaks of",
  qos: [1],
  retain: false,
  schema: alertSchema,
};

const configuration: TopicRow = {
  pattern: "cameras/{id}/configuration",
  direction: "out",
  what: "The camera's settings in effect",
  qos: [2],
  retain: true,
  schema: configurationSchema,
};

const configurationSet: TopicRow = {
  pattern: "cameras/{id}/configuration/set",
  direction: "in",
  what: "Changes of the camera's settings",
  qos: [2],
  retain: false,
  schema: configurationSetSchema,
  needs: COMMANDS,
};

const configurationResult: TopicRow = {
  pattern: "cameras/{id}/configuration/result",
  direction: "out",
  what: "What came of a change",
  qos: [2],
  retain: false,
  schema: configurationResultSchema,
};

const snapshot: TopicRow = {
  pattern: "cameras/{id}/snapshot",
  direction: "out",
  what: "The picture that a `snapshot` asked for",
  qos: [1],
  retain: false,
  schema: null,
  needs: COMMANDS,
};

const presence: TopicRow = {
  pattern: "cameras/{id}/presence",
  direction: "out",
  what: "What is seen now",
  qos: [1],
  retain: true,
  schema: presenceSchema,
  needs: HOME_ASSISTANT,
};

const eventImage: TopicRow = {
  pattern: "cameras/{id}/event-image",
  direction: "out",
  what: "Picture of the last event",
  qos: [1],
  retain: true,
  schema: null,
  needs: HOME_ASSISTANT,
};

const streamStatus: TopicRow = {
  pattern: "streams/{id}/status",
  direction: "out",
  what: "What the stream is, and how many watch it",
  qos: [1],
  retain: true,
  schema: streamStatusSchema,
};

const results: TopicRow = {
  pattern: "analytics/{id}/results",
  direction: "out",
  what: "What is in a picture that was looked at; once more when nothing is in it any more",
  qos: [0],
  retain: false,
  schema: resultsSchema,
  needs: "mqtt.results",
};

const alerts: TopicRow = {
  pattern: "alerts/{priority}/{id}",
  direction: "out",
  what: "Alerts; quality 1 for `info` and `warning`, 2 for `critical`",
  qos: [1, 2],
  retain: false,
  schema: alertSchema,
};

const health: TopicRow = {
  pattern: "system/health/{component}",
  direction: "out",
  what: "How a part of Lookback does; that of `mqtt` is also the box's last will",
  qos: [1],
  retain: true,
  schema: healthSchema,
};

const command: TopicRow = {
  pattern: "system/command",
  direction: "in",
  what: "Commands",
  qos: [1],
  retain: false,
  schema: commandSchema,
  needs: COMMANDS,
};

const commandResult: TopicRow = {
  pattern: "system/command/result",
  direction: "out",
  what: "What came of a command",
  qos: [1],
  retain: false,
  schema: commandResultSchema,
};

/** By the name that code has for them, in the order of the documents. */
export const TOPICS = {
  cameraStatus,
  telemetry,
  events,
  criticalEvents,
  configuration,
  configurationSet,
  configurationResult,
  snapshot,
  streamStatus,
  results,
  alerts,
  health,
  command,
  commandResult,
  presence,
  eventImage,
} as const;

/** A pattern with its placeholders filled in. */
export function topicOf(
  { pattern }: Pick<TopicRow, "pattern">,
  values: Readonly<Record<string, string>> = {},
): string {
  return pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`Cannot fill "${pattern}" without "${name}"`);
    return value;
  });
}

/** A pattern as a subscription. */
export function filterOf({ pattern }: Pick<TopicRow, "pattern">): string {
  return pattern.replaceAll(/\{\w+\}/g, "+");
}

/** The values of a pattern's placeholders; undefined where a topic is none of it. */
export function valuesIn(
  { pattern }: Pick<TopicRow, "pattern">,
  topic: string,
): Readonly<Record<string, string>> | undefined {
  const [wanted, found] = [pattern.split("/"), topic.split("/")];
  if (wanted.length !== found.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, level] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(level)?.[1];
    if (name !== undefined) values[name] = found[index]!;
    else if (level !== found[index]) return undefined;
  }
  return values;
}
