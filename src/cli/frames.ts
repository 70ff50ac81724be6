/**
 * `lookback frames`: pictures out of recordings at a rate, with annotations:
 * a training set.
 *
 * @module
 */

import { Command, Option } from "commander";
import { dirname, join, resolve } from "node:path";
import { openIndex, requireWritable } from "../app/open_index.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import { isoUtc } from "../base/units.ts";
import { parseDuration } from "../footage/duration.ts";
import { batchesUsed, type Survey, surveyFootage } from "../footage/export_job.ts";
import {
  ANNOTATIONS_FILE,
  type FrameSet,
  OBJECTS_FILE,
  writeFrameSet,
} from "../footage/frame_set_job.ts";
import { type FrameSetWish, NEAREST_MS } from "../footage/frame_set.ts";
import { perSecond } from "../footage/film_rate.ts";
import { readInstant } from "../footage/read_instant.ts";
import { makeWindow } from "../footage/request.ts";
import { holdFolders } from "../host/folder_lock.ts";
import { lowerOwnPriority } from "../host/low_priority.ts";
import { isRootHeld } from "../host/root_lock.ts";
import { parsePictureSize, type PictureFormat, type PictureSize } from "../media/frames_args.ts";
import type { TimeWindow } from "../model/window.ts";
import {
  archiveOf,
  localZone,
  type ReadOptions,
  type ReadSettings,
  requireCamera,
  settingsToRead,
  withReading,
} from "./context.ts";
import { readRate } from "./export_change.ts";
import { interruptible } from "./interrupt.ts";
import { startProgress } from "./progress.ts";
import { coverageLines, requestLines } from "./survey_text.ts";
import { note, print, printJson } from "./terminal.ts";
import { VERSION } from "./version.ts";

