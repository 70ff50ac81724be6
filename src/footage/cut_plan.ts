/**
 * Decides which samples of the recordings make up a film, and at which times
 * they stand in it. Decides only; bytes are copied by write_movie.ts.
 *
 * In:  stretches of samples of one codec configuration, what of each is shown,
 *      and what stands between them. Out: tracks and chunks for media/movie.ts.
 *
 * Design: docs/design/export.md, "The cut"
 *
 * @module
 */

import type { InitSegment, Track } from "../media/init_segment.ts";
import type { MovieChunk, MovieSample, MovieTrack } from "../media/movie.ts";
import type { Sample } from "../media/fragment.ts";
import type { IndexedFragment } from "./recording_index.ts";

/** A fragment, and the file that it lies in (a number of the caller's). */
export interface SourcedFragment extends IndexedFragment {
  readonly source: number;
}

/** Samples that follow each other in one run, and the part of them that is shown. */
export interface Stretch {
  readonly init: InitSegment;
  /** In decode order. The first sample of video that is used must be a key frame. */
  readonly fragments: readonly SourcedFragment[];
  /** Indexes into the video samples of all fragments: used are these. */
  readonly used: readonly number[];
  /** Presentation times, ticks of the stretch's own timescale; the end is excluded. */
  readonly shown: { readonly fromPts: number; readonly toPts: number };
  /**
   * Also take the packet of sound that the window begins in and the one before,
   * which decoders need; otherwise only packets that begin inside.
   */
  readonly leadSound: boolean;
  /** Time without a picture that stands before this stretch in the film, in milliseconds. */
  readonly gapBeforeMs: number;
  /** Holes inside the stretch that are to be closed, in order of time. */
  readonly cutOut: readonly { readonly fromPts: number; readonly toPts: number }[];
}

export interface CutPlan {
  readonly tracks: readonly MovieTrack[];
  readonly chunks: readonly MovieChunk[];
  /** Frames in the film that are not shown, before and behind what is. */
  readonly hiddenBefore: number;
  readonly hiddenAfter: number;
}

/** A sample on its way into the film: where it lies, and when it stands there. */
interface FilmSample {
  readonly source: number;
  readonly fragment: number;
  readonly entry: number;
  readonly sample: Sample;
  dts: number;
  pts: number;
  readonly duration: number;
}

/** @param stretches In the order in which they play; at least one. */
export function planCut(stretches: readonly Stretch[]): CutPlan {
  const [first] = stretches;
  if (first === undefined) throw new RangeError("Cannot plan a film without footage");
  const timescale = first.init.video.timescale;
  const starts = stretchStarts(stretches, timescale);
  const audioTrack = stretches.find(({ init }) => init.audio !== undefined)?.init.audio;
  const entries = { video: new EntryList(), audio: new EntryList() };
  let firstFragment = 0;
  const placings = stretches.map(({ fragments }, index) => {
    const placing = { start: starts[index]!, timescale, firstFragment };
    firstFragment += fragments.length;
    return placing;
  });
  const video = stretches.flatMap((stretch, index) =>
    videoSamples(stretch, { ...placings[index]!, entry: entries.video.add(stretch.init.video) })
  );
  const audio = stretches.flatMap((stretch, index) => {
    const { audio: track } = stretch.init;
    if (audioTrack === undefined || track === undefined) return [];
    const entry = entries.audio.add(track);
    const { timescale: audioTimescale } = audioTrack;
    return audioSamples(stretch, { ...placings[index]!, entry, audioTimescale });
  });
  const shownTicks = starts.at(-1)!;
  const hiddenBefore = video.filter(({ pts }) => pts < 0).length;
  const hiddenAfter = video.filter(({ pts }) => pts >= shownTicks).length;
  const tracks = [trackOf(first.init.video, entries.video, line(video, shownTicks))];
  if (audioTrack !== undefined && audio.length > 0) {
    const audioTicks = Math.round(shownTicks * audioTrack.timescale / timescale);
    tracks.push(trackOf(audioTrack, entries.audio, line(audio, audioTicks)));
  }
  return { tracks, chunks: interleaved(video, audio), hiddenBefore, hiddenAfter };
}

/** Where each stretch begins in the film, in its ticks; the last number is the film's length. */
function stretchStarts(stretches: readonly Stretch[], timescale: number): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const { shown, cutOut, gapBeforeMs, init } of stretches) {
    if (starts.length > 0) at += Math.round(gapBeforeMs * timescale / 1_000);
    starts.push(at);
    const closed = cutOut.reduce((sum, { fromPts, toPts }) => sum + toPts - fromPts, 0);
    const ticks = shown.toPts - shown.fromPts - closed;
    at += Math.round(ticks * timescale / init.video.timescale);
  }
  return [...starts, at];
}

/** Ticks of closed holes that lie before a presentation time. */
function closedBefore(stretch: Stretch, pts: number): number {
  let closed = 0;
  for (const { fromPts, toPts } of stretch.cutOut) if (pts >= toPts) closed += toPts - fromPts;
  return closed;
}

interface Placing {
  readonly start: number;
  readonly timescale: number;
  readonly firstFragment: number;
  readonly entry: number;
}

