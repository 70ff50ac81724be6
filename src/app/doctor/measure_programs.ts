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
  type FeatureOutputs,
  missingFeatures,
  parseFfmpegVersion,
} from "../../media/ffmpeg_features.ts";
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
  const lists = ffmpeg.version === null ? null : await featureOutputs(ffmpegPath);
  return [
    toFinding({ ...ffmpeg, missing: lists === null ? [] : missingFeatures(lists) }),
    toFinding(ffprobe),
  ];
}

async function measure(
  program: Pick<ProgramMeasure, "name" | "asked" | "reason">,
): Promise<ProgramMeasure> {
  const path = await findProgram(program.asked);
  const output = path === null ? null : await toolOutput(path, ["-version"]);
  const version = output === null ? undefined : parseFfmpegVersion(output);
  return { ...program, path, version: version ?? null, missing: [] };
}

async function featureOutputs(ffmpeg: string): Promise<FeatureOutputs> {
  const outputs = await Promise.all(FEATURE_LISTS.map(async (list) => {
    return [list, await toolOutput(ffmpeg, ["-hide_banner", `-${list}`]) ?? ""];
  }));
  return Object.fromEntries(outputs);
}

function toFinding(program: ProgramMeasure): Finding {
  const { name, path, reason, version, missing } = program;
  return {
    check: name,
    ...judgeProgram(program),
    facts: {
      path,
      reason,
      version: version?.text ?? null,
      missing: missing.map((feature) => ({ ...feature })),
    },
  };
}
