/**
 * Finds cameras on the local network: one question to all (WS-Discovery, which
 * ONVIF cameras answer), then one talk with each that answers.
 *
 * In:   how long to listen, and a login for the cameras where there is one.
 * Out:  {@linkcode Discovery}: cameras by address, and what went wrong.
 * Not here: the meaning of an answer (discovery_answer.ts), the talk with a
 *       camera (device_streams.ts).
 *
 * @module
 */

import { systemClock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { maskSecrets } from "../../base/secrets.ts";
import { type DeviceLogin, type DeviceStreams, readDeviceStreams } from "./device_streams.ts";
import { type DiscoveryAnswer, readAnswer } from "./discovery_answer.ts";
import { inParallel } from "./in_parallel.ts";

export interface DiscoveredCamera extends DiscoveryAnswer, DeviceStreams {}

export interface Discovery {
  /** By address. */
  readonly cameras: readonly DiscoveredCamera[];
  /** What went wrong on the way, for people: unreadable answers, silent interfaces. */
  readonly problems: readonly string[];
}

export interface DiscoverOptions {
  /** How long answers are waited for. */
  readonly timeoutMs: number;
  /** Names of network interfaces; by default all with an IPv4 address but the loopback. */
  readonly interfaces?: readonly string[];
  readonly login?: DeviceLogin | undefined;
}

/**
 * The question is asked again after this time, in milliseconds: multicast on
 * Wi-Fi is sent once and without a receipt, and the standard asks for repeats.
 */
const REPEAT_AFTER_MS = 600;

/** Cameras talked to at the same time. */
const TALKS_AT_ONCE = 8;

/** Looks for cameras. Takes `timeoutMs`, and then as long as the slowest camera talks. */
export async function discoverCameras(options: DiscoverOptions): Promise<Discovery> {
  const interfaces = options.interfaces ?? networkInterfaces();
  if (interfaces.length === 0) {
    return { cameras: [], problems: ["this machine has no network with an IPv4 address"] };
  }
  const { answers, problems } = await gatherAnswers(interfaces, options.timeoutMs);
  const cameras = await inParallel(answers, {
    limit: TALKS_AT_ONCE,
    work: async (answer) => ({ ...answer, ...await streamsOf(answer, options.login) }),
  });
  return { cameras, problems };
}

async function streamsOf(
  { service }: DiscoveryAnswer,
  login: DeviceLogin | undefined,
): Promise<DeviceStreams> {
  if (service !== null) return await readDeviceStreams(service, login);
  return { streams: [], problem: "the device names no service at its own address" };
}

function networkInterfaces(): string[] {
  const usable = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  return [...new Set(usable.map(({ name }) => name))];
}

async function gatherAnswers(
  interfaces: readonly string[],
  timeoutMs: number,
): Promise<{ readonly answers: DiscoveryAnswer[]; readonly problems: string[] }> {
  const { default: { Discovery } } = await import("onvif");
  const answers = new Map<string, DiscoveryAnswer>();
  const problems = new Set<string>();
  const onDevice = (data: unknown, sender: { readonly address: string }) => {
    const answer = readAnswer(data, sender.address);
    if (answer === undefined) problems.add(`cannot read the answer of ${sender.address}`);
    else if (!answers.has(answer.endpoint)) answers.set(answer.endpoint, answer);
  };
  const onError = (error: unknown) => problems.add(maskSecrets(messageOf(error)));
  Discovery.on("device", onDevice);
  // Without a listener, a bad answer from anybody on the network would end the program.
  Discovery.on("error", onError);
  try {
    await askTwice(interfaces, timeoutMs, (device, timeout) =>
      new Promise((resolve) => {
        // Called early with an error alone, and at the end with what was found.
        Discovery.probe({ device, timeout, resolve: false }, (_, devices) => {
          if (devices !== undefined) resolve();
        });
      }));
  } finally {
    Discovery.off("device", onDevice);
    Discovery.off("error", onError);
  }
  return { answers: [...answers.values()].toSorted(byAddress), problems: [...problems] };
}

async function askTwice(
  interfaces: readonly string[],
  timeoutMs: number,
  ask: (device: string, timeoutMs: number) => Promise<void>,
): Promise<void> {
  const first = interfaces.map((each) => ask(each, timeoutMs));
  if (timeoutMs > 2 * REPEAT_AFTER_MS) {
    await systemClock.sleep(REPEAT_AFTER_MS, new AbortController().signal);
    await Promise.all(interfaces.map((each) => ask(each, timeoutMs - REPEAT_AFTER_MS)));
  }
  await Promise.all(first);
}

function byAddress(left: DiscoveryAnswer, right: DiscoveryAnswer): number {
  return left.address.localeCompare(right.address, "en", { numeric: true });
}
