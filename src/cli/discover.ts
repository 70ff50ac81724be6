/**
 * `lookback cameras discover`: the cameras on the local network that speak ONVIF.
 *
 * @module
 */

import { Command } from "commander";
import type { DeviceLogin } from "../app/discover/device_streams.ts";
import { discoverCameras, type DiscoveredCamera } from "../app/discover/discover.ts";
import { OperatorError } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import { parseDuration } from "../footage/duration.ts";
import { note, print, printJson } from "./terminal.ts";

interface DiscoverFlags {
  readonly timeout: string;
  readonly user?: string;
  readonly json?: boolean;
}

/** Where the password comes from: a flag would show it to everybody on the machine. */
const PASSWORD_VARIABLE = "ONVIF_PASSWORD";

/** Longest time that answers are waited for, in milliseconds; cameras answer within half a second. */
const MAX_TIMEOUT_MS = 60_000;

export function discoverCommand(): Command {
  return new Command("discover")
    .description("find cameras on the local network (ONVIF): address, name and stream URLs")
    .option("--timeout <duration>", "how long to wait for answers", "3s")
    .option(
      "--user <name>",
      `sign in to the cameras; the password is read from ${PASSWORD_VARIABLE}`,
    )
    .option("--json", "print JSON for programs")
    .addHelpText(
      "after",
      `\nExample:\n  ${PASSWORD_VARIABLE}=… lookback cameras discover --user admin`,
    )
    .action(discover);
}

async function discover(flags: DiscoverFlags): Promise<void> {
  const login = loginOf(flags.user);
  const timeoutMs = Math.min(parseDuration(flags.timeout), MAX_TIMEOUT_MS);
  if (!flags.json) note(`Asking the local network; listening for ${timeoutMs / 1_000} s`);
  const { cameras, problems } = await discoverCameras({ timeoutMs, login });
  for (const problem of problems) note(problem);
  if (flags.json) printJson({ cameras: cameras.map(toJson) });
  else printCameras(cameras);
}

function loginOf(user: string | undefined): DeviceLogin | undefined {
  if (user === undefined) return undefined;
  const password = Deno.env.get(PASSWORD_VARIABLE);
  if (password !== undefined) return { user, password };
  throw new OperatorError("usage", `Cannot sign in as "${user}": there is no password`, {
    found: { [PASSWORD_VARIABLE]: "not set" },
    fix: [`set ${PASSWORD_VARIABLE} to the cameras' password`],
  });
}

function printCameras(cameras: readonly DiscoveredCamera[]): void {
  for (const camera of cameras) printCamera(camera);
  if (cameras.length > 0) return;
  print("no camera answered");
  note("Cameras answer only where ONVIF is switched on, and only in the same network segment");
}

function printCamera({ address, name, hardware, streams, problem }: DiscoveredCamera): void {
  print([address, name, hardware].filter((part) => part !== null).join("  "));
  for (const { profile, url, format } of streams) {
    const details = [profile, format].filter((part) => part !== null && part !== "").join(", ");
    print(`  ${maskSecrets(url)}  (${details})`);
  }
  if (problem !== null) print(`  no stream: ${problem}`);
  if (problem?.includes("wants a user")) {
    note(`  give --user, and the password in ${PASSWORD_VARIABLE}`);
  }
}

function toJson(camera: DiscoveredCamera): Record<string, unknown> {
  return {
    address: camera.address,
    name: camera.name,
    hardware: camera.hardware,
    endpoint: camera.endpoint,
    service: camera.service,
    streams: camera.streams.map(({ profile, url, format }) => ({
      profile,
      url: maskSecrets(url),
      format,
    })),
    problem: camera.problem,
  };
}
