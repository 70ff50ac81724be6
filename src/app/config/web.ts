/**
 * The settings of the web server: where it listens, how it is encrypted, what it
 * may spend on viewers.
 *
 * In:   the section `web` of the file.
 * Out:  its schema, and what it means: null where the server is off.
 * Not here: accounts (data/access.json; src/web/access/).
 *
 * @module
 */

import { resolve } from "node:path";
import * as z from "zod";
import {
  type IceServer,
  isLoopback,
  type ListenAddress,
  type TlsSettings,
  type WebSettings,
} from "../../web/settings.ts";
import { numberFrom, pathSchema } from "./values.ts";

export type { WebSettings } from "../../web/settings.ts";

const HOUR_MS = 3_600_000;

const LISTEN_NEED = 'an address and a port such as "127.0.0.1:8480" or "[::]:8480"';
const TLS_NEED = '"self-signed", or { cert: cert.pem, key: key.pem }';
const HOST_NEED = 'an IP address such as "192.0.2.10"';
const ICE_NEED = 'a URL such as "stun:stun.example.org:3478" or "turn:turn.example.org:3478"';
const PORTS_NEED = "two ports from 1024 to 65535, such as [50000, 50100], the lower one first";

const IP_PATTERN = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:]*:[\da-f:]+)$/i;

/** "127.0.0.1:8480", "[::1]:8480" or "localhost:8480"; undefined for what is none. */
export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([a-z\d.-]+)):(\d{1,5})$/i.exec(text);
  const hostname = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (hostname === undefined || !(port <= 65_535)) return undefined;
  return { hostname: hostname.toLowerCase(), port };
}

const iceServerSchema = z.strictObject({
  urls: z.string({ error: ICE_NEED }).regex(/^(?:stun|turns?):[^\s]+$/, { error: ICE_NEED })
    .describe("Its address"),
  username: z.string({ error: "text in quotes" }).optional().describe("Name to log in with"),
  // Not z.string(): what is wrong with a value is told with the value.
  password: z.unknown().optional().meta({ type: "string", description: "Password to log in with" }),
}, { error: 'a server such as { urls: "stun:stun.example.org:3478" }' }).check((context) => {
  const { password } = context.value;
  if (password === undefined || (typeof password === "string" && password !== "")) return;
  const message = "`password` as text in quotes";
  context.issues.push({ code: "custom", message, input: context.value });
});

const portRangeSchema = z.array(
  numberFrom([1_024, 65_535], { what: "a whole port number", whole: true }),
  { error: PORTS_NEED },
).length(2, { error: PORTS_NEED })
  .refine(([first = 0, last = 0]) => first <= last, { error: PORTS_NEED });

const webrtcSchema = z.strictObject({
  enabled: z.boolean().default(true)
    .describe("Whether live pictures may go over WebRTC, which has the least delay"),
  ice_servers: z.array(iceServerSchema, { error: "a list of servers" }).max(8).default([])
    .describe(
      "STUN and TURN servers, for viewers outside the own network; told, with their passwords, to everyone who may see a camera",
    ),
  port_range: portRangeSchema.optional().meta({
    description: "First and last port of UDP and of TCP to use (default: any), for a firewall",
    examples: [[50_000, 50_100]],
  }),
  hosts: z.array(z.string({ error: HOST_NEED }).regex(IP_PATTERN, { error: HOST_NEED }), {
    error: `a list such as ["192.0.2.10"]`,
  }).max(8).default([])
    .describe("Further addresses that viewers reach this machine by, for a router in between"),
}).prefault({}).describe("Live pictures over WebRTC");

export const webSchema = z.strictObject({
  listen: z.string({ error: LISTEN_NEED })
    .refine((text) => parseListen(text) !== undefined, { error: LISTEN_NEED })
    .optional()
    .meta({
      description: "Address and port of the page and the API (default: off)",
      examples: ["127.0.0.1:8480"],
    }),
  tls: z.union([
    z.literal("self-signed"),
    z.strictObject({
      cert: pathSchema.describe("File with the certificate and its chain (PEM)"),
      key: pathSchema.describe("File with its private key (PEM)"),
    }),
  ], { error: TLS_NEED }).optional().meta({
    description: "Encryption: files of a certificate, or one that Lookback makes (default: none)",
    examples: ["self-signed"],
  }),
  behind_proxy: z.boolean().default(false)
    .describe("Whether a proxy in front encrypts, and tells who asks by X-Forwarded headers"),
  webrtc: webrtcSchema,
  live: z.strictObject({
    max_viewers: numberFrom([1, 1_000], { what: "a whole number of viewers", whole: true })
      .default(64).describe("Live views at once, of all cameras together"),
    max_renditions: numberFrom([0, 16], { what: "a whole number", whole: true })
      .default(2).describe(
        "Smaller or converted streams, live and recorded, that are encoded at once",
      ),
  }).prefault({}).describe("What live pictures may cost"),
  sessions: z.strictObject({
    hours: numberFrom([0.1, 8_760], { what: "a number of hours" })
      .default(168).describe("How long a log-in lasts, in hours"),
  }).prefault({}).describe("Log-ins"),
}).prefault({}).check((context) => {
  const { listen, tls, behind_proxy: behindProxy } = context.value;
  const address = listen === undefined ? undefined : parseListen(listen);
  if (address === undefined || isLoopback(address.hostname)) return;
  if (tls !== undefined || behindProxy) return;
  context.issues.push({
    code: "custom",
    path: ["listen"],
    message: "an address of this machine only (127.0.0.1), or `tls: self-signed`, or " +
      "`behind_proxy: true`: others could read passwords on the way",
    input: listen,
  });
}).describe("The page and the API");

type WebConfig = z.output<typeof webSchema>;

/** What the section means. `folderOf` says where the relative paths of a key start. */
export function toWeb(
  config: WebConfig,
  folderOf: (key: string) => string,
): WebSettings | null {
  const listen = config.listen === undefined ? undefined : parseListen(config.listen);
  if (listen === undefined) return null;
  const { webrtc, live } = config;
  const [first, last] = webrtc.port_range ?? [];
  return {
    listen,
    tls: toTls(config.tls, folderOf("web.tls")),
    isBehindProxy: config.behind_proxy,
    webrtc: {
      isEnabled: webrtc.enabled,
      iceServers: webrtc.ice_servers.map(toIceServer),
      portRange: first === undefined || last === undefined ? null : [first, last],
      hosts: webrtc.hosts,
    },
    live: { maxViewers: live.max_viewers, maxRenditions: live.max_renditions },
    sessionMs: Math.round(config.sessions.hours * HOUR_MS),
  };
}

/** The section with its paths as they are in the settings: absolute. */
export function webInFull(config: WebConfig, settings: WebSettings | null): WebConfig {
  if (settings?.tls?.kind !== "files") return config;
  const { certPath, keyPath } = settings.tls;
  return { ...config, tls: { cert: certPath, key: keyPath } };
}

function toTls(tls: WebConfig["tls"], folder: string): TlsSettings | null {
  if (tls === undefined) return null;
  if (tls === "self-signed") return { kind: "self-signed" };
  return {
    kind: "files",
    certPath: resolve(folder, tls.cert),
    keyPath: resolve(folder, tls.key),
  };
}

function toIceServer(
  { urls, username, password }: WebConfig["webrtc"]["ice_servers"][number],
): IceServer {
  return {
    urls,
    ...(username === undefined ? {} : { username }),
    ...(typeof password === "string" ? { credential: password } : {}),
  };
}
