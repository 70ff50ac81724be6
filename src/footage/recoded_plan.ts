/**
 * Decides how a film is encoded anew: in which pieces, which frames each of them
 * shows how often, and where the encoded frames stand in the film. Decides only.
 *
 * In:  stretches as for an exact cut. Out: pieces (recoded_film.ts encodes them),
 *      then tracks and chunks of the film out of what was encoded.
 *
 * Design: docs/design/export.md, "Another rate, and overlays"
 *
 * @module
 */

import type { Sample } from "../media/fragment.ts";
import type { MovieChunk, MovieTrack } from "../media/movie.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { type CutPlan, planCut } from "./cut_plan.ts";
import { type Rate, timesShown } from "./film_rate.ts";
import type { Overlay } from "./overlay.ts";
import { type GapPolicy, type ShownStretch, toStretches } from "./stretches.ts";

/**
 * Frames of one piece at most, ten minutes at 25 a second: the script of an overlay is
 * searched for each frame, so its length counts twice.
 */
const PIECE_FRAMES = 15_000;

/** Ticks per second that a film of constant rate has at least. */
const LEAST_TIMESCALE = 10_000;

/** How a film is changed. */
export interface RecodeChange {
  /** Null keeps the frames that were recorded. */
  readonly rate: Rate | null;
  /** Null burns nothing in. */
  readonly overlay: Overlay | null;
}

/** A frame of the film. */
export interface PlacedFrame {
  readonly frame: LoggedFrame;
  /** When it begins, in ticks of the film. */
  readonly tick: number;
  /** How often it is shown; 1 where the rate stays. */
  readonly times: number;
}

/** What one ffmpeg encodes. */
export interface RecodedPiece {
  /** Pictures alone. */
  readonly stretch: ShownStretch;
  readonly frames: readonly PlacedFrame[];
  /** Frames that come out. */
  readonly encodedFrames: number;
}

export interface RecodedPlan {
  readonly pieces: readonly RecodedPiece[];
  /** Ticks per second of the frames' places. */
  readonly timescale: number;
  readonly totalTicks: number;
  readonly rate: Rate | null;
  /** The exact cut: its sound is that of the film. */
  readonly cut: CutPlan;
}

/** @param stretches At least one. */
export function planRecoding(
  stretches: readonly ShownStretch[],
  wish: { readonly gapPolicy: GapPolicy; readonly rate: Rate | null },
): RecodedPlan {
  const cut = planCut(stretches);
  const { timescale, edit } = cut.tracks[0]!;
  const frames = placedFrames(stretches, { cut, rate: wish.rate });
  let at = 0;
  const pieces = stretches.flatMap((stretch) => {
    const own = frames.slice(at, at + stretch.frames.length);
    at += stretch.frames.length;
    return divided(stretch, { frames: own, gapPolicy: wish.gapPolicy });
  });
  return { pieces, timescale, totalTicks: edit.duration, rate: wish.rate, cut };
}

/** All frames of the film, where the exact cut has them. */
function placedFrames(
  stretches: readonly ShownStretch[],
  { cut, rate }: { readonly cut: CutPlan; readonly rate: Rate | null },
): PlacedFrame[] {
  const { timescale, edit } = cut.tracks[0]!;
  const ticks = cut.chunks.filter(({ track }) => track === 0)
    .flatMap(({ samples }) => samples.map(({ pts }) => pts - edit.start))
    .filter((tick) => tick >= 0 && tick < edit.duration)
    .sort((one, other) => one - other);
  const frames = stretches.flatMap((stretch) => stretch.frames);
  // Where two share a tick, or rounding put one behind the end, they are spread a little.
  const starts = frames.map((_, index) => ticks[index] ?? edit.duration - 1);
  const times = rate === null
    ? frames.map(() => 1)
    : timesShown(starts, { totalTicks: edit.duration, timescale, rate });
  return frames.map((frame, index) => ({ frame, tick: starts[index]!, times: times[index]! }));
}

