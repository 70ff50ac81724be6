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
  batchesUsed,
  exportFootage,
  type ExportOptions,
  type Survey,
  surveyFootage,
} from "../footage/export_job.ts";
import { partPath, takeName, type TakenName } from "../footage/film_name.ts";
import { compactUtc, describeInstant } from "../footage/instant_text.ts";
import { type Picture, pictureAt } from "../footage/picture.ts";
import type { FilmSource, Receipt } from "../footage/receipt.ts";
import type { FootageRequest } from "../footage/request.ts";
import { holdFolders } from "../host/folder_lock.ts";
import { isRootHeld } from "../host/root_lock.ts";
import { ensureSigningKey, readSigningKey } from "../host/signing_keys.ts";
import { type Turn, waitForTurn } from "../host/waiting_line.ts";
import type { Batch } from "../model/batch.ts";
import { type TimeWindow, windowLengthMs } from "../model/window.ts";
import type { CameraSummary, Reader } from "../store/reader.ts";
import { type IndexPlace, openIndex, requireWritable } from "./open_index.ts";

export interface ArchiveSettings extends IndexPlace {
  readonly ffmpegPath: string;
  /** JPEG quality of single pictures, 1 to 100. */
  readonly quality: number;
  readonly version: string;
  /** Absolute. Where films go that no name is given for (default: output/ below the root). */
  readonly outputFolder?: string;
  /** How many films are made at once under this root, by all processes (default: any number). */
  readonly exportConcurrent?: number;
}

/** Where exports wait for their turn, below the storage root. */
const EXPORT_LINE = join("data", "export-line");

/** How a film is made. */
export interface ExportWish
  extends Omit<ExportOptions, "ffmpegPath" | "nowMs" | "version" | "signer"> {
  /** Hears why the receipt gets no signature. */
  readonly onUnsigned?: (reason: string) => void;
  /** Hears how many exports are running, when this one has to wait for its turn. */
  readonly onWait?: (running: number) => void;
}

export class Archive implements Disposable {
  readonly #reader: Reader;
  readonly #settings: ArchiveSettings;
  /** Names of films that are to be made, by path. */
  readonly #taken = new Map<string, TakenName>();

  /** @throws {OperatorError} "database-missing" or "database-unusable". */
  constructor(settings: ArchiveSettings) {
    this.#settings = settings;
    this.#reader = openIndex(settings);
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

  /**
   * Makes the film and its receipt, when it is this export's turn. The recordings are
   * kept from being deleted meanwhile.
   *
   * @param wish Its path is taken first, unless {@linkcode Archive.reserveOutput} or
   * {@linkcode Archive.reserve} has.
   *
   * @throws {OperatorError} "export-failed", "export-target-exists", or "no-footage" where
   * recordings were deleted since the survey.
   */
  async export(survey: Survey, wish: ExportWish): Promise<Receipt> {
    const { path, signal } = wish;
    if (!this.#taken.has(path) && !await this.reserve(path)) throw nameTaken(path);
    using _name = this.#taken.get(path);
    this.#taken.delete(path);
    using _turn = await this.#turn(wish);
    try {
      return await this.#exportHeld(survey, wish);
    } catch (error) {
      if (error instanceof OperatorError || signal.aborted) throw error;
      throw cannotWrite(path, error);
    }
  }

  async #turn({ signal, onWait = () => {} }: ExportWish): Promise<Turn | undefined> {
    const { root, readOnly = false, exportConcurrent: places } = this.#settings;
    if (places === undefined) return undefined;
    const folder = join(root, EXPORT_LINE);
    return await waitForTurn(folder, { places, mayWrite: !readOnly, onWait, signal });
  }

  async #exportHeld(survey: Survey, { onUnsigned, ...wish }: ExportWish): Promise<Receipt> {
    const { root, ffmpegPath, version, readOnly } = this.#settings;
    const paths = batchesUsed(survey).map(({ recordingPath }) => join(root, recordingPath));
    using _hold = await holdFolders(paths.map((path) => dirname(path)));
    if (survey.source === "video") await requireAll(paths);
    const found = readOnly ? await readSigningKey(root) : await ensureSigningKey(root);
    const nowMs = systemClock.now();
    const made = { ffmpegPath, version, nowMs, signer: found.key };
    const receipt = await exportFootage(survey, { ...wish, ...made });
    if (found.key === null) onUnsigned?.(found.reason);
    return receipt;
  }

  /** The picture that was on show at an instant. */
  async picture(cameraId: string, atMs: UnixMs, signal: AbortSignal): Promise<Picture | undefined> {
    return await pictureAt(this.#reader, { cameraId, atMs }, { ...this.#settings, signal });
  }

  /**
   * Takes a name for a film, below the storage root as a rule; a number keeps it
   * from replacing another, or one that another export is writing.
   */
  async reserveOutput(request: FootageRequest): Promise<string> {
    const { cameraId, window } = request;
    const seconds = Math.round(windowLengthMs(window) / 1_000);
    const name = `${cameraId}_${compactUtc(window.fromMs)}_${seconds}s`;
    const folder = this.#settings.outputFolder ?? join(this.#settings.root, "output");
    for (let number = 1;; number += 1) {
      const path = join(folder, number === 1 ? `${name}.mp4` : `${name}-${number}.mp4`);
      if (await this.reserve(path)) return path;
    }
  }

  /**
   * Takes a name that a person gave a film. It is taken until the film is there,
   * or this archive is closed.
   *
   * @returns False when the film, its receipt or another export has the name.
   *
   * @throws {OperatorError} "export-failed" if the folder can't be written to, "usage" if nothing
   * may be written there.
   */
  async reserve(path: string): Promise<boolean> {
    requireWritable(this.#settings, path);
    try {
      const name = await takeName(path);
      if (name !== undefined) this.#taken.set(path, name);
      return name !== undefined;
    } catch (error) {
      throw cannotWrite(path, error);
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
    for (const name of this.#taken.values()) name[Symbol.dispose]();
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

/** Refuses to begin what can't be finished. */
async function requireAll(recordings: readonly string[]): Promise<void> {
  for (const path of recordings) {
    if (await exists(path)) continue;
    throw new OperatorError("no-footage", "Cannot export: recordings were deleted meanwhile", {
      found: { "no file at": path },
      fix: ["ask again: what is left is shown and can be exported"],
    });
  }
}

/** What is said when the name that a person gave a film is not free. */
export function nameTaken(path: string): OperatorError {
  return new OperatorError("export-target-exists", `Cannot write "${path}": the name is taken`, {
    found: { film: path, "or receipt": `${path}.json`, "or another export": partPath(path) },
    fix: ["give another name with --out", "or move the old files away"],
  });
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
