/**
 * Looks at the machine for service_install.ts. Changes nothing.
 *
 * @module
 */

import { resolve } from "node:path";
import { CONFIG_FILE_NAME, parseConfig, type Settings, SYSTEM_ROOT } from "../../config.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { exists } from "./archive.ts";
import type { AccountTool, ConfigFacts, ServiceFacts } from "./service_install.ts";
import { SERVICE } from "./service_unit.ts";

/** An entry of /etc/passwd or /etc/group. */
export interface AccountEntry {
  readonly name: string;
  /** The user's number, or the group's. */
  readonly id: number;
}

/**
 * Finds a name in the text of /etc/passwd or /etc/group. The file, not the name
 * service: a system user of that name in a directory elsewhere is not ours.
 */
export function findAccount(text: string, name: string): AccountEntry | undefined {
  for (const line of text.split("\n")) {
    const [found, , id] = line.split(":");
    if (found === name && id !== undefined && /^\d+$/.test(id)) return { name, id: Number(id) };
  }
  return undefined;
}

/** What the machine has. */
export async function gatherFacts(
  options: { readonly configFlag?: string | undefined; readonly cwd: string },
): Promise<ServiceFacts> {
  const { config, root } = await findConfig(options);
  return {
    isRoot: Deno.uid() === 0,
    hasSystemd: await exists("/run/systemd/system"),
    isStandalone: Deno.build.standalone,
    execPath: await Deno.realPath(Deno.execPath()),
    hasUser: findAccount(await Deno.readTextFile("/etc/passwd"), SERVICE.user) !== undefined,
    hasGroup: findAccount(await Deno.readTextFile("/etc/group"), SERVICE.user) !== undefined,
    accountTool: await findAccountTool(),
    hasUnit: await exists(SERVICE.unit),
    hasProgram: await exists(SERVICE.program),
    config,
    root,
    hasRoot: await exists(root),
  };
}

async function findAccountTool(): Promise<AccountTool | null> {
  if (await exists("/usr/sbin/useradd")) return "useradd";
  return await exists("/usr/sbin/adduser") ? "adduser" : null;
}

/** The storage root of the installed service, or of one that would be installed now. */
export async function serviceRoot(): Promise<string> {
  return (await findConfig({ cwd: "/" })).root;
}

/**
 * The installed settings; else those of `--config`, else "lookback.yaml" in the
 * working folder, which `lookback init` has written there; else none.
 *
 * @throws {OperatorError} "config-invalid", "config-missing", or "usage" for a
 * file that can't be moved.
 */
async function findConfig(
  { configFlag, cwd }: { readonly configFlag?: string | undefined; readonly cwd: string },
): Promise<{ readonly config: ConfigFacts; readonly root: string }> {
  const installed = await readIfThere(SERVICE.config);
  const given = resolve(cwd, configFlag ?? CONFIG_FILE_NAME);
  if (installed !== undefined) {
    if (configFlag !== undefined && given !== SERVICE.config) throw alreadyThere(given);
    const settings = parseConfig(installed, { path: SERVICE.config, cwd });
    return { config: { from: "installed", cameras: countCameras(settings) }, root: settings.root };
  }
  const text = await readIfThere(given);
  if (text !== undefined) {
    const settings = settingsWhenMoved(text, { path: given, cwd });
    const cameras = countCameras(settings);
    return { config: { from: "file", path: given, text, cameras }, root: settings.root };
  }
  if (configFlag === undefined) return { config: { from: "template" }, root: SYSTEM_ROOT };
  throw new OperatorError("config-missing", `Cannot find the settings file "${given}"`, {
    fix: ["name a file that is there, or leave --config out"],
  });
}

function countCameras({ cameras }: Settings): number {
  return cameras.filter(({ enabled }) => enabled).length;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // A person without rights may still see what an installation would do.
    throw new OperatorError("config-missing", `Cannot read "${path}": ${messageOf(error)}`, {
      fix: ["run it as root"],
    });
  }
}

/**
 * What a file's settings mean once the file is the service's.
 *
 * @throws {OperatorError} "usage" if they would mean something else there.
 */
export function settingsWhenMoved(
  text: string,
  from: { readonly path: string; readonly cwd: string },
): Settings {
  const here = parseConfig(text, from);
  const there = parseConfig(text, { path: SERVICE.config, cwd: from.cwd });
  // The default root is another one for the service, and rightly so.
  const changed = placesOf(there).filter((place, index) =>
    place !== placesOf(here)[index] && place !== SYSTEM_ROOT
  );
  if (changed.length === 0) return there;
  throw new OperatorError(
    "usage",
    `Cannot use "${from.path}" for the service: it names paths that are relative to its folder`,
    {
      found: { "which would be": changed.join(", ") },
      fix: ["write these paths in full in that file, from / on"],
    },
  );
}

/** All paths that settings name. */
function placesOf({ root, ffmpegPath, ffprobePath, cameras }: Settings): readonly string[] {
  const files = cameras.map(({ source }) => source.kind === "file" ? source.path : "");
  return [root, ffmpegPath, ffprobePath, ...files];
}

function alreadyThere(given: string): OperatorError {
  return new OperatorError(
    "usage",
    `Cannot take the settings of "${given}": the service has some`,
    {
      found: { settings: SERVICE.config },
      fix: ["leave --config out to keep them", `or change ${SERVICE.config} first`],
    },
  );
}
