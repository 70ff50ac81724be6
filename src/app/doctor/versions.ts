/**
 * What runs here, for a bug report: versions, no names of machines or people.
 *
 * @module
 */

import { OperatorError } from "../../base/errors.ts";
import { toolOutput } from "../../host/tool_output.ts";
import type { FfmpegChoice } from "../ffmpeg_choice.ts";

/** Versions of everything that takes part. */
export async function readVersions(
  lookback: string,
  programs: FfmpegChoice | OperatorError,
): Promise<unknown> {
  return {
    lookback,
    executable: Deno.build.standalone,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    target: Deno.build.target,
    kernel: Deno.osRelease(),
    system: await systemName(),
    cores: navigator.hardwareConcurrency,
    ...(programs instanceof OperatorError ? {} : {
      ffmpeg: (await toolOutput(programs.ffmpegPath, ["-version"]))?.split("\n") ?? null,
      ffprobe: (await toolOutput(programs.ffprobePath, ["-version"]))?.split("\n", 1)[0] ?? null,
    }),
  };
}

/** "Debian GNU/Linux 12 (bookworm)"; null where the system does not say (os-release(5)). */
async function systemName(): Promise<string | null> {
  try {
    const text = await Deno.readTextFile("/etc/os-release");
    return /^PRETTY_NAME="?([^"\n]*)"?/m.exec(text)?.[1] ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
