/**
 * What was asked of the build: its flags, read and checked.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BuildError } from "./build_error.ts";

export const USAGE =
  `usage: ./dev build [--target TRIPLE] [--with-ffmpeg PATH] [--without-detector] [--output FILE]

  --target TRIPLE      another system, such as aarch64-unknown-linux-gnu (all that Deno knows)
  --with-ffmpeg PATH   embed this ffmpeg and the ffprobe beside it (Linux only)
  --without-detector   leave the object detector out: vision then looks for movement only
  --output FILE        where to write it (default: dist/lookback, dist/lookback-TRIPLE for another system)

DENORT_BIN=FILE names the base runtime ("denort") of exactly this Deno version and system.`;

export interface BuildOptions {
  /** Deno's name of the system that the executable is for. */
  readonly target: string;
  /** Absolute. */
  readonly output: string;
  /** Absolute paths of the programs to embed; null for none. */
  readonly programs: { readonly ffmpeg: string; readonly ffprobe: string } | null;
  /** Whether the object detector was asked to be left out. */
  readonly withoutDetector?: true;
}

/**
 * Reads the flags. `host` is the system that builds.
 *
 * @returns The options, or "help" if that was asked for.
 * @throws {BuildError} If a flag is unknown, has no value, or does not fit the target.
 */
export function parseBuildOptions(
  args: readonly string[],
  { host, cwd }: { readonly host: string; readonly cwd: string },
): BuildOptions | "help" {
  const values = readFlags(args);
  if (values.help === true) return "help";
  const target = values.target ?? host;
  const withFfmpeg = values["with-ffmpeg"];
  if (withFfmpeg !== undefined && !target.includes("-linux-")) {
    throw new BuildError(
      `Cannot embed ffmpeg for ${target}: only Linux executables can carry it\n` +
        "  fix: leave --with-ffmpeg out and install ffmpeg on that system",
    );
  }
  const ffmpeg = withFfmpeg === undefined ? null : resolve(cwd, withFfmpeg);
  return {
    target,
    output: resolve(cwd, values.output ?? defaultOutput(target, host)),
    programs: ffmpeg === null ? null : { ffmpeg, ffprobe: join(dirname(ffmpeg), "ffprobe") },
    ...(values["without-detector"] === true ? { withoutDetector: true } : {}),
  };
}

function defaultOutput(target: string, host: string): string {
  return target === host ? "dist/lookback" : `dist/lookback-${target}`;
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        target: { type: "string" },
        "with-ffmpeg": { type: "string" },
        "without-detector": { type: "boolean" },
        output: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new BuildError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}
