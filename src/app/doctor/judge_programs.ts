/**
 * Judges the ffmpeg and ffprobe that are used.
 *
 * Pure.
 *
 * @module
 */

import {
  type Feature,
  type FeatureList,
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
  /** It is there and said nothing in time, or failed: whether it is right is unknown. */
  readonly isSilent: boolean;
  /** Null when it does not start, or is something else. */
  readonly version: FfmpegVersion | null;
  /** What is not on the lists that it printed. */
  readonly missing: readonly Feature[];
  /** Lists that it did not print: what would be on them is unknown, not missing. */
  readonly unread: readonly FeatureList[];
}

const INSTALL = `install ffmpeg ${MIN_FFMPEG.major}.${MIN_FFMPEG.minor} or newer ` +
  "(Debian and Ubuntu: apt-get install ffmpeg), or name one as ffmpeg.path in the settings";

/** Judges one program. */
export function judgeProgram(program: ProgramMeasure): Judgement {
  const { name, asked, path, isSilent, version, missing, unread } = program;
  if (path === null) return problem(`"${asked}" is not there or is no program`, INSTALL);
  if (isSilent) {
    return problem(
      `${path} did not answer -version, or not within a few seconds`,
      `run ${path} -version by hand: if it answers, ask again when the machine has less to do; ` +
        `if it does not, ${INSTALL}`,
    );
  }
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
  if (unread.length > 0) {
    const lists = unread.map((list) => `-${list}`).join(", ");
    return warning(
      `${what}: did not print ${lists}, so what it has of these is unknown`,
      "run lookback doctor again when the machine has less to do",
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
