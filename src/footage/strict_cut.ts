/**
 * Turns stretches into ones that hold nothing outside the window: encodes the
 * pieces that can't be copied and puts them in their place.
 *
 * @module
 */

import { join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { runChild } from "../host/process.ts";
import { type EncodedFit, encodeShownArgs } from "../media/film_args.ts";
import { buildMovie } from "../media/movie.ts";
import { mergeAvcEntries, readAvcConfig, toInBandHevc } from "../media/parameter_sets.ts";
import { planCut, type SourcedFragment } from "./cut_plan.ts";
import { withParameterSets } from "./in_band.ts";
import { indexRecording } from "./recording_index.ts";
import { type ShownStretch, videoOf } from "./stretches.ts";
import { divideStrictly, type StrictPiece } from "./strict_plan.ts";
import { writeMovie } from "./write_movie.ts";

export interface StrictCut {
  readonly stretches: readonly ShownStretch[];
  /** The recordings, and behind them the encoded pieces. */
  readonly sources: readonly string[];
  readonly encodedFrames: number;
}

export interface StrictWork {
  /** Takes the encoded pieces; the caller removes it when the film is written. */
  readonly folder: string;
  readonly sources: readonly string[];
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
}

export async function cutStrictly(
  stretches: readonly ShownStretch[],
  work: StrictWork,
): Promise<StrictCut> {
  const sources = [...work.sources];
  const pieces: ShownStretch[] = [];
  let encodedFrames = 0;
  for (const stretch of stretches) {
    const divided = divideStrictly(stretch);
    const parts: ShownStretch[] = [];
    for (const [index, piece] of divided.entries()) {
      // The pause stands before a stretch, not between its pieces.
      const gapBeforeMs = index === 0 ? stretch.gapBeforeMs : 0;
      const part = { ...pieceOf(stretch, piece), gapBeforeMs };
      if (piece.type === "copy") {
        parts.push(part);
        continue;
      }
      const path = join(work.folder, `piece-${sources.length}.mp4`);
      await encode(part, { ...work, path, fit: fitTo(stretch, index) });
      parts.push(encodedPart(part, { path, source: sources.length }));
      sources.push(path);
      encodedFrames += piece.frames.length;
    }
    pieces.push(...await joinPieces(parts, { divided, stretch, sources, folder: work.folder }));
  }
  return { stretches: pieces, sources, encodedFrames };
}

/** The stretch reduced to one piece; shown until the next frame of the stretch begins. */
function pieceOf(stretch: ShownStretch, piece: StrictPiece): ShownStretch {
  const fromPts = piece.frames[0]!.pts;
  const lastFrame = piece.frames.at(-1)!;
  const next = stretch.frames[stretch.frames.indexOf(lastFrame) + 1];
  const toPts = next === undefined ? stretch.shown.toPts : next.pts;
  const cutOut = stretch.cutOut.filter((hole) => hole.fromPts >= fromPts && hole.toPts <= toPts);
  return {
    ...stretch,
    used: piece.used,
    frames: piece.frames,
    shown: { fromPts, toPts },
    cutOut,
    leadSound: false,
  };
}

/** The encoder's settings for a piece, so that it can stand beside copied ones. */
function fitTo(stretch: ShownStretch, pieceNumber: number): EncodedFit {
  const { codec, sampleEntry } = stretch.init.video;
  if (codec === "hvc1" || codec === "hev1") return { codec: "h265" };
  const { profile, ids } = readAvcConfig(sampleEntry);
  // Each piece gets a number of its own; there are 32 (ITU-T H.264, 7.4.2.1.1).
  const free = Array.from({ length: 32 }, (_, id) => id).filter((id) => !ids.has(id));
  return { codec: "h264", profile, parameterSetId: free[pieceNumber % free.length]! };
}

async function encode(
  part: ShownStretch,
  work: StrictWork & { readonly path: string; readonly fit: EncodedFit },
): Promise<void> {
  const input = `${work.path}.source.mp4`;
  const { tracks, chunks } = planCut([withoutSound(part)]);
  await writeMovie(buildMovie({ tracks, chunks, createdMs: 0 }), {
    path: input,
    sources: work.sources,
    signal: work.signal,
    onProgress: () => {},
  });
  const result = await runChild({
    command: work.ffmpegPath,
    args: encodeShownArgs(input, work.fit),
    signal: work.signal,
  });
  work.signal.throwIfAborted();
  if (result.code !== 0) throw encodeFailed(result.errorTail.join("; "));
  await Deno.writeFile(work.path, result.stdout);
}

function withoutSound(part: ShownStretch): ShownStretch {
  const fragments = part.fragments.map((fragment) => ({ ...fragment, audio: [] }));
  return { ...part, cutOut: [], fragments };
}

/** The encoded frames with the times of the frames they stand for, and the sound of the recording. */
function encodedPart(
  part: ShownStretch,
  place: { readonly path: string; readonly source: number },
): ShownStretch {
  const { init, fragments } = indexRecording(place.path);
  const samples = videoOf(fragments.map((fragment) => ({ ...fragment, source: place.source })));
  if (samples.length !== part.frames.length) {
    throw encodeFailed(`${part.frames.length} frames went in, ${samples.length} came out`);
  }
  const video = samples.map((sample, index) => {
    const { pts, duration } = part.frames[index]!;
    return { ...sample, dts: pts, pts, duration };
  });
  const sound: SourcedFragment[] = part.fragments.map((fragment) => ({ ...fragment, video: [] }));
  return {
    ...part,
    init: {
      video: { ...init.video, timescale: part.init.video.timescale },
      audio: part.init.audio,
    },
    fragments: [{ source: place.source, video, audio: [] }, ...sound],
    used: video.map((_, index) => index),
  };
}

/** Gives all pieces of a stretch one sample entry that fits each of them. */
async function joinPieces(
  parts: readonly ShownStretch[],
  from: {
    readonly divided: readonly StrictPiece[];
    readonly stretch: ShownStretch;
    readonly sources: string[];
    readonly folder: string;
  },
): Promise<ShownStretch[]> {
  const { stretch, divided } = from;
  if (parts.length === 1) return [...parts];
  const { codec, sampleEntry: own } = stretch.init.video;
  const isHevc = codec === "hvc1" || codec === "hev1";
  const sampleEntry = isHevc ? toInBandHevc(own) : mergeAvcEntries([
    own,
    ...parts.filter((_, index) => divided[index]!.type === "encode")
      .map(({ init }) => init.video.sampleEntry),
  ]);
  const joined = parts.map((part) => ({
    ...part,
    init: { ...part.init, video: { ...part.init.video, sampleEntry } },
  }));
  if (!isHevc) return joined;
  return await Promise.all(
    joined.map((part, index) =>
      divided[index]!.type === "copy" ? withParameterSets(part, { ...from, entry: own }) : part
    ),
  );
}

function encodeFailed(reason: string): OperatorError {
  return new OperatorError("export-failed", "Cannot encode the edges of the film", {
    found: { reason },
    fix: [
      "use --mode exact: it copies every frame and hides what lies outside",
      "or install an ffmpeg with libx264 and libx265",
    ],
  });
}
