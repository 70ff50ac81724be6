/**
 * What every command needs: the settings, the options that all commands share,
 * and a camera of that name.
 *
 * @module
 */

import type { Command } from "commander";
import { join, resolve } from "node:path";
import type { Settings } from "../../config.ts";
import { Archive, exists } from "../app/archive.ts";
import { loadConfig } from "../app/config/load_config.ts";
import { chooseFfmpeg } from "../app/ffmpeg_choice.ts";
import type { IndexPlace } from "../app/open_index.ts";
import { nearestWord } from "../base/did_you_mean.ts";
import { OperatorError } from "../base/errors.ts";
import { isRootHeld } from "../host/root_lock.ts";
import type { CameraSummary } from "../store/reader.ts";
import { VERSION } from "./version.ts";

export interface SharedOptions {
  readonly config?: string;
  readonly root?: string;
}

/** Options of commands that read footage, also that of a box that is dead. */
export interface ReadOptions extends SharedOptions {
  readonly readOnly?: boolean;
  readonly database?: string;
}

/** Settings of a command that reads, and where it finds the index. */
export interface ReadSettings extends Settings, IndexPlace {}

/** Gives a command the options that all share, and an example below its help. */
export function withShared(command: Command, example: string): Command {
  return command
    .option("--config <file>", "settings file (default: lookback.yaml here, then /etc/lookback)")
    .option("--root <folder>", "storage root, instead of the one in the settings")
    .addHelpText("after", `\nExample:\n  ${example}`);
}

/** {@linkcode withShared}, and what helps with somebody else's disk. */
export function withReading(command: Command, example: string): Command {
  return withShared(
    command
      .option("--read-only", "write nothing below the storage root; films go to this folder")
      .option("--database <file>", "read the index from this file, not from the storage root"),
    example,
  );
}

/** Settings for a command that records: the file must be there. */
export async function settingsToRecord(options: SharedOptions): Promise<Settings> {
  return await withFfmpeg(
    await loadConfig({ configFlag: options.config, rootFlag: options.root, cwd: Deno.cwd() }),
  );
}

/** Settings for a command that reads: without a file, the storage root is enough. */
export async function settingsToRead(options: ReadOptions): Promise<ReadSettings> {
  const settings = await loadConfig({
    configFlag: options.config,
    rootFlag: options.root,
    cwd: Deno.cwd(),
    allowMissing: true,
  });
  const { database, readOnly = false } = options;
  const place = {
    readOnly,
    isRecording: readOnly && await isRootHeld(settings.root),
    ...(database === undefined ? {} : { databasePath: resolve(database) }),
  };
  // Nothing is unpacked under a root that was mistyped.
  if (!await exists(join(settings.root, "data"))) return { ...settings, ...place };
  const programs = await withFfmpeg(readOnly ? { ...settings, root: userCache() } : settings);
  return { ...programs, root: settings.root, ...place };
}

/** Where a user who writes nothing below the root unpacks ffmpeg. */
function userCache(): string {
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") || (home && join(home, ".cache"));
  return cache ? join(cache, "lookback") : Deno.makeTempDirSync({ prefix: "lookback-" });
}

/** The settings with the ffmpeg that is to be used; unpacks it if the executable carries it. */
export async function withFfmpeg(settings: Settings): Promise<Settings> {
  const { ffmpegPath, ffprobePath } = await chooseFfmpeg(settings);
  return { ...settings, ffmpegPath, ffprobePath };
}

/** The recorded footage below a storage root. */
export function archiveOf(settings: Settings & Partial<ReadSettings>): Archive {
  const { stills: { quality }, readOnly } = settings;
  const outputFolder = readOnly ? { outputFolder: Deno.cwd() } : {};
  return new Archive({ ...settings, ...outputFolder, quality, version: VERSION });
}

/** A path that a person named for a new file. It must be free: nothing is replaced. */
export async function newFilePath(out: string): Promise<string> {
  const path = resolve(out);
  if (!await exists(path)) return path;
  throw new OperatorError("export-target-exists", `Cannot write "${path}": it is there already`, {
    fix: ["give another name with --out", "or move the old file away"],
  });
}

/** The zone that times without a zone are meant in. */
export function localZone(): string {
  return Temporal.Now.timeZoneId();
}

/**
 * The camera with an id.
 *
 * @throws {OperatorError} "camera-unknown" with the cameras there are.
 */
export function requireCamera(cameras: readonly CameraSummary[], id: string): CameraSummary {
  const found = cameras.find(({ cameraId }) => cameraId === id);
  if (found !== undefined) return found;
  const ids = cameras.map(({ cameraId }) => cameraId);
  const near = nearestWord(id, ids);
  throw new OperatorError("camera-unknown", `Cannot find camera "${id}"`, {
    found: { cameras: ids.join(", ") || "none has recorded here" },
    fix: [near === null ? "give one of these with --camera" : `did you mean --camera ${near}?`],
  });
}
