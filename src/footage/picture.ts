/**
 * The picture at an instant, decoded from the recording.
 *
 * @module
 */

import { join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import type { UnixMs } from "../base/units.ts";
import { removeIfThere } from "../host/durable.ts";
import { runChild } from "../host/process.ts";
import { pictureArgs } from "../media/film_args.ts";
import { buildMovie } from "../media/movie.ts";
import { jpegQscale } from "../media/stills_args.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { planCut } from "./cut_plan.ts";
import type { FootageIndex } from "./footage_index.ts";
import { gatherFootage } from "./gather.ts";
import { frameEndMs, GAP_TOLERANCE_MS } from "./plan.ts";
import { makeWindow } from "./request.ts";
import { type SourcedSegment, toStretches } from "./stretches.ts";
import { writeMovie } from "./write_movie.ts";

/**
 * How far before an instant its frame may have begun, in milliseconds. Two
 * seconds: half a frame a second is the slowest that a camera is set to.
 */
const LONGEST_FRAME_MS = 2_000;

export interface Picture {
  readonly jpeg: Uint8Array<ArrayBuffer>;
  readonly frame: LoggedFrame;
}

/**
 * @returns The picture that was on show at the instant; undefined if none was recorded.
 *
 * @throws {OperatorError} "export-failed" if it can't be decoded.
 */
export async function pictureAt(
  index: FootageIndex,
  asked: { readonly cameraId: string; readonly atMs: UnixMs },
  options: { readonly ffmpegPath: string; readonly quality: number; readonly signal: AbortSignal },
): Promise<Picture | undefined> {
  const { cameraId, atMs } = asked;
  const window = makeWindow((atMs - LONGEST_FRAME_MS) as UnixMs, LONGEST_FRAME_MS + 1);
  const batches = index.batchesIn(cameraId, window);
  const request = { cameraId, window, source: "video", batches } as const;
  const { segments, sources } = await gatherFootage(index, request);
  const segment = segments.findLast(({ frames }) => frames[0]!.atMs <= atMs);
  const frame = segment?.frames.findLast((each) => each.atMs <= atMs);
  // On show until the next frame comes; where none comes, for its own length. Rounding
  // and steering leave holes of milliseconds between frames, which are not gaps.
  if (segment === undefined || frame === undefined) return undefined;
  if (atMs >= frameEndMs(frame) + GAP_TOLERANCE_MS) return undefined;
  const jpeg = await decode({ ...segment, frames: [frame] }, { ...options, sources });
  return { jpeg, frame };
}

async function decode(
  segment: SourcedSegment,
  options: {
    readonly sources: readonly string[];
    readonly ffmpegPath: string;
    readonly quality: number;
    readonly signal: AbortSignal;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { tracks, chunks } = planCut(toStretches([segment], "collapse"));
  const movie = buildMovie({
    tracks: tracks.slice(0, 1),
    chunks: chunks.filter(({ track }) => track === 0),
    createdMs: 0,
  });
  const folder = await Deno.makeTempDir({ prefix: "lookback-frame-" });
  try {
    const path = join(folder, "frame.mp4");
    await writeMovie(movie, { ...options, path, onProgress: () => {} });
    const result = await runChild({
      command: options.ffmpegPath,
      args: pictureArgs(path, jpegQscale(options.quality)),
      signal: options.signal,
    });
    options.signal.throwIfAborted();
    if (result.code === 0 && result.stdout.length > 0) return result.stdout;
    throw new OperatorError("export-failed", "Cannot decode the picture", {
      found: { ffmpeg: result.errorTail.join("; ") || `code ${result.code}` },
      fix: ["export a few seconds around that time and see whether they play"],
    });
  } finally {
    await removeIfThere(folder, "with-content");
  }
}