function divided(
  stretch: ShownStretch,
  from: { readonly frames: readonly PlacedFrame[]; readonly gapPolicy: GapPolicy },
): RecodedPiece[] {
  const pieces: RecodedPiece[] = [];
  for (let begin = 0; begin < from.frames.length; begin += PIECE_FRAMES) {
    const frames = from.frames.slice(begin, begin + PIECE_FRAMES);
    const encodedFrames = frames.reduce((sum, { times }) => sum + times, 0);
    if (encodedFrames === 0) continue;
    const segment = {
      init: { ...stretch.init, audio: undefined },
      fragments: stretch.fragments.map((fragment) => ({ ...fragment, audio: [] })),
      frames: frames.map(({ frame }) => frame),
    };
    const [piece] = toStretches([segment], from.gapPolicy);
    if (piece !== undefined) pieces.push({ stretch: piece, frames, encodedFrames });
  }
  return pieces;
}

/** What came out of the encoder for one piece. */
export interface EncodedPiece {
  /** Number of its file among the film's sources. */
  readonly source: number;
  readonly sampleEntry: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Fragment by fragment, in the order of showing. */
  readonly fragments: readonly (readonly Sample[])[];
}

/** The film out of encoded pieces, in the order of the plan's, and the recordings' sound. */
export function joinRecoded(
  plan: RecodedPlan,
  encoded: readonly EncodedPiece[],
): { readonly tracks: readonly MovieTrack[]; readonly chunks: readonly MovieChunk[] } {
  const { timescale, starts, step } = filmTimes(plan);
  const duration = Math.round(plan.totalTicks * timescale / plan.timescale);
  // At a constant rate the last frame is as long as the others, and what the film does not
  // last is hidden.
  const endAfter = (start: number) => step === null ? Math.max(duration, start + 1) : start + step;
  const entries: Uint8Array[] = [];
  const timed: { readonly atSeconds: number; readonly chunk: MovieChunk }[] = [];
  let shown = 0;
  for (const piece of encoded) {
    const sampleEntry = entryOf(entries, piece.sampleEntry);
    for (const fragment of piece.fragments) {
      if (fragment.length === 0) continue;
      const atSeconds = starts[shown]! / timescale;
      const samples = fragment.map(({ sizeBytes, isKey }) => {
        const start = starts[shown]!;
        shown += 1;
        const length = (starts[shown] ?? endAfter(start)) - start;
        return { dts: start, pts: start, duration: length, sizeBytes, isKey };
      });
      const { source } = piece;
      const { offset } = fragment[0]!;
      timed.push({ atSeconds, chunk: { track: 0, sampleEntry, source, offset, samples } });
    }
  }
  const { width, height } = encoded[0]!;
  const video: MovieTrack = {
    ...{ kind: "video", timescale, width, height, sampleEntries: entries },
    edit: { start: 0, duration },
  };
  const [, sound] = plan.cut.tracks;
  const soundChunks = plan.cut.chunks.filter(({ track }) => track === 1);
  if (sound === undefined) {
    return { tracks: [video], chunks: timed.map(({ chunk }) => chunk) };
  }
  for (const chunk of soundChunks) {
    timed.push({ atSeconds: (chunk.samples[0]!.pts - sound.edit.start) / sound.timescale, chunk });
  }
  // Stable: pictures before the sound of the same moment.
  timed.sort((one, other) => one.atSeconds - other.atSeconds);
  return { tracks: [video, sound], chunks: timed.map(({ chunk }) => chunk) };
}

/** When each encoded frame begins. A constant rate has ticks of its own, so that it is exact. */
function filmTimes(
  { pieces, timescale, rate }: RecodedPlan,
): {
  readonly timescale: number;
  readonly starts: readonly number[];
  readonly step: number | null;
} {
  const frames = pieces.flatMap((piece) => piece.frames);
  if (rate === null) return { timescale, starts: frames.map(({ tick }) => tick), step: null };
  const { numerator, denominator } = rate;
  const finer = Math.ceil(LEAST_TIMESCALE / numerator);
  const count = frames.reduce((sum, { times }) => sum + times, 0);
  return {
    timescale: numerator * finer,
    starts: Array.from({ length: count }, (_, index) => index * denominator * finer),
    step: denominator * finer,
  };
}

function entryOf(entries: Uint8Array[], entry: Uint8Array): number {
  const known = entries.findIndex((other) =>
    other.length === entry.length && other.every((byte, index) => byte === entry[index])
  );
  return known >= 0 ? known : entries.push(entry) - 1;
}
