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

/** A program, or what a program needs, behind the end of the runtime, in the executable's file. */
export interface EmbeddedProgram {
  /** Name of the file that it is unpacked to. */
  readonly name: string;
  /** Where its first byte lies, from the start of the executable. */
  readonly offset: number;
  /** Unpacked, as its hash. */
  readonly sizeBytes: number;
  /** Hexadecimal digits. */
  readonly sha256: string;
  /** How long it is in the executable, packed with gzip; not there for what is not packed. */
  readonly packedBytes?: number;
}

export interface BuildInfo {
  /** "abc1234", with "+changes" when the sources were not the commit's; "source" when not built. */
  readonly commit: string;
  /** Empty, or ffmpeg and ffprobe. */
  readonly embedded: readonly EmbeddedProgram[];
  /** The files of the object detector (vision/native_library.ts), where the build put them in. */
  readonly detector?: readonly EmbeddedProgram[];
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
