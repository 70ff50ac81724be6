/**
 * The settings of MQTT: which broker, as whom, what it gets and what it may ask.
 *
 * In:   the section `mqtt` of the file.
 * Out:  its schema, and what it means: null where MQTT is off.
 *
 * @module
 */

import { resolve } from "node:path";
import * as z from "zod";
import type { MqttPassword, MqttSettings } from "../../mqtt/settings.ts";
import { numberFrom, pathSchema } from "./values.ts";

const HOUR_MS = 3_600_000;

const URL_NEED = 'an address such as "mqtt://192.0.2.10:1883" (mqtt, mqtts, ws or wss)';
const PREFIX_NEED =
  'levels such as "site/lookback", without "#", "+" and "$", no "/" at either end';
const CLIENT_NEED = 'letters, digits, "-" and "_", at most 64';
const TEXT_NEED = "text in quotes";

const PROTOCOLS = ["mqtt:", "mqtts:", "ws:", "wss:"];

/** Whether it is the address of a broker. */
export function isBrokerUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && PROTOCOLS.includes(url.protocol) && url.hostname !== "";
}

function isPrefix(text: string): boolean {
  return text === "" ||
    (text.length <= 200 && !/[#+\p{Cc}]|^\$|^\/|\/$|\/\//u.test(text));
}

const queueSchema = z.strictObject({
  max_messages: numberFrom([10, 1_000_000], { what: "a whole number of messages", whole: true })
    .default(10_000).describe("How many may wait on disk; of more the oldest `info` goes first"),
  max_hours: numberFrom([0.01, 8_760], { what: "a number of hours" }).default(24)
    .describe("How long one may wait, in hours"),
}).prefault({}).describe("What waits on disk while the broker is away");

export const mqttSchema = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether MQTT is spoken"),
  url: z.string({ error: URL_NEED }).refine(isBrokerUrl, { error: URL_NEED }).optional().meta({
    description: "Address of the broker",
    examples: ["mqtts://192.0.2.10:8883"],
  }),
  user: z.string({ error: TEXT_NEED }).optional().meta({
    description: "Name to log in with",
    examples: ["lookback"],
  }),
  // Not z.string(): what is wrong with a value is told with the value.
  password: z.unknown().optional().meta({
    type: "string",
    description: "Password to log in with; better in a file",
    examples: ["secret"],
  }),
  password_file: pathSchema.optional().meta({
    description: "File with that password; it counts, where both are set",
    examples: ["keys/mqtt"],
  }),
  ca_file: pathSchema.optional().meta({
    description: "File with certificates (PEM) of the authorities to trust",
    examples: ["keys/ca.pem"],
  }),
  cert_file: pathSchema.optional().meta({
    description: "File with a certificate (PEM) to log in with",
    examples: ["keys/client.pem"],
  }),
  key_file: pathSchema.optional().meta({
    description: "File with its private key (PEM)",
    examples: ["keys/client.key"],
  }),
  client_id: z.string({ error: CLIENT_NEED }).regex(/^[\w-]{1,64}$/, { error: CLIENT_NEED })
    .optional().meta({
      description: "Name of the connection; the only one with it (default: made of the storage " +
        "root's id)",
      examples: ["lookback-gate"],
    }),
  prefix: z.string({ error: PREFIX_NEED }).refine(isPrefix, { error: PREFIX_NEED }).default("")
    .describe("Levels in front of every topic"),
  allow_commands: z.boolean().default(false)
    .describe("Whether commands and changes of settings that come in are carried out"),
  home_assistant: z.boolean().default(false)
    .describe("Whether Home Assistant finds the cameras by itself"),
  camera_wills: z.boolean().default(true).describe(
    "Whether each camera has a connection of its own, whose end marks it offline",
  ),
  results: z.boolean().default(true)
    .describe("Whether what is seen in each picture goes out"),
  queue: queueSchema,
}).prefault({}).check((context) => {
  const problem = problemOf(context.value);
  if (problem === undefined) return;
  const [key, message] = problem;
  const input = context.value;
  context.issues.push({ code: "custom", path: key === null ? [] : [key], message, input });
}).describe("Telling a message broker, and being told by it");

type MqttConfig = z.output<typeof mqttSchema>;

/** What does not go together, and at which key; without a key where the value is a secret. */
function problemOf(config: MqttConfig): readonly [key: string | null, message: string] | undefined {
  const { enabled, url, user, password, password_file: file } = config;
  const { cert_file: cert, key_file: key, ca_file: ca } = config;
  if (enabled && url === undefined) return ["url", `${URL_NEED}, because \`enabled\` is true`];
  if (password !== undefined && (typeof password !== "string" || password === "")) {
    return [null, "`password` as text in quotes"];
  }
  if (user === undefined && (password !== undefined || file !== undefined)) {
    return [null, "a `user` for the password"];
  }
  if ((cert === undefined) !== (key === undefined)) {
    return [null, "`cert_file` and `key_file`, or none of them"];
  }
  const isPlain = url !== undefined && /^(?:mqtt|ws):/i.test(url);
  if (isPlain && (ca !== undefined || cert !== undefined)) {
    return ["url", "an address with mqtts or wss, because certificates are named"];
  }
  return undefined;
}

/** What the section means. `folderOf` says where the relative paths of a key start. */
export function toMqtt(
  config: MqttConfig,
  folderOf: (key: string) => string,
): MqttSettings | null {
  const { enabled, url, prefix, queue } = config;
  if (!enabled || url === undefined) return null;
  const pathOf = (key: "ca_file" | "cert_file" | "key_file") =>
    config[key] === undefined ? null : resolve(folderOf(`mqtt.${key}`), config[key]);
  return {
    url,
    user: config.user ?? null,
    password: toPassword(config, folderOf("mqtt.password_file")),
    caPath: pathOf("ca_file"),
    certPath: pathOf("cert_file"),
    keyPath: pathOf("key_file"),
    clientId: config.client_id ?? null,
    prefix: prefix === "" ? "" : `${prefix}/`,
    allowCommands: config.allow_commands,
    homeAssistant: config.home_assistant,
    cameraWills: config.camera_wills,
    results: config.results,
    queue: { maxCount: queue.max_messages, maxAgeMs: Math.round(queue.max_hours * HOUR_MS) },
  };
}

/** The section with its paths as they are in the settings: absolute. */
export function mqttInFull(config: MqttConfig, settings: MqttSettings | null): MqttConfig {
  if (settings === null) return config;
  const { password, caPath, certPath, keyPath } = settings;
  return {
    ...config,
    ...(password?.kind === "file" ? { password_file: password.path } : {}),
    ...(caPath === null ? {} : { ca_file: caPath }),
    ...(certPath === null ? {} : { cert_file: certPath }),
    ...(keyPath === null ? {} : { key_file: keyPath }),
  };
}

function toPassword(
  { password, password_file: file }: MqttConfig,
  folder: string,
): MqttPassword | null {
  if (file !== undefined) return { kind: "file", path: resolve(folder, file) };
  return typeof password === "string" ? { kind: "text", text: password } : null;
}
