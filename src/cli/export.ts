/**
 * `lookback export`: footage of a camera, a time and a duration, as an MP4 with
 * its receipt.
 *
 * @module
 */

import { Command, Option } from "commander";
import { type Archive, nameTaken } from "../app/archive.ts";
import { type ExportLine, failedLine, previewJson } from "../app/exports/export_lines.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import { parseDuration } from "../footage/duration.ts";
import { readInstant } from "../footage/read_instant.ts";
import type { CutMode, FilmSource, Receipt } from "../footage/receipt.ts";
import type { RecodeChange } from "../footage/recoded_plan.ts";
import { type FootageRequest, makeWindow } from "../footage/request.ts";
import type { GapPolicy } from "../footage/stretches.ts";
import type { Survey } from "../footage/export_job.ts";
import type { WriteProgress } from "../footage/write_movie.ts";
import { lowerOwnPriority } from "../host/low_priority.ts";
import {
  archiveOf,
  localZone,
  newFilePath,
  type ReadOptions,
  requireCamera,
  settingsToRead,
  withReading,
} from "./context.ts";
import { type Asked, type AskedWindow, eventRequest, whatIsAsked } from "./export_asked.ts";
import { changeAsked, type ChangeFlags, changeFor } from "./export_change.ts";
import { interruptible } from "./interrupt.ts";
import { startProgress } from "./progress.ts";
import { coverageLines, deliveryLines, requestLines } from "./survey_text.ts";
import { note, print, printJson } from "./terminal.ts";

interface ExportFlags extends ReadOptions, Asked, ChangeFlags {
  readonly out?: string;
  readonly mode: CutMode;
  readonly source: FilmSource;
  readonly gaps: GapPolicy;
  readonly preview?: boolean;
  readonly json?: boolean;
  readonly progress: "bar" | "json";
}

export function exportCommand(): Command {
  const command = new Command("export")
    .description("write the footage of a camera, a time and a duration as an MP4")
    .option("--camera <id>", "which camera")
    .option("--at <time>", 'where it begins: "2026-11-21 20:57:09", "yesterday 14:05", -10m')
    .option("--duration <length>", "how long it is: 90, 90s, 1m30s, 1:30, PT90S")
    .option("--event <id>", "an event, in place of these three (lookback events lists them)")
    .option("--padding <length>", "how much before and behind the event (default: 5s)")
    .option("--out <file>", "where to write it (default: output/ below the storage root)")
    .addOption(
      new Option(
        "--mode <mode>",
        "exact: copied, shown to the frame; strict: nothing else in the file; keyframe: begins at the key frame before",
      )
        .choices(["exact", "strict", "keyframe"]).default("exact"),
    )
    .addOption(
      new Option("--source <source>", "the recorded video, or the stills that the JSON log names")
        .choices(["video", "frames"]).default("video"),
    )
    .addOption(
      new Option("--gaps <policy>", "collapse: join what is there; keep: leave missing time in")
        .choices(["collapse", "keep"]).default("collapse"),
    )
    .option("--fps <rate>", "another, constant rate: every frame is encoded anew")
    .option("--overlay <items>", "burn in boxes,clock,name: every frame is encoded anew")
    .option("--preview", "only say what there is for it; write nothing")
    .option("--json", "print the receipt, or the preview, as JSON for programs")
    .addOption(
      new Option("--progress <form>", "how far it is: a bar for people, or JSON lines for programs")
        .choices(["bar", "json"]).default("bar"),
    );
  const example = 'lookback export --camera front --at "2026-11-21 20:57:09" --duration 60s';
  return withReading(command, example).action(exportOrSay);
}

/** Programs get the reason for a failure as they get the progress. */
async function exportOrSay(flags: ExportFlags): Promise<void> {
  try {
    await runExport(flags);
  } catch (error) {
    if (flags.progress === "json" && error instanceof OperatorError) {
      note(maskSecrets(JSON.stringify(failedLine(error))));
    }
    throw error;
  }
}

