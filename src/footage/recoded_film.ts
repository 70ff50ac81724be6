/**
 * Encodes a film anew: with something burnt in, at another rate, or both. Each
 * piece goes through one ffmpeg, which is fed with an exact cut of it; what comes
 * out is put back to where it belongs in the film.
 *
 * Design: docs/design/export.md, "Another rate, and overlays"
 *
 * @module
 */

import { join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { ensureFolder } from "../host/durable.ts";
import { runChild } from "../host/process.ts";
import { buildMovie, type Movie } from "../media/movie.ts";
import {
  overlayFilters,
  overlayScript,
  overlayTrialArgs,
  overlayTrialScript,
} from "../media/overlay_args.ts";
import { recodeArgs } from "../media/recode_args.ts";
import { planCut } from "./cut_plan.ts";
import { heldSights, overlayMarks } from "./overlay.ts";
import { readMovie } from "./read_movie.ts";
import {
  type EncodedPiece,
  joinRecoded,
  planRecoding,
  type RecodeChange,
  type RecodedPiece,
  type RecodedPlan,
} from "./recoded_plan.ts";
import { indexRecording } from "./recording_index.ts";
import type { Sights } from "./sights.ts";
import type { GapPolicy, ShownStretch } from "./stretches.ts";
import type { WriteProgress } from "./write_movie.ts";

export interface RecodedFilm {
  readonly movie: Movie;
  readonly sources: readonly string[];
  readonly encodedFrames: number;
  /** Recorded frames that the film shows. */
  readonly shownFrames: number;
}

export interface RecodeWork extends RecodeChange {
  readonly gapPolicy: GapPolicy;
  /** Takes what is encoded; the caller removes it when the film is written. */
  readonly folder: string;
  readonly sources: readonly string[];
  readonly sights: Sights;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: WriteProgress) => void;
}

/**
 * @param stretches At least one.
 *
 * @throws {OperatorError} "export-failed".
 */
export async function recodeFilm(
  stretches: readonly ShownStretch[],
  work: RecodeWork,
): Promise<RecodedFilm> {
  await ensureFolder(work.folder);
  if (work.overlay !== null) await requireOverlay(work);
  const plan = planRecoding(stretches, work);
  const sources = [...work.sources];
  const encoded: EncodedPiece[] = [];
  const progress = progressOf(plan, work);
  for (const piece of plan.pieces) {
    const path = join(work.folder, `recoded-${sources.length}.mp4`);
    await encode(piece, { ...work, plan, path, progress });
    encoded.push(readEncoded(piece, { path, source: sources.length }));
    sources.push(path);
  }
  const { tracks, chunks } = joinRecoded(plan, encoded);
  const frames = plan.pieces.flatMap((piece) => piece.frames);
  return {
    movie: buildMovie({ tracks, chunks, createdMs: frames[0]!.frame.atMs }),
    sources,
    encodedFrames: plan.pieces.reduce((sum, piece) => sum + piece.encodedFrames, 0),
    shownFrames: frames.filter(({ times }) => times > 0).length,
  };
}

interface EncodeWork extends RecodeWork {
  readonly plan: RecodedPlan;
  readonly path: string;
  readonly progress: (bytes: number) => void;
}

async function encode(piece: RecodedPiece, work: EncodeWork): Promise<void> {
  const { tracks, chunks } = planCut([piece.stretch]);
  const movie = buildMovie({ tracks, chunks, createdMs: 0 });
  const { width, height } = piece.stretch.init.video;
  const { plan: { timescale, rate } } = work;
  const startTick = piece.frames[0]!.tick;
  const args = recodeArgs(work.path, {
    ...{ timescale, width, height, frames: piece.encodedFrames },
    overlay: await overlayOf(piece, work),
    rate: rate === null ? null : { ...rate, startTick },
  });
  const result = await runChild({
    command: work.ffmpegPath,
    args,
    signal: work.signal,
    onStdin: (stdin) => feed(movie, { ...work, stdin }),
  });
  work.signal.throwIfAborted();
  if (result.code !== 0) throw recodeFailed(result.errorTail.join("; "));
}

