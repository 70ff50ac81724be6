/**
 * Looks at the machine for install.ts. Changes nothing.
 *
 * @module
 */

import { resolve } from "node:path";
import {
  CONFIG_FILE_NAME,
  inFull,
  parseConfig,
  readConfig,
  type Settings,
  SYSTEM_ROOT,
} from "../../../config.ts";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { exists } from "../archive.ts";
import {
  type AccountTool,
  type ConfigFacts,
  SERVICE_CONFIG_TEMPLATE,
  type ServiceFacts,
} from "./install.ts";
import { SERVICE } from "./unit.ts";

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

/** The settings of the service, and the storage root that follows from them. */
export interface ServiceSettings {
  readonly config: ConfigFacts;
  /** Absolute. */
  readonly root: string;
}

const NO_SETTINGS: ServiceSettings = { config: { from: "template" }, root: SYSTEM_ROOT };

/** What the machine has. */
export async function gatherFacts({ config, root }: ServiceSettings): Promise<ServiceFacts> {
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

/** Where settings to install with may lie. */
export interface SettingsPlaces {
  /** The file of `--config`. */
  readonly configFlag?: string | undefined;
  readonly cwd: string;
  /** The service's own file; another one in tests. */
  readonly installedPath?: string;
}

/**
 * The settings to install with. Those in place stay, whatever lies in the working folder:
 * an update must not change what is recorded. A template that nobody has filled in gives
 * way. Without any in place it is the file of `--config`, else "lookback.yaml" in the
 * working folder, where `lookback init` writes it, else none.
 *
 * @throws {OperatorError} "config-invalid", "config-missing", or "usage" for a
 * file that can't be moved, and for `--config` where settings are in place.
 */
export async function settingsToInstall(
  { configFlag, cwd, installedPath = SERVICE.config }: SettingsPlaces,
): Promise<ServiceSettings> {
  const installedText = await readIfThere(installedPath);
  const installed = installedText === undefined
    ? undefined
    : settingsOf(installedText, installedPath);
  const path = resolve(cwd, configFlag ?? CONFIG_FILE_NAME);
  // A person in /etc/lookback has the service's own file before them.
  const text = path === installedPath ? undefined : await readIfThere(path);
  if (installed !== undefined && installedText !== SERVICE_CONFIG_TEMPLATE) {
    if (configFlag !== undefined && path !== installedPath) throw alreadyThere(path);
    const isPassedOver = text !== undefined && text !== installedText;
    return isPassedOver
      ? { ...installed, config: { ...installed.config, passedOver: path } }
      : installed;
  }
  if (text !== undefined) {
    const settings = settingsWhenMoved(text, { path, cwd });
    const cameras = countCameras(settings);
    return { config: { from: "file", path, text, cameras }, root: settings.root };
  }
  if (configFlag === undefined || path === installedPath) return installed ?? NO_SETTINGS;
  throw new OperatorError("config-missing", `Cannot find the settings file "${path}"`, {
    fix: ["name a file that is there, or leave --config out"],
  });
}

/**
 * The settings in place, never a file of the working folder: what is removed
 * hangs on them.
 *
 * @throws {OperatorError} "config-invalid" or "config-missing" when they can't
 * be read, and `otherwise` is "fail".
 */
export async function settingsInPlace(otherwise: "fail" | "default"): Promise<ServiceSettings> {
  try {
    return await installedSettings() ?? NO_SETTINGS;
  } catch (error) {
    if (otherwise === "fail" || !(error instanceof OperatorError)) throw error;
    return { config: { from: "installed", cameras: 0 }, root: SYSTEM_ROOT };
  }
}

/** The service's settings, once they are in place. */
interface InstalledSettings extends ServiceSettings {
  readonly config: Extract<ConfigFacts, { from: "installed" }>;
}

async function installedSettings(): Promise<InstalledSettings | undefined> {
  const text = await readIfThere(SERVICE.config);
  return text === undefined ? undefined : settingsOf(text, SERVICE.config);
}

function settingsOf(text: string, path: string): InstalledSettings {
  const settings = parseConfig(text, { path, cwd: "/" });
  return { config: { from: "installed", cameras: countCameras(settings) }, root: settings.root };
}

function countCameras({ cameras }: Settings): number {
  return cameras.filter(({ enabled }) => enabled).length;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
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
  const here = placesOf(text, parseConfig(text, from));
  const there = parseConfig(text, { path: SERVICE.config, cwd: from.cwd });
  // The default root is another one for the service, and rightly so.
  const changed = placesOf(text, there).filter((place, index) =>
    place !== here[index] && place !== SYSTEM_ROOT
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

/**
 * All that settings say, with their paths in full, one text a value: what differs between
 * two places of one file is a path that is relative to its folder.
 */
function placesOf(text: string, settings: Settings): readonly string[] {
  const reading = readConfig(text);
  return reading.ok ? textsIn(inFull(reading.value, settings)) : [];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function alreadyThere(given: string): OperatorError {
  return new OperatorError(
    "usage",
    `Cannot take the settings of "${given}": the service has some`,
    {
      found: { settings: SERVICE.config },
      fix: [
        "leave --config out to keep them",
        `or move ${SERVICE.config} away, and run the same command again`,
      ],
    },
  );
}
