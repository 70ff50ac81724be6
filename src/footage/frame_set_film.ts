/**
 * Decides the films that chosen frames are decoded from: of each group of
 * pictures only what leads to the last chosen frame in it, and none of the
 * groups without one. Decides only.
 *
 * In:  segments of recordings with their samples, the chosen frames.
 * Out: films of one codec and picture size each, whose odd time stamps are the
 *      chosen frames (media/frames_args.ts).
 *
 * @module
 */

import { buildMovie, type Movie, type MovieSample } from "../media/movie.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { type CutPlan, planCut, type Stretch } from "./cut_plan.ts";
import { decodableFrom, type SourcedSegment, videoOf } from "./stretches.ts";

/** A film and the frames that become pictures, by their time stamps in it. */
export interface ChosenFilm {
  readonly movie: Movie;
  /** Ticks per second of its time stamps. */
  readonly timescale: number;
  readonly chosen: ReadonlyMap<number, LoggedFrame>;
  /** Pixels of its frames. */
  readonly width: number;
  readonly height: number;
  /** Frames that have to be decoded. */
  readonly decoded: number;
}

/** A segment reduced to what is decoded, and which of it is wanted. */
interface Reduced extends Stretch {
  /** For each used sample: the frame that becomes a picture, if it does. */
  readonly wanted: readonly (LoggedFrame | undefined)[];
}

/**
 * Makes films: a new one only where codec or picture size change.
 *
 * @param chosen Frame ids. A frame that no key frame leads to is left out.
 */
export function planChosenFilms(
  segments: readonly SourcedSegment[],
  chosen: ReadonlySet<number>,
): ChosenFilm[] {
  const groups: Reduced[][] = [];
  for (const segment of segments) {
    const reduced = reduce(segment, chosen);
    if (reduced === undefined) continue;
    const last = groups.at(-1);
    if (last !== undefined && hasSamePicture(last[0]!, reduced)) last.push(reduced);
    else groups.push([reduced]);
  }
  return groups.map(filmOf);
}

function hasSamePicture(one: Stretch, other: Stretch): boolean {
  const [first, second] = [one.init.video, other.init.video];
  return first.codec === second.codec && first.width === second.width &&
    first.height === second.height;
}

function reduce(segment: SourcedSegment, chosen: ReadonlySet<number>): Reduced | undefined {
  const samples = videoOf(segment.fragments);
  const places = new Map(samples.map(({ pts }, index) => [pts, index]));
  const frames = new Map<number, LoggedFrame>();
  for (const frame of segment.frames) {
    const place = chosen.has(frame.frameId) ? places.get(frame.pts) : undefined;
    if (place !== undefined) frames.set(place, frame);
  }
  const used = neededFor([...frames.keys()].sort((one, other) => one - other), samples);
  if (used.length === 0) return undefined;
  const times = used.map((index) => samples[index]!);
  const fromPts = times.reduce((low, { pts }) => Math.min(low, pts), Infinity);
  const toPts = times.reduce((high, { pts, duration }) => Math.max(high, pts + duration), 0);
  return {
    init: { ...segment.init, audio: undefined },
    fragments: segment.fragments.map((fragment) => ({ ...fragment, audio: [] })),
    used,
    shown: { fromPts, toPts },
    leadSound: false,
    gapBeforeMs: 0,
    cutOut: [],
    wanted: used.map((index) => frames.get(index)),
  };
}

/** The samples that a decoder needs for those at some places, in decode order. */
function neededFor(
  places: readonly number[],
  samples: Parameters<typeof decodableFrom>[0],
): number[] {
  const ranges: { key: number; last: number }[] = [];
  for (const place of places) {
    let key = place;
    // The key frame that it is decoded from is not shown behind it.
    while (key >= 0 && !(samples[key]!.isKey && samples[key]!.pts <= samples[place]!.pts)) key -= 1;
    if (key < 0) continue;
    const open = ranges.at(-1);
    if (open !== undefined && key <= open.last) open.last = place;
    else ranges.push({ key, last: place });
  }
  return ranges.flatMap((range) => decodableFrom(samples, range));
}

function filmOf(group: readonly Reduced[]): ChosenFilm {
  const plan = planCut(group);
  const track = plan.tracks[0]!;
  const wanted = group.flatMap((stretch) => stretch.wanted);
  const chosen = new Map<number, LoggedFrame>();
  const chunks = marked(plan, wanted, chosen);
  const timescale = track.timescale * 2;
  const edit = { start: 0, duration: (track.edit.start + track.edit.duration) * 2 };
  return {
    movie: buildMovie({ tracks: [{ ...track, timescale, edit }], chunks, createdMs: 0 }),
    timescale,
    chosen,
    width: track.width,
    height: track.height,
    decoded: wanted.length,
  };
}

/** The chunks with twice the ticks: odd ones for chosen frames, which are put into `chosen`. */
function marked(
  { chunks }: CutPlan,
  wanted: readonly (LoggedFrame | undefined)[],
  chosen: Map<number, LoggedFrame>,
): CutPlan["chunks"] {
  let at = 0;
  return chunks.map((chunk) => ({
    ...chunk,
    samples: chunk.samples.map((sample): MovieSample => {
      const frame = wanted[at];
      at += 1;
      const pts = sample.pts * 2 + (frame === undefined ? 0 : 1);
      if (frame !== undefined) chosen.set(pts, frame);
      return { ...sample, dts: sample.dts * 2, pts, duration: sample.duration * 2 };
    }),
  }));
}
