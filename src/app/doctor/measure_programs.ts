/**
 * Looks at ffmpeg and ffprobe: where they are, how old, what they can do.
 *
 * @module
 */

import { messageOf, OperatorError } from "../../base/errors.ts";
import { findProgram } from "../../host/find_program.ts";
import { toolOutput } from "../../host/tool_output.ts";
import {
  FEATURE_LISTS,
  type FeatureList,
  type FeatureOutputs,
  missingFeatures,
  parseFfmpegVersion,
} from "../../media/ffmpeg_features.ts";
import { inParallel } from "../discover/in_parallel.ts";
import type { FfmpegChoice } from "../ffmpeg_choice.ts";
import { type Finding, problem } from "./finding.ts";
import { judgeProgram, type ProgramMeasure } from "./judge_programs.ts";

/** Looks at both programs. An OperatorError where they could not be chosen. */
export async function examinePrograms(programs: FfmpegChoice | OperatorError): Promise<Finding[]> {
  if (programs instanceof OperatorError) {
    const fault = problem(messageOf(programs), programs.advice.fix[0]);
    return [{ check: "ffmpeg", ...fault, facts: { ...programs.advice.found } }];
  }
  const { ffmpegPath, ffprobePath, reason } = programs;
  const ffmpeg = await measure({ name: "ffmpeg", asked: ffmpegPath, reason });
  const ffprobe = await measure({ name: "ffprobe", asked: ffprobePath, reason });
  const features = ffmpeg.version === null ? {} : await askFeatures(ffmpegPath);
  return [toFinding({ ...ffmpeg, ...features }), toFinding(ffprobe)];
}

async function measure(
  program: Pick<ProgramMeasure, "name" | "asked" | "reason">,
): Promise<ProgramMeasure> {
  const path = await findProgram(program.asked);
  const output = path === null ? null : await toolOutput(path, ["-version"]);
  const version = output === null ? undefined : parseFfmpegVersion(output);
  const isSilent = path !== null && output === null;
  return { ...program, path, isSilent, version: version ?? null, missing: [], unread: [] };
}

/**
 * Lists asked for at the same time. All at once, a busy machine gives each so little that
 * none is whole in time (tool_output.ts).
 */
const LISTS_AT_ONCE = 2;

/**
 * What an ffmpeg lacks. A list that it does not print, because it fails or has no time,
 * says nothing of what would be on it.
 */
async function askFeatures(ffmpeg: string): Promise<Pick<ProgramMeasure, "missing" | "unread">> {
  const answers = new Map<FeatureList, string | null>();
  await inParallel(FEATURE_LISTS, {
    limit: LISTS_AT_ONCE,
    work: async (list) => {
      answers.set(list, await toolOutput(ffmpeg, ["-hide_banner", `-${list}`]));
    },
  });
  const unread = FEATURE_LISTS.filter((list) => answers.get(list) === null);
  const outputs = FEATURE_LISTS.map((list) => [list, answers.get(list) ?? ""]);
  const missing = missingFeatures(Object.fromEntries(outputs) as FeatureOutputs);
  return { unread, missing: missing.filter(({ list }) => !unread.includes(list)) };
}

function toFinding(program: ProgramMeasure): Finding {
  const { name, path, reason, version, missing, unread } = program;
  return {
    check: name,
    ...judgeProgram(program),
    facts: {
      path,
      reason,
      version: version?.text ?? null,
      missing: missing.map((feature) => ({ ...feature })),
      unread: [...unread],
    },
  };
}
