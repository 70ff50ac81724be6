/**
 * What the build baked into the executable: its commit, and where in the
 * executable's file the embedded programs lie.
 *
 * tools/build.ts writes it as a file of the executable's own file system.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../base/errors.ts";

/** A program behind the end of the runtime, in the executable's file. */
export interface EmbeddedProgram {
  readonly name: "ffmpeg" | "ffprobe";
  /** Where its first byte lies, from the start of the executable. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Hexadecimal digits. */
  readonly sha256: string;
}

export interface BuildInfo {
  /** "abc1234", with "+changes" when the sources were not the commit's; "source" when not built. */
  readonly commit: string;
  /** Empty, or ffmpeg and ffprobe. */
  readonly embedded: readonly EmbeddedProgram[];
}

/** Beside main.ts: two folders above this one. */
const BUILD_INFO_PATH = join(import.meta.dirname ?? "", "..", "..", "build_info.json");

/** The facts of this executable, or of a run from the sources. */
export function readBuildInfo(): BuildInfo {
  if (!Deno.build.standalone) return { commit: "source", embedded: [] };
  try {
    return JSON.parse(Deno.readTextFileSync(BUILD_INFO_PATH));
  } catch (error) {
    // Compiled by hand, without the build: it works, and says what it is.
    return { commit: `unknown: ${messageOf(error)}`, embedded: [] };
  }
}