/** Writes the piece's script; the filters that burn it in. */
async function overlayOf(piece: RecodedPiece, work: EncodeWork): Promise<string[]> {
  if (work.overlay === null) return [];
  const seen = heldSights(piece.frames.map(({ frame }) => frame), work.sights);
  const startTick = piece.frames[0]!.tick;
  const marks = overlayMarks(
    piece.frames.map(({ frame, tick }, index) => ({
      frame,
      atSeconds: (tick - startTick) / work.plan.timescale,
      seen: seen[index],
    })),
    work.overlay,
  );
  const script = `${work.path}.ass`;
  await Deno.writeTextFile(script, overlayScript(piece.stretch.init.video, marks));
  return overlayFilters(script);
}

async function feed(
  movie: Movie,
  work: EncodeWork & { readonly stdin: WritableStream<Uint8Array<ArrayBuffer>> },
): Promise<void> {
  const writer = work.stdin.getWriter();
  try {
    for await (const bytes of readMovie(movie, { sources: work.sources })) {
      await writer.write(bytes);
      work.progress(bytes.length);
    }
    await writer.close();
  } catch (error) {
    // ffmpeg has all frames that it wants, or has failed: its exit code says which.
    if (!isClosedPipe(error)) throw error;
  }
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof TypeError;
}

/** How far encoding is, in bytes of what goes in: that takes nearly all of the time. */
function progressOf(plan: RecodedPlan, { onProgress }: RecodeWork): (bytes: number) => void {
  let writtenBytes = 0;
  const totalBytes = plan.pieces.reduce((sum, { stretch }) => {
    const sizes = stretch.fragments.flatMap(({ video }) => video)
      .map(({ sizeBytes }) => sizeBytes);
    return stretch.used.reduce((bytes, index) => bytes + sizes[index]!, sum);
  }, 0);
  return (bytes) => {
    writtenBytes = Math.min(totalBytes, writtenBytes + bytes);
    onProgress({ writtenBytes, totalBytes });
  };
}

function readEncoded(
  piece: RecodedPiece,
  file: { readonly path: string; readonly source: number },
): EncodedPiece {
  const { init: { video }, fragments } = indexRecording(file.path);
  const count = fragments.reduce((sum, fragment) => sum + fragment.video.length, 0);
  if (count !== piece.encodedFrames) {
    throw recodeFailed(`${count} frames came out, not ${piece.encodedFrames}`);
  }
  const { sampleEntry, width, height } = video;
  const { source } = file;
  return {
    ...{ source, sampleEntry, width, height },
    fragments: fragments.map((fragment) => fragment.video),
  };
}

/** Tries to burn in one letter, before hours of film are decoded for nothing. */
async function requireOverlay({ folder, ffmpegPath, signal }: RecodeWork): Promise<void> {
  const script = join(folder, "trial.ass");
  await Deno.writeTextFile(script, overlayTrialScript());
  const trial = await runChild({ command: ffmpegPath, args: overlayTrialArgs(script), signal });
  signal.throwIfAborted();
  if (trial.code === 0 && trial.stdout.some((gray) => gray > 128)) return;
  throw new OperatorError("export-failed", "Cannot burn anything into the film", {
    found: {
      ffmpeg: trial.code === 0 ? "it draws no letters" : trial.errorTail.join("; "),
    },
    fix: [
      "install a font (Debian and Ubuntu: apt-get install fonts-dejavu-core)",
      'install an ffmpeg with the filter "ass" (ffmpeg -filters shows them)',
      "or leave --overlay out",
    ],
  });
}

function recodeFailed(reason: string): OperatorError {
  return new OperatorError("export-failed", "Cannot encode the film", {
    found: { reason },
    fix: [
      "check that the disk has room for the film twice, and that ffmpeg has libx264",
      "or leave --fps and --overlay out: then nothing is encoded",
    ],
  });
}
