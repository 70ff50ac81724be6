/**
 * Reads an init segment: the `moov` box that says what the tracks of a
 * fragmented MP4 are (ISO/IEC 14496-12, 8.2 to 8.5 and 8.8.3).
 *
 * In:  the payload of `moov`. Out: a {@linkcode Track} for video and one for audio.
 *
 * @module
 */

import {
  childBoxes,
  findBox,
  fourLetters,
  MalformedMedia,
  parseBytes,
  requireBox,
  viewOf,
  wholeTicks,
} from "./boxes.ts";

/** One track of an init segment. */
export interface Track {
  readonly trackId: number;
  readonly kind: "video" | "audio";
  /** Ticks per second of this track's times. */
  readonly timescale: number;
  /** Four-letter code of the codec, for example "avc1", "hvc1", "mp4a". */
  readonly codec: string;
  /** The first sample entry of `stsd` as it is, header included. */
  readonly sampleEntry: Uint8Array;
  /** Pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
  /**
   * Ticks to add to a sample's times to get its place in the presentation. From
   * the edit list: the recorder's ffmpeg puts there how far audio and video
   * begin apart, and how far B-frames shift the decode times.
   */
  readonly presentationShift: number;
  /** What a sample has when its fragment says nothing (`trex`). */
  readonly defaults: SampleDefaults;
}

export interface SampleDefaults {
  readonly duration: number;
  readonly sizeBytes: number;
  readonly flags: number;
}

export interface InitSegment {
  readonly video: Track;
  readonly audio: Track | undefined;
}

const NO_DEFAULTS: SampleDefaults = { duration: 0, sizeBytes: 0, flags: 0 };

/**
 * @param moov Payload of the `moov` box.
 *
 * @throws {MalformedMedia} If there is no video track or a box is missing or cut off.
 */
export function parseInitSegment(moov: Uint8Array): InitSegment {
  return parseBytes("init segment", () => {
    const defaults = trackDefaults(moov);
    const mvhd = viewOf(requireBox(moov, ["mvhd"]).payload);
    const movieTimescale = mvhd.getUint32(mvhd.getUint8(0) === 1 ? 20 : 12);
    if (movieTimescale === 0) throw new MalformedMedia("Cannot use timescale 0 of the film");
    const tracks: Track[] = [];
    for (const box of childBoxes(moov)) {
      if (box.type !== "trak") continue;
      const track = parseTrack(box.payload, { defaults, movieTimescale });
      if (track !== undefined) tracks.push(track);
    }
    const video = tracks.find((track) => track.kind === "video");
    if (video === undefined) throw new MalformedMedia("Cannot find a video track");
    return { video, audio: tracks.find((track) => track.kind === "audio") };
  });
}

function trackDefaults(moov: Uint8Array): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  const mvex = findBox(moov, ["mvex"]);
  if (mvex === undefined) return defaults;
  for (const box of childBoxes(mvex.payload)) {
    if (box.type !== "trex") continue;
    const view = viewOf(box.payload);
    defaults.set(view.getUint32(4), {
      duration: view.getUint32(12),
      sizeBytes: view.getUint32(16),
      flags: view.getUint32(20),
    });
  }
  return defaults;
}

function parseTrack(
  trak: Uint8Array,
  movie: {
    readonly defaults: ReadonlyMap<number, SampleDefaults>;
    readonly movieTimescale: number;
  },
): Track | undefined {
  const kind = handlerKind(requireBox(trak, ["mdia", "hdlr"]).payload);
  if (kind === undefined) return undefined;
  const tkhd = viewOf(requireBox(trak, ["tkhd"]).payload);
  const trackId = tkhd.getUint32(tkhd.getUint8(0) === 1 ? 20 : 12);
  const mdhd = viewOf(requireBox(trak, ["mdia", "mdhd"]).payload);
  const timescale = mdhd.getUint32(mdhd.getUint8(0) === 1 ? 20 : 12);
  if (timescale === 0) throw new MalformedMedia(`Cannot use timescale 0 of track ${trackId}`);
  const stsd = requireBox(trak, ["mdia", "minf", "stbl", "stsd"]).payload;
  const [entry] = childBoxes(stsd.subarray(8));
  if (entry === undefined) throw new MalformedMedia(`Cannot find a codec in track ${trackId}`);
  const entryView = viewOf(entry.payload);
  return {
    trackId,
    kind,
    timescale,
    codec: entry.type,
    sampleEntry: entry.bytes.slice(),
    width: kind === "video" ? entryView.getUint16(24) : 0,
    height: kind === "video" ? entryView.getUint16(26) : 0,
    presentationShift: presentationShift(trak, timescale / movie.movieTimescale),
    defaults: movie.defaults.get(trackId) ?? NO_DEFAULTS,
  };
}

/** Reads the edit list (8.6.6): empty edits delay the track, the first media time pulls it forward. */
function presentationShift(trak: Uint8Array, ticksPerMovieTick: number): number {
  const elst = findBox(trak, ["edts", "elst"]);
  if (elst === undefined) return 0;
  const view = viewOf(elst.payload);
  const isLong = view.getUint8(0) === 1;
  let delay = 0;
  for (let index = 0; index < view.getUint32(4); index += 1) {
    const at = 8 + index * (isLong ? 20 : 12);
    const duration = isLong ? Number(view.getBigUint64(at)) : view.getUint32(at);
    const mediaTime = isLong ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4);
    if (mediaTime !== -1) return wholeTicks(Math.round(delay) - mediaTime);
    delay += duration * ticksPerMovieTick;
  }
  return wholeTicks(Math.round(delay));
}

function handlerKind(hdlr: Uint8Array): Track["kind"] | undefined {
  const handler = fourLetters(viewOf(hdlr), 8);
  if (handler === "vide") return "video";
  return handler === "soun" ? "audio" : undefined;
}
