/**
 * The recorded footage as commands use it: joins the store's reader, the export
 * and the paths below the storage root.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { formatDuration } from "../footage/duration.ts";
import {
  exportFootage,
  type ExportOptions,
  type Survey,
  surveyFootage,
} from "../footage/export_job.ts";
import { compactUtc, describeInstant } from "../footage/instant.ts";
import { type Picture, pictureAt } from "../footage/picture.ts";
import type { FilmSource, Receipt } from "../footage/receipt.ts";
import type { FootageRequest } from "../footage/request.ts";
import { ensureFolder, removeIfThere } from "../host/durable.ts";
import { isRootHeld } from "../host/root_lock.ts";
import type { Batch } from "../model/batch.ts";
import { type TimeWindow, windowLengthMs } from "../model/window.ts";
import { type CameraSummary, Reader } from "../store/reader.ts";

export interface ArchiveSettings {
  /** Absolute. */
  readonly root: string;
  readonly ffmpegPath: string;
  /** JPEG quality of single pictures, 1 to 100. */
  readonly quality: number;
  readonly version: string;
}

export class Archive implements Disposable {
  readonly #reader: Reader;
  readonly #settings: ArchiveSettings;

  /** @throws {OperatorError} "database-missing" or "database-unusable". */
  constructor(settings: ArchiveSettings) {
    this.#settings = settings;
    this.#reader = new Reader(settings.root);
  }

  cameras(): CameraSummary[] {
    return this.#reader.cameras();
  }

  /** Closed batches of a camera that end after an instant, in order. */
  batchesSince(cameraId: string, sinceMs: UnixMs): Batch[] {
    const toMs = unixMs(Number.MAX_SAFE_INTEGER);
    return this.#reader.batchesIn(cameraId, { fromMs: sinceMs, toMs });
  }

  /** What there is for a request. */
  async survey(request: FootageRequest, source: FilmSource): Promise<Survey> {
    return await surveyFootage(this.#reader, request, {
      source,
      nowMs: systemClock.now(),
      isRecording: await isRootHeld(this.#settings.root),
    });
  }

  /** Makes the film and its receipt. */
  async export(
    survey: Survey,
    options: Omit<ExportOptions, "ffmpegPath" | "nowMs" | "version">,
  ): Promise<Receipt> {
    const { ffmpegPath, version } = this.#settings;
    const nowMs = systemClock.now();
    try {
      return await exportFootage(survey, { ...options, ffmpegPath, version, nowMs });
    } catch (error) {
      if (error instanceof OperatorError || options.signal.aborted) throw error;
      throw cannotWrite(options.path, error);
    } finally {
      // Where it was finished, it has its name by now.
      await removeIfThere(`${options.path}.part`);
    }
  }

  /** The picture that was on show at an instant. */
  async picture(cameraId: string, atMs: UnixMs, signal: AbortSignal): Promise<Picture | undefined> {
    return await pictureAt(this.#reader, { cameraId, atMs }, { ...this.#settings, signal });
  }

  /**
   * Takes a name for a film below the storage root; a number keeps it from
   * replacing another, or one that another export is writing.
   */
  async reserveOutput(request: FootageRequest): Promise<string> {
    const { cameraId, window } = request;
    const seconds = Math.round(windowLengthMs(window) / 1_000);
    const name = `${cameraId}_${compactUtc(window.fromMs)}_${seconds}s`;
    const folder = join(this.#settings.root, "output");
    for (let number = 1;; number += 1) {
      const path = join(folder, number === 1 ? `${name}.mp4` : `${name}-${number}.mp4`);
      if (await reservePath(path)) return path;
    }
  }

  /** The error for a request that nothing answers, with the nearest footage on both sides. */
  nothingRecorded(survey: Survey, timeZone: string): OperatorError {
    const { cameraId, window } = survey.request;
    const before = this.#reader.batchBefore(cameraId, window.fromMs);
    const after = this.#reader.batchAfter(cameraId, window.toMs);
    const [gap] = survey.gaps;
    return new OperatorError(
      "no-footage",
      `Cannot find footage of "${cameraId}" ${span(window, timeZone)}`,
      {
        found: {
          ...(gap === undefined ? {} : { reason: `${gap.cause}: ${gap.detail}` }),
          "footage before ends": before === undefined
            ? "none"
            : describeInstant(before.endMs, timeZone),
          "footage after begins": after === undefined
            ? "none"
            : describeInstant(after.startMs, timeZone),
        },
        fix: adviceFor(survey),
      },
    );
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}

function adviceFor(survey: Survey): readonly [string, ...string[]] {
  const general = "ask for a time with footage: lookback status shows what is recorded";
  return survey.gathered.problems.length > 0 && survey.source === "video"
    ? ["make a film of the stills instead: add --source frames", general]
    : [general];
}

function span(window: TimeWindow, timeZone: string): string {
  return `from ${describeInstant(window.fromMs, timeZone)} for ${
    formatDuration(windowLengthMs(window))
  }`;
}

/**
 * Takes a name for a film by making the file that it is first written to.
 *
 * @returns False when the film, its receipt or another export has the name.
 *
 * @throws {OperatorError} "export-failed" if the folder can't be written to.
 */
export async function reservePath(path: string): Promise<boolean> {
  if (await exists(path) || await exists(`${path}.json`)) return false;
  try {
    await ensureFolder(dirname(path));
    (await Deno.open(`${path}.part`, { write: true, createNew: true })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw cannotWrite(path, error);
  }
}

/** What is said when a film can't be written, whatever the reason. */
export function cannotWrite(path: string, error: unknown): OperatorError {
  return new OperatorError("export-failed", `Cannot write "${path}"`, {
    found: { reason: messageOf(error) },
    fix: [
      "check that the folder may be written to by this user and that the disk has room",
      "or name another file with --out",
    ],
  });
}

/** True when something has this name. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
