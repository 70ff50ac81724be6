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
import { openIndexWith } from "../app/open_index.ts";
import type { Survey } from "../footage/export_job.ts";
import { lowerOwnPriority } from "../host/low_priority.ts";
import { type FootageRequest, makeWindow } from "../footage/request.ts";
import { eventWindow } from "../model/event_window.ts";
import type { TimeWindow } from "../model/window.ts";
import { EventReader } from "../store/event_reader.ts";
import type { CameraSummary } from "../store/reader.ts";
import { type Asker, openAsker } from "./asker.ts";
import {
  archiveOf,
  localZone,
  type ReadOptions,
  type ReadSettings,
  settingsToRead,
  withReading,
} from "./context.ts";
import { type EventChoice, eventChoices } from "./events_text.ts";
import { exportWithProgress } from "./export.ts";
import { coverageLines, deliveryLines, requestLines } from "./survey_text.ts";

export function promptCommand(): Command {
  const command = new Command("prompt")
    .description(
      "ask for camera, timestamp (or what was seen last) and duration, and write the footage as an MP4",
    );
  return withReading(
    command,
    "printf 'front\\nyesterday 14:05\\n1m30s\\nyes\\nno\\n' | lookback prompt",
  )
    .action(prompt);
}

async function prompt(options: ReadOptions): Promise<void> {
  // What it does between the questions is exporting; a person who types notices nothing.
  await lowerOwnPriority();
  const settings = await settingsToRead(options);
  using archive = archiveOf(settings);
  using asker = openAsker();
  const seen = (cameraId: string) => newestSeen(settings, cameraId);
  do await retrieve(archive, asker, seen); while (await asker.confirm("Export another?"));
}

/** One request from question to film. */
async function retrieve(
  archive: Archive,
  asker: Asker,
  seen: (cameraId: string) => readonly EventChoice[],
): Promise<void> {
  const timeZone = localZone();
  const cameras = archive.cameras().filter(({ recorded }) => recorded !== null);
  if (cameras.length === 0) throw nothingYet();
  const cameraId = await asker.choose(
    "CAMERA?",
    cameras.map((camera) => ({ value: camera.cameraId, hint: rangeOf(camera, timeZone) })),
  );
  const chosen = cameras.find((camera) => camera.cameraId === cameraId)!;
  asker.show([`recorded ${rangeOf(chosen, timeZone)}`]);
  const request = { cameraId, window: await askWindow(asker, seen(cameraId)) };
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

/** Events shown at most. */
const SHOWN_EVENTS = 6;

/** What was seen last by a camera, of each class. */
function newestSeen(settings: ReadSettings, cameraId: string): readonly EventChoice[] {
  using reader = openIndexWith(settings, (...place) => new EventReader(...place));
  return eventChoices(reader.newestOfEachClass(cameraId).slice(0, SHOWN_EVENTS), localZone());
}

/** A window: one of the choices by its name, or a time and a duration. */
async function askWindow(asker: Asker, choices: readonly EventChoice[]): Promise<TimeWindow> {
  const context = () => ({ nowMs: systemClock.now(), timeZone: localZone() });
  const chosen = (answer: string) =>
    choices.find(({ name }) => name === answer.trim().toLowerCase());
  if (choices.length > 0) {
    asker.show(["seen last, each to be had by its name in place of a time:"]);
    asker.show(choices.map(({ line }) => `  ${line}`));
  }
  const example = "2026-11-21 20:57:09, yesterday 14:05, 10 minutes ago";
  const isTime = problemOf((answer) => parseInstant(answer, context()));
  const at = await asker.ask({
    text: "TIMESTAMP?",
    example: [...choices.slice(0, 1).map(({ name }) => name), example].join(", "),
    check: (answer) => chosen(answer) === undefined ? isTime(answer) : undefined,
  });
  const event = chosen(at)?.event;
  if (event !== undefined) return eventWindow(event);
  const startMs = parseInstant(at, context());
  const duration = await asker.ask({
    text: "DURATION?",
    example: "90s, 1m30s, 1:30",
    check: problemOf(parseDuration),
  });
  return makeWindow(startMs, parseDuration(duration));
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