async function runExport(flags: ExportFlags): Promise<void> {
  const lowered = lowerOwnPriority();
  if (flags.source === "frames" && flags.gaps === "keep") {
    throw new OperatorError("usage", "Cannot keep gaps in a film of stills", {
      fix: ["leave --gaps keep out, or export the recorded video"],
    });
  }
  const changed = changeAsked(flags);
  const timeZone = localZone();
  const asked = whatIsAsked(flags);
  const settings = await settingsToRead(flags);
  const request = "eventId" in asked
    ? eventRequest(settings, asked)
    : await writtenRequest(asked, timeZone);
  using archive = archiveOf(settings);
  const { name: cameraName } = requireCamera(archive.cameras(), request.cameraId);
  const survey = await archive.survey(request, flags.source);
  if (flags.preview) return preview(survey, timeZone, flags);
  for (const line of requestLines(request, timeZone)) note(line);
  if (survey.frames === 0) throw archive.nothingRecorded(survey, timeZone);
  for (const line of coverageLines(survey, timeZone)) note(line);
  const path = flags.out === undefined
    ? await archive.reserveOutput(request)
    : await newFilm(archive, flags.out);
  await lowered;
  const receipt = await exportWithProgress(archive, survey, {
    path,
    mode: flags.mode,
    gapPolicy: flags.gaps,
    ...(changed === undefined ? {} : { change: changeFor(changed, { cameraName, timeZone }) }),
  }, flags.progress);
  if (flags.json) printJson({ path, receipt });
  else for (const line of deliveryLines(receipt, path)) print(line);
}

/** What there is, also where that is nothing. */
function preview(survey: Survey, timeZone: string, { json }: Pick<ExportFlags, "json">): void {
  const understood = [
    ...requestLines(survey.request, timeZone),
    ...coverageLines(survey, timeZone),
  ];
  if (json) printJson(previewJson(survey, understood));
  else for (const line of understood) print(line);
}

async function writtenRequest(asked: AskedWindow, timeZone: string): Promise<FootageRequest> {
  const startMs = await readInstant(asked.at, { nowMs: systemClock.now(), timeZone });
  return { cameraId: asked.camera, window: makeWindow(startMs, parseDuration(asked.duration)) };
}

/** A path that a person named for a film, taken. */
async function newFilm(archive: Archive, out: string): Promise<string> {
  const path = await newFilePath(out);
  if (await archive.reserve(path)) return path;
  throw nameTaken(path);
}

function waitingLine(running: number): string {
  return `waiting  ${running === 1 ? "another export is" : `${running} exports are`} running`;
}

/** How often programs are told how far it is, in milliseconds. */
const TELL_MS = 200;

/** Tells programs how far it is, not more often than they need. */
function progressTeller(): (progress: WriteProgress) => void {
  let toldAt = -Infinity;
  return ({ writtenBytes, totalBytes }) => {
    const now = performance.now();
    if (now - toldAt < TELL_MS && writtenBytes < totalBytes) return;
    toldAt = now;
    tell({ state: "running", written_bytes: writtenBytes, total_bytes: totalBytes });
  };
}

function tell(line: ExportLine): void {
  note(JSON.stringify(line));
}

/** Exports with a progress bar; Ctrl-C cancels and leaves nothing behind. */
export async function exportWithProgress(
  archive: Archive,
  survey: Survey,
  wish: {
    readonly path: string;
    readonly mode: CutMode;
    readonly gapPolicy: GapPolicy;
    readonly change?: RecodeChange;
  },
  form: ExportFlags["progress"] = "bar",
): Promise<Receipt> {
  let unsignedBecause: string | undefined;
  const receipt = await interruptible(async (signal) => {
    using bar = startProgress("exporting");
    const told = progressTeller();
    return await archive.export(survey, {
      ...wish,
      signal,
      onProgress: form === "json"
        ? told
        : ({ writtenBytes, totalBytes }) => bar.update(writtenBytes, totalBytes),
      onUnsigned: (reason) => unsignedBecause = reason,
      onWait: (running) =>
        form === "json" ? tell({ state: "waiting", running }) : note(waitingLine(running)),
    });
  });
  if (unsignedBecause !== undefined) {
    note(`unsigned the receipt has no signature: ${unsignedBecause}`);
  }
  return receipt;
}
