/**
 * The canary: now and then a piece of each camera's newest footage is exported as
 * a person would, and decoded to its last frame. It finds what hashes can't: that
 * something was recorded, but not a film.
 *
 * In:   the index, ffmpeg, chance.
 * Out:  for each camera whether its footage can be cut and decoded.
 * Not here: when (canary_job.ts).
 *
 * @module
 */

import { dirname, join } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";
import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import { exportFootage, type Survey, surveyFootage } from "../footage/export_job.ts";
import type { FootageIndex } from "../footage/footage_index.ts";
import type { Receipt } from "../footage/receipt.ts";
import { diskFaultOf } from "../host/disk_fault.ts";
import { removeIfThere } from "../host/durable.ts";
import { holdFolders } from "../host/folder_lock.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { runChild } from "../host/process.ts";
import { countFrames, decodeAllArgs } from "../media/canary_args.ts";
import type { TimeWindow } from "../model/window.ts";

/** Where films lie while they are tested; emptied at start and after each test. */
export const CANARY_FOLDER = join("data", "upkeep", "canary");

/** Older footage was recent once, and is read by the scrub. */
const RECENT_MS = 24 * 3_600_000;

const SHORTEST_MS = 5_000;
const LONGEST_MS = 10_000;

export interface CanaryParts {
  readonly index: FootageIndex;
  readonly ffmpegPath: string;
  readonly nowMs: UnixMs;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export interface CanaryResult {
  readonly ok: boolean;
  /** For people. */
  readonly detail: string;
}

/**
 * Tests one camera.
 *
 * @returns Undefined when nothing can be said: nothing recent is recorded, or there is no room.
 *
 * @throws {DOMException} "AbortError" when the signal is aborted.
 */
export async function testCamera(
  cameraId: string,
  parts: CanaryParts,
): Promise<CanaryResult | undefined> {
  const window = chooseWindow(cameraId, parts);
  if (window === undefined) return undefined;
  const piece = `${isoUtc(window.fromMs)} to ${isoUtc(window.toMs)}`;
  const { index, signal } = parts;
  const folders = index.batchesIn(cameraId, window)
    .map(({ recordingPath }) => dirname(join(index.root, recordingPath)));
  const hold = await holdSoon(folders);
  if (hold === undefined) return undefined;
  using _hold = hold;
  try {
    // What was deleted before the folders were held is not asked for any more.
    if (index.batchesIn(cameraId, window).length === 0) return undefined;
    const problem = await problemIn({ cameraId, window }, parts);
    return problem === undefined
      ? { ok: true, detail: `${piece} was cut and decoded` }
      : { ok: false, detail: `${piece}: ${problem}` };
  } catch (error) {
    signal.throwIfAborted();
    if (diskFaultOf(error) === "disk-full") return undefined;
    return { ok: false, detail: `${piece}: ${messageOf(error)}` };
  }
}

/** Undefined while something there is being deleted. */
async function holdSoon(folders: readonly string[]): Promise<Disposable | undefined> {
  try {
    return await holdFolders(folders);
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

/**
 * A piece of 5 to 10 s of the last day with footage in it, of one run: a film has
 * one codec, and another run can have another.
 */
function chooseWindow(
  cameraId: string,
  { index, nowMs, random }: CanaryParts,
): TimeWindow | undefined {
  const newest = index.batchBefore(cameraId, unixMs(Number.MAX_SAFE_INTEGER));
  if (newest === undefined || newest.endMs <= nowMs - RECENT_MS) return undefined;
  const lengthMs = Math.round(SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS));
  const earliest = index.batchAfter(cameraId, unixMs(nowMs - RECENT_MS)) ?? newest;
  const roomMs = Math.max(0, newest.endMs - lengthMs - earliest.startMs);
  const wishedMs = unixMs(earliest.startMs + Math.round(random() * roomMs));
  const wished = { fromMs: wishedMs, toMs: unixMs(wishedMs + lengthMs) };
  const [first] = index.batchesIn(cameraId, wished);
  // In a gap: what follows it.
  const begin = first ?? index.batchAfter(cameraId, wishedMs) ?? newest;
  const fromMs = unixMs(Math.max(wishedMs, begin.startMs));
  const window = { fromMs, toMs: unixMs(Math.min(fromMs + lengthMs, newest.endMs)) };
  const sameRun = index.batchesIn(cameraId, window).filter(({ run }) => run === begin.run);
  const lastMs = sameRun.at(-1)?.endMs ?? window.toMs;
  return { fromMs, toMs: unixMs(Math.min(window.toMs, lastMs)) };
}

/** Cuts and decodes. Returns what is wrong in words. */
async function problemIn(
  request: { readonly cameraId: string; readonly window: TimeWindow },
  parts: CanaryParts,
): Promise<string | undefined> {
  const { index, nowMs } = parts;
  const survey = await surveyFootage(index, request, { source: "video", nowMs, isRecording: true });
  const [damaged] = survey.gathered.problems;
  if (damaged !== undefined) return `${damaged.cause}: ${damaged.detail}`;
  if (survey.frames === 0) return "no frame of it is there";
  const folder = join(index.root, CANARY_FOLDER);
  const path = join(folder, `${request.cameraId}.mp4`);
  try {
    const receipt = await cut(survey, path, parts);
    return await problemOfFilm(path, receipt, parts);
  } finally {
    await removeIfThere(folder, "with-content");
  }
}

async function cut(survey: Survey, path: string, parts: CanaryParts): Promise<Receipt> {
  const { ffmpegPath, nowMs, signal } = parts;
  return await exportFootage(survey, {
    path,
    mode: "exact",
    gapPolicy: "collapse",
    // Nobody gets this film.
    signer: null,
    version: "canary",
    ffmpegPath,
    nowMs,
    signal,
    onProgress: () => {},
  });
}

async function problemOfFilm(
  path: string,
  receipt: Receipt,
  { ffmpegPath, signal }: CanaryParts,
): Promise<string | undefined> {
  const program = withLowPriority({ command: ffmpegPath, args: decodeAllArgs(path) });
  const { code, stdout, errorTail } = await runChild({ ...program, signal });
  signal.throwIfAborted();
  if (code !== 0) return `it can't be decoded: ${errorTail.join("; ") || `exit code ${code}`}`;
  const shown = countFrames(new TextDecoder().decode(stdout));
  const { frames } = receipt.delivered;
  return shown === frames ? undefined : `the film shows ${shown} of ${frames} frames`;
}
