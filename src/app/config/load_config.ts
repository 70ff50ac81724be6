/**
 * Finds the configuration and reads it, with what the environment and the flags
 * have to say about it.
 *
 * In:   `--config`, `--root`, the working folder, the environment.
 * Out:  {@linkcode Settings}, or an OperatorError that says where was looked or
 *       what is wrong.
 * Not here: what the settings mean (config.ts), how the sources are joined
 *       (layers.ts).
 *
 * @module
 */

import { join, resolve } from "node:path";
import {
  CONFIG_FILE_NAME,
  EXAMPLE_CONFIG,
  type Settings,
  SYSTEM_CONFIG_PATH,
} from "../../../config.ts";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { readEnvironment } from "./environment.ts";
import { layerConfig, type LayeredConfig } from "./layers.ts";
import { shownPath } from "./mistakes.ts";

/** A file of 64 cameras has 20 kB; this much is another kind of file named by mistake. */
const MAX_CONFIG_BYTES = 1_048_576;

export interface LoadOptions {
  /** Value of `--config`: the one file to read. */
  readonly configFlag?: string | undefined;
  /** Value of `--root`: used instead of `storage.root`. */
  readonly rootFlag?: string | undefined;
  /** Working folder; what flags and variables are relative to. */
  readonly cwd: string;
  /** Answers with the defaults and no cameras where no file is found: enough to read footage. */
  readonly allowMissing?: boolean;
  /** For tests, which must not depend on the machine they run on. */
  readonly systemPath?: string;
  /** For tests; the process's own otherwise. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The settings: of the file of `--config`, else "lookback.yaml" in the working
 * folder, else in the folder of `--root`, else {@linkcode SYSTEM_CONFIG_PATH}. No
 * file is needed where the environment names the cameras.
 *
 * @throws {OperatorError} With code "config-missing" if there is no file or it
 * can't be read, "config-invalid" if the settings hold mistakes, "usage" for an
 * empty flag.
 */
export async function loadConfig(options: LoadOptions): Promise<Settings> {
  return (await loadLayers(options)).settings;
}

/** As {@linkcode loadConfig}, with the origin of each value. */
export async function loadLayers(options: LoadOptions): Promise<LayeredConfig> {
  const { configFlag, rootFlag, cwd } = options;
  refuseEmpty("--config", configFlag);
  refuseEmpty("--root", rootFlag);
  const environment = options.environment ?? Deno.env.toObject();
  const paths = configPaths(options);
  for (const path of paths) {
    const text = await readConfigFile(path, shownPath(path, cwd));
    if (text !== null) return layerConfig({ file: { path, text }, environment, rootFlag, cwd });
  }
  const needsFile = options.allowMissing !== true && !namesCameras(environment);
  if (configFlag !== undefined || needsFile) throw configMissing(paths);
  return layerConfig({ file: null, environment, rootFlag, cwd });
}

function namesCameras(environment: Readonly<Record<string, string>>): boolean {
  const { assignments, mistakes } = readEnvironment(environment);
  // A variable that can't be read may be the one that names them.
  return mistakes.length > 0 || assignments.some(({ path }) => path[0] === "cameras");
}

function configPaths({ configFlag, rootFlag, cwd, systemPath }: LoadOptions): readonly string[] {
  if (configFlag !== undefined) return [resolve(cwd, configFlag)];
  const folders = rootFlag === undefined ? [cwd] : [cwd, resolve(cwd, rootFlag)];
  const paths = folders.map((folder) => join(folder, CONFIG_FILE_NAME));
  return [...new Set([...paths, systemPath ?? SYSTEM_CONFIG_PATH])];
}

/** The file's text, or null where there is no file. */
async function readConfigFile(path: string, shown: string): Promise<string | null> {
  try {
    const { isDirectory, size } = await Deno.stat(path);
    if (isDirectory) throw configUnreadable(shown, "it is a folder");
    if (size > MAX_CONFIG_BYTES) throw configUnreadable(shown, `it has ${size} bytes`);
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof OperatorError) throw thrown;
    if (thrown instanceof Deno.errors.NotFound) return null;
    if (thrown instanceof Deno.errors.NotADirectory) return null;
    throw configUnreadable(shown, messageOf(thrown));
  }
}

// What can be wrong

function refuseEmpty(flag: string, value: string | undefined): void {
  if (value === undefined || value.trim() !== "") return;
  throw new OperatorError("usage", `Cannot use ${flag}: found an empty text, need a path`, {
    fix: [`give a path after ${flag}, or leave the flag out`],
  });
}

function configMissing(paths: readonly string[]): OperatorError {
  const example = EXAMPLE_CONFIG.trimEnd().replaceAll(/^/gm, "    ");
  return new OperatorError("config-missing", "Cannot find a configuration file", {
    found: { "looked at": paths.join(", ") },
    fix: [
      'run "lookback init", which asks for the cameras and writes one',
      `or write ${CONFIG_FILE_NAME}, for example:\n${example}`,
      "or name one with --config FILE",
    ],
  });
}

function configUnreadable(shown: string, reason: string): OperatorError {
  return new OperatorError("config-missing", `Cannot read configuration "${shown}": ${reason}`, {
    fix: ["name a YAML file that this user may read, with --config FILE"],
  });
}