function videoSamples(stretch: Stretch, place: Placing): FilmSample[] {
  const { timescale: own } = stretch.init.video;
  const toFilm = (ticks: number) => Math.round(ticks * place.timescale / own);
  const used = new Set(stretch.used);
  const samples: FilmSample[] = [];
  let index = 0;
  for (const [number, { source, video }] of stretch.fragments.entries()) {
    for (const sample of video) {
      const isUsed = used.has(index);
      index += 1;
      if (!isUsed) continue;
      const origin = stretch.shown.fromPts + closedBefore(stretch, sample.pts);
      samples.push({
        source,
        fragment: place.firstFragment + number,
        entry: place.entry,
        sample,
        dts: place.start + toFilm(sample.dts - origin),
        pts: place.start + toFilm(sample.pts - origin),
        duration: toFilm(sample.duration),
      });
    }
  }
  return samples;
}

/** The packets of sound that belong to what is shown. */
function audioSamples(
  stretch: Stretch,
  place: Placing & { readonly audioTimescale: number },
): FilmSample[] {
  const { video, audio } = stretch.init;
  const own = audio!.timescale;
  const toVideoTicks = (ticks: number) => ticks * video.timescale / own;
  const samples: FilmSample[] = [];
  for (const [number, fragment] of stretch.fragments.entries()) {
    for (const sample of fragment.audio) {
      const fromPts = toVideoTicks(sample.pts);
      const length = toVideoTicks(sample.duration);
      const isBefore = stretch.leadSound
        ? fromPts + 2 * length <= stretch.shown.fromPts
        : fromPts < stretch.shown.fromPts;
      const isAfter = fromPts >= stretch.shown.toPts;
      const isCutOut = stretch.cutOut.some((hole) =>
        fromPts >= hole.fromPts && fromPts + length <= hole.toPts
      );
      if (isBefore || isAfter || isCutOut) continue;
      const origin = stretch.shown.fromPts + closedBefore(stretch, fromPts);
      const seconds = place.start / place.timescale + (fromPts - origin) / video.timescale;
      const pts = Math.round(seconds * place.audioTimescale);
      samples.push({
        source: fragment.source,
        fragment: place.firstFragment + number,
        entry: place.entry,
        sample,
        dts: pts,
        pts,
        duration: Math.round(sample.duration * place.audioTimescale / own),
      });
    }
  }
  return samples;
}

/**
 * Moves a track's samples so that the first decode time is 0, decode times grow
 * and no picture is due before it is decoded. Changes the samples.
 *
 * @returns What to show of the line, in its ticks.
 */
function line(samples: readonly FilmSample[], shownTicks: number): MovieTrack["edit"] {
  let last = -Infinity;
  let late = 0;
  for (const sample of samples) {
    sample.dts = Math.max(sample.dts, last + 1);
    last = sample.dts;
    late = Math.max(late, sample.dts - sample.pts);
  }
  const firstDts = (samples[0]?.dts ?? 0) - late;
  for (const sample of samples) {
    sample.dts -= late + firstDts;
    sample.pts -= firstDts;
  }
  return { start: -firstDts, duration: shownTicks };
}

/** Sample entries of one track, each kept once. */
class EntryList {
  readonly entries: Uint8Array[] = [];

  add(track: Track): number {
    const { sampleEntry } = track;
    const known = this.entries.findIndex((entry) =>
      entry.length === sampleEntry.length &&
      entry.every((byte, index) => byte === sampleEntry[index])
    );
    return known >= 0 ? known : this.entries.push(sampleEntry) - 1;
  }
}

function trackOf(track: Track, list: EntryList, edit: MovieTrack["edit"]): MovieTrack {
  const { kind, timescale, width, height } = track;
  return { kind, timescale, width, height, sampleEntries: list.entries, edit };
}

/** Chunks in the order of the fragments they come from: video, then the sound that belongs to it. */
function interleaved(video: readonly FilmSample[], audio: readonly FilmSample[]): MovieChunk[] {
  const chunks = [...chunksOf(video, 0), ...chunksOf(audio, 1)];
  // Stable: within a fragment the video, which was added first, stays first.
  chunks.sort((one, other) => one.fragment - other.fragment);
  return chunks.map(({ fragment: _, ...chunk }) => chunk);
}

function chunksOf(
  samples: readonly FilmSample[],
  track: number,
): (MovieChunk & { readonly fragment: number })[] {
  const chunks: (MovieChunk & { readonly fragment: number; samples: MovieSample[] })[] = [];
  let nextOffset = -1;
  for (const { source, fragment, entry, sample, dts, pts, duration } of samples) {
    const { sizeBytes, isKey, offset } = sample;
    const row = { dts, pts, duration, sizeBytes, isKey };
    const last = chunks.at(-1);
    const goesOn = last !== undefined && last.fragment === fragment && offset === nextOffset;
    if (goesOn) last.samples.push(row);
    else chunks.push({ track, sampleEntry: entry, source, offset, samples: [row], fragment });
    nextOffset = offset + sizeBytes;
  }
  return chunks;
}
