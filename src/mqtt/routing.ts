/**
 * Finds out what an incoming message asks for: a table from pattern to what is asked
 * there. Whatever comes, the answer is a value.
 *
 * In:   a message, without the prefix. Out: what is asked, or why it is not done.
 * Not here: doing it (src/app/mqtt/commands.ts, src/app/mqtt/config_set.ts).
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { CAMERA_ID_PATTERN } from "../model/camera.ts";
import {
  type AskedCommand,
  commandSchema,
  type ConfigurationSet,
  configurationSetSchema,
} from "./asked.ts";
import { filterOf, type TopicRow, TOPICS, valuesIn } from "./topics.ts";

/** Longest message that is read, in bytes; none that makes sense comes near. */
export const MOST_BYTES = 65_536;

/** What was asked. */
export type Asked =
  | { readonly kind: "command"; readonly command: AskedCommand }
  | { readonly kind: "set"; readonly cameraId: string; readonly changes: ConfigurationSet };

/** A message that is not done, and who is told why. */
export interface Refused {
  readonly kind: "refused";
  /** Where an answer belongs: to commands, or to changes of a camera. */
  readonly to: "command" | { readonly cameraId: string };
  readonly correlationId: string | null;
  /** As far as it can be read. */
  readonly command: string | null;
  readonly code: "not-allowed" | "too-large" | "retained" | "malformed" | "invalid" | "busy";
  readonly text: string;
}

/** Nobody can be answered: it is counted. */
export interface Unknown {
  readonly kind: "unknown";
}

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isRetained: boolean;
}

interface Route {
  readonly row: TopicRow;
  /** Undefined where the topic's values are none. */
  readonly to: (values: Readonly<Record<string, string>>) => Refused["to"] | undefined;
  readonly read: (
    value: unknown,
    values: Readonly<Record<string, string>>,
  ) => Asked | { readonly problem: string };
}

const ROUTES: readonly Route[] = [
  {
    row: TOPICS.command,
    to: () => "command",
    read(value) {
      const { data: command, error } = commandSchema.safeParse(value);
      return error === undefined ? { kind: "command", command } : { problem: problemOf(error) };
    },
  },
  {
    row: TOPICS.configurationSet,
    // A camera's id goes into the topic of the answer: only what can be one does.
    to: ({ id: cameraId = "" }) => CAMERA_ID_PATTERN.test(cameraId) ? { cameraId } : undefined,
    read(value, { id: cameraId = "" }) {
      const { data: changes, error } = configurationSetSchema.safeParse(value);
      return error === undefined
        ? { kind: "set", cameraId, changes }
        : { problem: problemOf(error) };
    },
  },
];

/** What is subscribed to. */
export const SUBSCRIPTIONS = ROUTES.map(({ row }) => ({ filter: filterOf(row), qos: row.qos[0]! }));

/** Reads a message. */
export function routed(
  { topic, payload, isRetained }: ReceivedMessage,
  { isAllowed }: { readonly isAllowed: boolean },
): Asked | Refused | Unknown {
  for (const route of ROUTES) {
    const values = valuesIn(route.row, topic);
    const to = values === undefined ? undefined : route.to(values);
    if (values === undefined || to === undefined) continue;
    const refused = (code: Refused["code"], text: string, value?: unknown): Refused => ({
      kind: "refused",
      to,
      correlationId: textIn(value, "correlation_id"),
      command: textIn(value, "command"),
      code,
      text,
    });
    if (payload.length > MOST_BYTES) {
      return refused("too-large", `${payload.length} bytes; at most ${MOST_BYTES} are read`);
    }
    const parsed = parse(payload);
    if (!isAllowed) {
      return refused("not-allowed", "mqtt.allow_commands is false", parsed?.value);
    }
    // It would come again with every connection.
    if (isRetained) return refused("retained", "it was sent with the retain flag", parsed?.value);
    if (parsed === undefined) return refused("malformed", "it is no JSON");
    const asked = route.read(parsed.value, values);
    return "problem" in asked ? refused("invalid", asked.problem, parsed.value) : asked;
  }
  return { kind: "unknown" };
}

function parse(payload: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A text of what came, for the answer; cut, because anybody may have written it. */
function textIn(value: unknown, key: string): string | null {
  const { data } = z.record(z.string(), z.unknown()).safeParse(value);
  const text = data?.[key];
  return typeof text === "string" ? text.slice(0, 200) : null;
}

function problemOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`
  ).join("; ").slice(0, 500);
}
