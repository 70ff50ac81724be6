/**
 * Judges the ffmpeg and ffprobe that are used.
 *
 * Pure.
 *
 * @module
 */

import {
  type Feature,
  type FfmpegVersion,
  isTooOld,
  MIN_FFMPEG,
} from "../../media/ffmpeg_features.ts";
import { fine, type Judgement, problem, warning } from "./finding.ts";

export interface ProgramMeasure {
  /** "ffmpeg" or "ffprobe". */
  readonly name: string;
  /** As the settings have it: a path, or a name on PATH. */
  readonly asked: string;
  /** Where it is; null when it is nowhere. */
  readonly path: string | null;
  /** Why this one, for people. */
  readonly reason: string;
  /** Null when it does not start, or is something else. */
  readonly version: FfmpegVersion | null;
  readonly missing: readonly Feature[];
}

const INSTALL = `install ffmpeg ${MIN_FFMPEG.major}.${MIN_FFMPEG.minor} or newer ` +
  "(Debian and Ubuntu: apt-get install ffmpeg), or name one as ffmpeg.path in the settings";

/** Judges one program. */
export function judgeProgram(program: ProgramMeasure): Judgement {
  const { name, asked, path, version, missing } = program;
  if (path === null) return problem(`"${asked}" is not there or is no program`, INSTALL);
  if (version === null) return problem(`${path} does not answer as ${name}`, INSTALL);
  const what = `${version.text} at ${path} (${program.reason})`;
  if (isTooOld(version)) return problem(`${what}: too old`, INSTALL);
  const needed = missing.filter(({ need }) => need === "always");
  if (needed.length > 0) return problem(`${what}: lacks ${list(needed)}`, INSTALL);
  if (missing.length > 0) {
    return warning(
      `${what}: lacks ${list(missing)}`,
      "install a full build of ffmpeg to have these",
    );
  }
  if (version.number === null) {
    return warning(`${what}: a snapshot of the development tree`, "use a released version");
  }
  return fine(what);
}

function list(features: readonly Feature[]): string {
  return features.map(({ list, name, purpose }) => `${name} in -${list} (${purpose})`).join(", ");
}
