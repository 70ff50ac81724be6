/**
 * Asks an ONVIF device for the addresses of its streams, with the library
 * `onvif`: it knows the services, both ways to sign in, and many makers' habits.
 *
 * In:   the address of the device's service, and a login where there is one.
 * Out:  a {@linkcode DeviceStreams}; a device that won't tell is an answer.
 * Not here: finding devices (discover.ts).
 *
 * @module
 */

import type { Cam } from "onvif";
import * as z from "zod";
import { systemClock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { maskSecrets } from "../../base/secrets.ts";
import { printable } from "./discovery_answer.ts";

export interface DeviceLogin {
  readonly user: string;
  readonly password: string;
}

export interface DeviceStream {
  /** The device's name for it, such as "MainStream". */
  readonly profile: string;
  /** As the device gives it: without user and password. */
  readonly url: string;
  /** "H264 1920x1080"; null when the device does not say. */
  readonly format: string | null;
}

export interface DeviceStreams {
  readonly streams: readonly DeviceStream[];
  /** Why there are none, for people; null when there are. */
  readonly problem: string | null;
}

/** How long a device may take for one answer, in milliseconds. */
const ANSWER_LIMIT_MS = 3_000;

/** Streams asked for at most: the main one, one or two smaller ones, and room for odd devices. */
const MAX_STREAMS = 8;

/**
 * Asks a device for its streams. Whatever the device does is an answer; with
 * {@linkcode ANSWER_LIMIT_MS} for each question it takes half a minute at most.
 */
export async function readDeviceStreams(
  service: string,
  login: DeviceLogin | undefined,
): Promise<DeviceStreams> {
  try {
    const streams = await talk(service, login);
    return { streams, problem: streams.length === 0 ? "the device names no stream" : null };
  } catch (error) {
    return { streams: [], problem: explain(messageOf(error), login) };
  }
}

function explain(message: string, login: DeviceLogin | undefined): string {
  if (!/40[013]|not ?auth|unauthori[sz]ed|authentication|sender/i.test(message)) {
    return `the device does not tell (${printable(maskSecrets(message))})`;
  }
  return login === undefined
    ? "the device wants a user name and a password"
    : "the device refuses the user name or password";
}

async function talk(service: string, login: DeviceLogin | undefined): Promise<DeviceStream[]> {
  const device = await connect(service, login);
  // The device's clock first: a signed request carries its time.
  await answer((done) => device.getSystemDateAndTime(done));
  await answer((done) => device.getServices(true, done)).catch(() =>
    // Devices from before 2012 don't have GetServices.
    answer((done) => device.getCapabilities(done))
  );
  const profiles = readAs(PROFILES, await readProfiles(device)).slice(0, MAX_STREAMS);
  const streams: DeviceStream[] = [];
  // One after the other: small devices serve one request at a time.
  for (const profile of profiles) {
    const options = { protocol: "RTSP", profileToken: profile.$.token };
    const { uri } = readAs(STREAM, await answer((done) => device.getStreamUri(options, done)));
    streams.push({ profile: profile.name, url: uri, format: formatOf(profile) });
  }
  return streams;
}

async function connect(service: string, login: DeviceLogin | undefined): Promise<Cam> {
  const { default: { Cam } } = await import("onvif");
  const { hostname, port, pathname, protocol } = new URL(service);
  const useSecure = protocol === "https:";
  return new Cam({
    hostname,
    path: pathname,
    timeout: ANSWER_LIMIT_MS,
    autoconnect: false,
    ...(port === "" ? {} : { port: Number(port) }),
    // Cameras make their own certificates; there is nothing to check them against.
    ...(useSecure ? { useSecure, secureOpts: { rejectUnauthorized: false } } : {}),
    ...(login === undefined ? {} : { username: login.user, password: login.password }),
  });
}

async function readProfiles(device: Cam): Promise<unknown> {
  try {
    return await answer((done) => device.getProfiles(done));
  } catch (error) {
    if (!device.media2Support) throw error;
    // Some devices announce the newer media service and don't have it.
    device.media2Support = false;
    return await answer((done) => device.getProfiles(done));
  }
}

/**
 * One question. The library calls back more than once when it stumbles over an
 * answer; the first call counts. Its own time-out does not fire in Deno.
 */
async function answer(
  ask: (done: (error: Error | null, data?: unknown) => void) => void,
): Promise<unknown> {
  const answered = new AbortController();
  const late = systemClock.sleep(ANSWER_LIMIT_MS, answered.signal).then(() => {
    throw new Error(`no answer within ${ANSWER_LIMIT_MS / 1_000} s`);
  });
  const told = new Promise((resolve, reject) => {
    ask((error, data) => error ? reject(error) : resolve(data));
  });
  try {
    return await Promise.race([told, late]);
  } finally {
    late.catch(() => {});
    answered.abort();
  }
}

const PROFILES = z.array(z.object({
  $: z.object({ token: z.coerce.string() }),
  name: z.coerce.string().transform(printable).catch(""),
  videoEncoderConfiguration: z.object({
    encoding: z.coerce.string().transform(printable),
    resolution: z.object({ width: z.number(), height: z.number() }),
  }).optional().catch(undefined),
}));

const STREAM = z.object({ uri: z.string().regex(/^(?:rtsp|http)s?:\/\/[^\s\p{Cc}]+$/u) });

function readAs<T>(schema: z.ZodType<T>, value: unknown): T {
  const reading = schema.safeParse(value);
  if (reading.success) return reading.data;
  throw new Error("its answer has another shape than ONVIF's");
}

function formatOf(profile: z.output<typeof PROFILES>[number]): string | null {
  const video = profile.videoEncoderConfiguration;
  if (video === undefined) return null;
  return `${video.encoding} ${video.resolution.width}x${video.resolution.height}`;
}
