/**
 * Which ffmpeg is used, and why: the configured one, else the one that the
 * executable carries, else the one on PATH.
 *
 * {@linkcode decideFfmpeg} decides; {@linkcode chooseFfmpeg} also unpacks what
 * the executable carries.
 *
 * @module
 */

import { join } from "node:path";
import type { Settings } from "../../config.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { type BuildInfo, readBuildInfo } from "../host/build_info.ts";
import { unpackPrograms } from "../host/embedded_ffmpeg.ts";

export type FfmpegSettings = Pick<Settings, "root" | "ffmpegPath" | "ffprobePath">;

export interface FfmpegChoice {
  /** Absolute path, or the name of a program on PATH. */
  readonly ffmpegPath: string;
  /** Absolute path, or the name of a program on PATH. */
  readonly ffprobePath: string;
  readonly origin: "configured" | "embedded" | "path";
  /** Completes "ffmpeg is …", for doctor. */
  readonly reason: string;
}

/** What the settings hold when nothing is configured (config.ts). */
const DEFAULT_FFMPEG = "ffmpeg";
const DEFAULT_FFPROBE = "ffprobe";

/**
 * Decides where ffmpeg comes from. A plain "ffmpeg" in the configuration counts
 * as nothing configured; a path to it says that the installed one is wanted.
 *
 * @param folder Where embedded programs are unpacked. Absolute.
 */
export function decideFfmpeg(
  { ffmpegPath, ffprobePath }: FfmpegSettings,
  { embedded, folder }: { readonly embedded: BuildInfo["embedded"]; readonly folder: string },
): FfmpegChoice {
  if (ffmpegPath !== DEFAULT_FFMPEG) {
    const reason = `"${ffmpegPath}", as ffmpeg.path in the configuration says`;
    return { ffmpegPath, ffprobePath, origin: "configured", reason };
  }
  if (embedded.length === 0) {
    const reason = "the one on PATH: none is configured and this executable carries none";
    return { ffmpegPath, ffprobePath, origin: "path", reason };
  }
  return {
    ffmpegPath: join(folder, "ffmpeg"),
    ffprobePath: ffprobePath === DEFAULT_FFPROBE ? join(folder, "ffprobe") : ffprobePath,
    origin: "embedded",
    reason: `the one that this executable carries, unpacked to "${folder}"`,
  };
}

/** What the choice depends on beside the settings. */
export interface FfmpegSurroundings extends Pick<BuildInfo, "embedded"> {
  /** The executable that carries the programs. */
  readonly executable: string;
  /** Values of HOME and XDG_CACHE_HOME. */
  readonly home: string | undefined;
  readonly cacheHome: string | undefined;
}

/**
 * Folders to unpack to, best first: below the storage root, where it stays with
 * the service; else in the user's cache, for who reads another user's footage.
 */
export function programFolders(
  root: string,
  { home, cacheHome }: Pick<FfmpegSurroundings, "home" | "cacheHome">,
): readonly [string, ...string[]] {
  const cache = cacheHome || (home ? join(home, ".cache") : undefined);
  const own = cache === undefined ? [] : [join(cache, "lookback", "bin")];
  return [join(root, "data", "bin"), ...own];
}

/**
 * Chooses ffmpeg, and unpacks the embedded one if that is it.
 *
 * @throws {OperatorError} "root-unusable" if it can't be unpacked anywhere,
 * "ffmpeg-not-found" if the executable is damaged.
 */
export async function chooseFfmpeg(
  settings: FfmpegSettings,
  surroundings: FfmpegSurroundings = surroundingsOfProcess(),
): Promise<FfmpegChoice> {
  const { embedded } = surroundings;
  const folders = programFolders(settings.root, surroundings);
  const choice = decideFfmpeg(settings, { embedded, folder: folders[0] });
  if (choice.origin !== "embedded") return choice;
  const folder = await unpackSomewhere(folders, surroundings);
  return decideFfmpeg(settings, { embedded, folder });
}

function surroundingsOfProcess(): FfmpegSurroundings {
  return {
    embedded: readBuildInfo().embedded,
    executable: Deno.execPath(),
    home: Deno.env.get("HOME"),
    cacheHome: Deno.env.get("XDG_CACHE_HOME"),
  };
}

/** The first folder that takes the programs. */
async function unpackSomewhere(
  folders: readonly string[],
  { embedded, executable }: FfmpegSurroundings,
): Promise<string> {
  const reasons: Record<string, string> = {};
  for (const folder of folders) {
    try {
      await unpackPrograms(embedded, { executable, folder });
      return folder;
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      reasons[folder] = messageOf(error);
    }
  }
  throw new OperatorError("root-unusable", "Cannot unpack the embedded ffmpeg", {
    found: reasons,
    fix: [
      "let the user that runs Lookback write in one of these folders",
      'or name an installed ffmpeg as "ffmpeg: { path: ... }" in the config file',
    ],
  });
}