interface FramesFlags extends ReadOptions {
  readonly camera: string;
  readonly from?: string;
  readonly at?: string;
  readonly duration: string;
  readonly fps: string;
  readonly max?: string;
  readonly format: PictureFormat;
  readonly size?: string;
  readonly classes?: string;
  readonly analysed?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

export function framesCommand(): Command {
  const command = new Command("frames")
    .description("write frames of a stretch of time as pictures with COCO annotations")
    .requiredOption("--camera <id>", "which camera")
    .option("--from <time>", 'where it begins: "2026-11-21 20:57:09", "yesterday 14:05", -10m')
    .option("--at <time>", "the same as --from")
    .requiredOption("--duration <length>", "how long it is: 90, 90s, 1m30s, 1:30, PT90S")
    .option("--fps <rate>", "pictures a second: 5, 0.5, 30000/1001", "5")
    .option("--max <number>", "most pictures: the first ones are taken")
    .addOption(
      new Option("--format <format>", "JPEG, or PNG without loss")
        .choices(["jpg", "png"]).default("jpg"),
    )
    .option("--size <WxH>", "size of the pictures in pixels (default: the camera's)")
    .option("--classes <names>", "only pictures in which one of these was seen: person,car")
    .option("--analysed", "only frames that the log itself has boxes of, not the nearest one")
    .requiredOption("--out <folder>", "where to write them: a folder that is empty or not there")
    .option("--json", "print what was written as JSON for programs");
  const example = "lookback frames --camera front --from -1h --duration 10m --fps 2 --out set";
  return withReading(command, example).action(runFrames);
}

async function runFrames(flags: FramesFlags): Promise<void> {
  const lowered = lowerOwnPriority();
  const timeZone = localZone();
  const window = await windowOf(flags, timeZone);
  const wish = wishOf(flags, window);
  const size = flags.size === undefined ? null : readSize(flags.size);
  const settings = await settingsToRead(flags);
  const out = resolve(flags.out);
  requireWritable(settings, join(out, "picture"));
  using index = openIndex(settings);
  requireCamera(index.cameras(), flags.camera);
  const request = { cameraId: flags.camera, window };
  for (const line of requestLines(request, timeZone)) note(line);
  const survey = await surveyFootage(index, request, {
    source: "video",
    nowMs: systemClock.now(),
    isRecording: await isRootHeld(settings.root),
  });
  if (survey.frames === 0) throw nothingRecorded(settings, survey, timeZone);
  for (const line of coverageLines(survey, timeZone)) note(line);
  await lowered;
  using _hold = await holdFolders(
    batchesUsed(survey).map(({ recordingPath }) => dirname(join(settings.root, recordingPath))),
  );
  const set = await interruptible(async (signal) => {
    using progress = startProgress("decoding");
    return await writeFrameSet(index, survey.gathered, {
      ...{ cameraId: flags.camera, wish, format: flags.format, size, out, signal },
      ...{ ffmpegPath: settings.ffmpegPath, version: VERSION, nowMs: systemClock.now() },
      onProgress: (done, total) => progress.update(done, total),
    });
  });
  if (flags.json) printJson(summary(set, { survey, wish, out }));
  else for (const line of setLines(set, out)) print(line);
}

function nothingRecorded(settings: ReadSettings, survey: Survey, timeZone: string): OperatorError {
  using archive = archiveOf(settings);
  return archive.nothingRecorded(survey, timeZone);
}

async function windowOf(
  { from, at, duration }: FramesFlags,
  timeZone: string,
): Promise<TimeWindow> {
  const begin = from ?? at;
  if (begin === undefined || (from !== undefined && at !== undefined)) {
    throw new OperatorError("usage", "Cannot tell where the stretch of time begins", {
      fix: ["give it once, with --from or with --at"],
    });
  }
  const startMs = await readInstant(begin, { nowMs: systemClock.now(), timeZone });
  return makeWindow(startMs, parseDuration(duration));
}

function wishOf(flags: FramesFlags, window: TimeWindow): FrameSetWish {
  const classes = flags.classes?.split(",").map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  return {
    window,
    fps: perSecond(readRate(flags.fps)),
    max: flags.max === undefined ? null : readCount(flags.max),
    classes: classes ?? null,
    onlyAnalysed: flags.analysed ?? false,
  };
}

/**
 * Reads the size of pictures: 640x360.
 *
 * @throws {OperatorError} "usage".
 */
export function readSize(text: string): PictureSize {
  const size = parsePictureSize(text);
  if (size !== undefined) return size;
  throw new OperatorError("usage", `Cannot read "${text}" as the size of a picture`, {
    fix: ["give width and height in pixels: 640x360"],
  });
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new OperatorError("usage", `Cannot take "${text}" pictures at most`, {
    fix: ["give a whole number above 0"],
  });
}

/** For people. */
function setLines(set: FrameSet, out: string): string[] {
  const { pictures, boxes, categories, isCut, undecodable } = set;
  const seen = pictures.filter(({ sight }) => sight !== undefined).length;
  const own = pictures.filter(({ sight }) => sight?.laterMs === 0).length;
  const names = categories.length === 0 ? "" : ` of ${categories.join(", ")}`;
  return [
    `pictures ${out}`,
    `         ${pictures.length} pictures, ${boxes} boxes${names}`,
    ...(seen > own
      ? [
        `         ${seen - own} pictures have the boxes of the nearest frame that was looked at, ` +
        `up to ${NEAREST_MS} ms away (--analysed takes only frames that were)`,
      ]
      : []),
    ...(seen < pictures.length
      ? [
        `         ${
          pictures.length - seen
        } pictures have no boxes: not looked at, or nothing found`,
      ]
      : []),
    ...(isCut ? [`         there are more: --max ended it`] : []),
    ...(undecodable > 0 ? [`         ${undecodable} frames could not be decoded`] : []),
    `boxes    ${join(out, ANNOTATIONS_FILE)}`,
    `objects  ${join(out, OBJECTS_FILE)}`,
  ];
}

function summary(
  set: FrameSet,
  { survey, wish, out }: {
    readonly survey: Survey;
    readonly wish: FrameSetWish;
    readonly out: string;
  },
) {
  const { cameraId, window } = survey.request;
  return {
    path: out,
    annotations: join(out, ANNOTATIONS_FILE),
    objects: join(out, OBJECTS_FILE),
    camera_id: cameraId,
    start: isoUtc(window.fromMs),
    end: isoUtc(window.toMs),
    fps: wish.fps,
    pictures: set.pictures.length,
    pictures_with_boxes: set.pictures.filter(({ sight }) => sight?.detections.length).length,
    boxes: set.boxes,
    categories: set.categories,
    is_cut_by_max: set.isCut,
    undecodable: set.undecodable,
    decoded_frames: set.decoded,
    gaps: survey.gaps.map(({ window, cause, detail }) => ({
      start: isoUtc(window.fromMs),
      end: isoUtc(window.toMs),
      cause,
      detail,
    })),
  };
}
