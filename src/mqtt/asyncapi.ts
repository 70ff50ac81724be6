/**
 * The AsyncAPI document (3.0): all topics and payloads, for programs.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { type TopicRow, TOPICS } from "./topics.ts";

type Json = Readonly<Record<string, unknown>>;

export interface DocumentPlace {
  readonly version: string;
  readonly prefix: string;
  /** Without user and password; null where no broker is set. */
  readonly brokerUrl: string | null;
}

export function asyncapiDocument({ version, prefix, brokerUrl }: DocumentPlace): Json {
  const rows = Object.entries(TOPICS) as [string, TopicRow][];
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Lookback",
      version,
      description: "What Lookback tells a message broker, and what it can be told.",
    },
    defaultContentType: "application/json",
    ...(brokerUrl === null ? {} : { servers: { broker: serverOf(brokerUrl) } }),
    channels: Object.fromEntries(rows.map(([key, row]) => [key, channelOf(row, prefix)])),
    operations: Object.fromEntries(rows.map(([key, row]) => [key, operationOf(key, row)])),
    components: {
      messages: Object.fromEntries(rows.map(([key, row]) => [key, messageOf(row)])),
    },
  };
}

function serverOf(brokerUrl: string): Json {
  const url = new URL(brokerUrl);
  const secure: Readonly<Record<string, string>> = { "mqtts:": "secure-mqtt" };
  return {
    host: url.host,
    ...(url.pathname === "" || url.pathname === "/" ? {} : { pathname: url.pathname }),
    protocol: secure[url.protocol] ?? url.protocol.replace(":", ""),
    protocolVersion: "5.0",
  };
}

function channelOf({ pattern, what }: TopicRow, prefix: string): Json {
  const names = [...pattern.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const address = `${prefix}${pattern}`;
  const key = keyOf(pattern);
  return {
    address,
    description: what,
    messages: { [key]: { $ref: `#/components/messages/${key}` } },
    ...(names.length === 0 ? {} : {
      parameters: Object.fromEntries(names.map((name) => [name, { description: WORDS[name] }])),
    }),
  };
}

const WORDS: Readonly<Record<string, string>> = {
  id: "A camera's id",
  priority: "info, warning or critical",
  component: "A part of Lookback",
};

/** As the document sees it, from Lookback's side: it sends what goes out. */
function operationOf(key: string, row: TopicRow): Json {
  const { direction, what, qos, retain } = row;
  return {
    action: direction === "out" ? "send" : "receive",
    channel: { $ref: `#/channels/${key}` },
    summary: what,
    // One value is all that the binding can hold; the summary says where there are two.
    bindings: { mqtt: { qos: qos[0], retain, bindingVersion: "0.2.0" } },
  };
}

function messageOf({ pattern, schema, direction }: TopicRow): Json {
  const name = keyOf(pattern);
  if (schema === null) return { name, contentType: "image/jpeg", payload: { type: "string" } };
  const { $schema: _, ...payload } = z.toJSONSchema(schema, {
    io: direction === "in" ? "input" : "output",
    target: "draft-7",
  });
  return { name, contentType: "application/json", payload };
}

function keyOf(pattern: string): string {
  return Object.entries(TOPICS).find(([, row]) => row.pattern === pattern)![0];
}
