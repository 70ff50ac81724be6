/**
 * `lookback prompt`: asks for camera, timestamp and duration, and writes the
 * footage as an MP4.
 *
 * @module
 */

import { Command } from "commander";
import type { Archive } from "../app/archive.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import { formatDuration, parseDuration } from "../footage/duration.ts";
import { describeInstant, parseInstant } from "../footage/instant.ts";
import type { Survey } from "../footage/export_job.ts";
import { lowerOwnPriority } from "../host/low_priority.ts";
import { type FootageRequest, makeWindow } from "../footage/request.ts";
import type { CameraSummary } from "../store/reader.ts";
import { type Asker, openAsker } from "./asker.ts";
import { archiveOf, localZone, type ReadOptions, settingsToRead, withReading } from "./context.ts";
import { exportWithProgress } from "./export.ts";
import { coverageLines, deliveryLines, requestLines } from "./survey_text.ts";

export function promptCommand(): Command {
  const command = new Command("prompt")
    .description("ask for camera, timestamp and duration, and write the footage as an MP4");
  return withReading(
    command,
    "printf 'front\\nyesterday 14:05\\n1m30s\\nyes\\nno\\n' | lookback prompt",
  )
    .action(prompt);
}

async function prompt(options: ReadOptions): Promise<void> {
  // What it does between the questions is exporting; a person who types notices nothing.
  await lowerOwnPriority();
  using archive = archiveOf(await settingsToRead(options));
  using asker = openAsker();
  do await retrieve(archive, asker); while (await asker.confirm("Export another?"));
}

/** One request from question to film. */
async function retrieve(archive: Archive, asker: Asker): Promise<void> {
  const timeZone = localZone();
  const cameras = archive.cameras().filter(({ recorded }) => recorded !== null);
  if (cameras.length === 0) throw nothingYet();
  const cameraId = await asker.choose(
    "CAMERA?",
    cameras.map((camera) => ({ value: camera.cameraId, hint: rangeOf(camera, timeZone) })),
  );
  const chosen = cameras.find((camera) => camera.cameraId === cameraId)!;
  asker.show([`recorded ${rangeOf(chosen, timeZone)}`]);
  const context = () => ({ nowMs: systemClock.now(), timeZone });
  const at = await asker.ask({
    text: "TIMESTAMP?",
    example: "2026-11-21 20:57:09, yesterday 14:05, 10 minutes ago",
    check: problemOf((answer) => parseInstant(answer, context())),
  });
  const startMs = parseInstant(at, context());
  const duration = await asker.ask({
    text: "DURATION?",
    example: "90s, 1m30s, 1:30",
    check: problemOf(parseDuration),
  });
  const request = { cameraId, window: makeWindow(startMs, parseDuration(duration)) };
  asker.show(requestLines(request, timeZone));
  const survey = await surveyForPrompt(archive, asker, request);
  if (survey === undefined) return;
  asker.show(coverageLines(survey, timeZone));
  if (!await asker.confirm("Write the MP4?")) return;
  const path = await archive.reserveOutput(request);
  const wish = { path, mode: "exact", gapPolicy: "collapse" } as const;
  const receipt = await exportWithProgress(archive, survey, wish);
  asker.show(deliveryLines(receipt, path));
}

/** What there is; where only stills are left, a film of those is offered. */
async function surveyForPrompt(
  archive: Archive,
  asker: Asker,
  request: FootageRequest,
): Promise<Survey | undefined> {
  const survey = await archive.survey(request, "video");
  if (survey.frames > 0) return survey;
  asker.show([archive.nothingRecorded(survey, localZone()).toText()]);
  const hasStills = survey.gathered.problems.length > 0;
  if (!hasStills || !await asker.confirm("Make a film of the stills instead?")) return undefined;
  const stills = await archive.survey(request, "frames");
  return stills.frames > 0 ? stills : undefined;
}

function rangeOf({ recorded }: CameraSummary, timeZone: string): string {
  if (recorded === null) return "nothing yet";
  const { fromMs, toMs } = recorded;
  return `${describeInstant(fromMs, timeZone)}, for ${formatDuration(toMs - fromMs)}`;
}

/** A check out of a parser: what its error says. */
function problemOf(parse: (answer: string) => unknown): (answer: string) => string | undefined {
  return (answer) => {
    try {
      parse(answer);
      return undefined;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return [error.message, ...error.advice.fix].join("; ");
    }
  };
}

function nothingYet(): OperatorError {
  return new OperatorError("no-footage", "Cannot export: no camera has a closed batch yet", {
    fix: ["record for a little longer than one batch, then try again"],
  });
}
