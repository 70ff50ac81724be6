/**
 * Builds a plain MP4 (ISO/IEC 14496-12) around samples that already lie in
 * other files: computes the whole `moov` first, so that the length and every
 * byte's origin are known before anything is written. Nothing is re-encoded.
 *
 * In:  tracks and chunks: which samples, in which order, from where.
 * Out: the head of the file and the list of byte ranges to copy behind it.
 * Not here: choosing samples (footage/cut_plan.ts), copying (footage/write_movie.ts).
 *
 * Design: docs/design/export.md
 *
 * @module
 */

import { box, fullBox, latin1, u16, u32, u64, zeros } from "./box_writer.ts";
import { childBoxes, requireBox, viewOf } from "./boxes.ts";
import { sampleTables } from "./sample_tables.ts";

/** A sample of the film. Times in ticks of its track, from the start of the media. */
export interface MovieSample {
  /** Never decreases within a track. The first one is 0 or later. */
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
  readonly sizeBytes: number;
  readonly isKey: boolean;
}

/** Samples of one track that lie one behind the other in one source. */
export interface MovieChunk {
  readonly track: number;
  /** Index into the track's sample entries. */
  readonly sampleEntry: number;
  /** Which source holds the bytes; a number of the caller's. */
  readonly source: number;
  /** Place of the first byte in the source. */
  readonly offset: number;
  readonly samples: readonly MovieSample[];
}

export interface MovieTrack {
  readonly kind: "video" | "audio";
  readonly timescale: number;
  /** Pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
  /** One `stsd` entry for each codec configuration. */
  readonly sampleEntries: readonly Uint8Array[];
  /**
   * What is shown: ticks of this track. What lies before and after stays in the
   * file, hidden. A negative start means that the track begins later than the film.
   */
  readonly edit: { readonly start: number; readonly duration: number };
}

/** Bytes to copy. */
export interface ByteRange {
  readonly source: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface Movie {
  /** `ftyp`, `moov` and the header of `mdat`. */
  readonly head: Uint8Array;
  /** What follows the head, in this order. */
  readonly ranges: readonly ByteRange[];
  readonly totalBytes: number;
}

/** Seconds from 1904-01-01, where MP4 counts from, to 1970-01-01. */
const EPOCH_1904_SECONDS = 2_082_844_800;

/** Identity matrix in 16.16 and 2.30 fixed point (8.2.2). */
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** "und", packed as three 5-bit letters (8.4.2). */
const LANGUAGE_UNDEFINED = 0x55c4;

const BOX_HEADER_BYTES = 8;

/** mdat with a 64-bit size, so that its header has one length for every film. */
const MDAT_HEADER_BYTES = 16;

/**
 * @param film `tracks[0]` is the video; its timescale is the movie's, so that
 * the edit list is exact to the tick.
 */
export function buildMovie(
  film: {
    readonly tracks: readonly MovieTrack[];
    readonly chunks: readonly MovieChunk[];
    readonly createdMs: number;
  },
): Movie {
  const ranges = mergedRanges(film.chunks);
  const mediaBytes = ranges.reduce((sum, range) => sum + range.sizeBytes, 0);
  const ftyp = box("ftyp", latin1("isom"), u32(0x200), latin1("isomiso2avc1mp41"));
  const isLarge = mediaBytes > 0xf0000000;
  // Chunk offsets depend on the size of `moov`, which does not depend on their values.
  const moov = movieBox(film, { isLarge });
  const headBytes = ftyp.length + moov.length + MDAT_HEADER_BYTES;
  moveChunks(moov, headBytes);
  const head = new Uint8Array(headBytes);
  head.set(ftyp);
  head.set(moov, ftyp.length);
  const mdatHeader = [u32(1), latin1("mdat"), u64(MDAT_HEADER_BYTES + mediaBytes)];
  let at = ftyp.length + moov.length;
  for (const part of mdatHeader) {
    head.set(part, at);
    at += part.length;
  }
  return { head, ranges, totalBytes: headBytes + mediaBytes };
}

function mergedRanges(chunks: readonly MovieChunk[]): ByteRange[] {
  const ranges: ByteRange[] = [];
  for (const { source, offset, samples } of chunks) {
    const sizeBytes = samples.reduce((sum, sample) => sum + sample.sizeBytes, 0);
    const last = ranges.at(-1);
    if (last !== undefined && last.source === source && last.offset + last.sizeBytes === offset) {
      ranges[ranges.length - 1] = { ...last, sizeBytes: last.sizeBytes + sizeBytes };
    } else ranges.push({ source, offset, sizeBytes });
  }
  return ranges;
}

/** Adds to all chunk offsets of a finished `moov`, in place. */
function moveChunks(moov: Uint8Array, bytes: number): void {
  for (const trak of childBoxes(moov.subarray(BOX_HEADER_BYTES))) {
    if (trak.type !== "trak") continue;
    const { payload } = requireBox(trak.payload, ["mdia", "minf", "stbl"]);
    for (const { type, payload: table } of childBoxes(payload)) {
      const view = viewOf(table);
      if (type === "stco") {
        for (let at = 8; at < table.length; at += 4) view.setUint32(at, view.getUint32(at) + bytes);
      } else if (type === "co64") {
        for (let at = 8; at < table.length; at += 8) {
          view.setBigUint64(at, view.getBigUint64(at) + BigInt(bytes));
        }
      }
    }
  }
}

interface Layout {
  /** Chunk offsets need 64 bits. */
  readonly isLarge: boolean;
}

function movieBox(
  film: {
    readonly tracks: readonly MovieTrack[];
    readonly chunks: readonly MovieChunk[];
    readonly createdMs: number;
  },
  layout: Layout,
): Uint8Array {
  const { tracks, chunks } = film;
  const [video] = tracks;
  if (video === undefined) throw new RangeError("Cannot build a film without tracks");
  const created = Math.floor(film.createdMs / 1000) + EPOCH_1904_SECONDS;
  const placed = placeChunks(chunks);
  return box(
    "moov",
    fullBox(
      "mvhd",
      { version: 1 },
      u64(created),
      u64(created),
      u32(video.timescale),
      u64(video.edit.duration),
      u32(0x10000), // normal speed
      u16(0x100), // full volume
      zeros(10),
      MATRIX,
      zeros(24),
      u32(tracks.length + 1), // next track id
    ),
    ...tracks.map((track, index) =>
      trackBox(track, {
        id: index + 1,
        created,
        movieTimescale: video.timescale,
        chunks: placed.filter((chunk) => chunk.track === index),
        isLarge: layout.isLarge,
      })
    ),
  );
}

/** A chunk with its place in the film. */
export interface PlacedChunk extends MovieChunk {
  /** Counted from the film's first media byte. */
  readonly filmOffset: number;
}

function placeChunks(chunks: readonly MovieChunk[]): PlacedChunk[] {
  let filmOffset = 0;
  return chunks.map((chunk) => {
    const placed = { ...chunk, filmOffset };
    for (const sample of chunk.samples) filmOffset += sample.sizeBytes;
    return placed;
  });
}

/** `elst` (8.6.6): an empty edit where the track begins late, then what is shown. */
function editList(track: MovieTrack, movieTimescale: number): Uint8Array {
  const toMovie = (ticks: number) => Math.round(ticks * movieTimescale / track.timescale);
  const delay = Math.max(0, -track.edit.start);
  const rate = u32(0x10000);
  const edits = [
    u64(toMovie(track.edit.duration - delay)),
    u64(Math.max(0, track.edit.start)),
    rate,
  ];
  if (delay > 0) edits.unshift(u64(toMovie(delay)), u64(-1), rate);
  return fullBox("elst", { version: 1 }, u32(edits.length / 3), ...edits);
}

function trackBox(
  track: MovieTrack,
  place: {
    readonly id: number;
    readonly created: number;
    readonly movieTimescale: number;
    readonly chunks: readonly PlacedChunk[];
    readonly isLarge: boolean;
  },
): Uint8Array {
  const isVideo = track.kind === "video";
  const shownTicks = Math.round(track.edit.duration * place.movieTimescale / track.timescale);
  const last = place.chunks.at(-1)?.samples.at(-1);
  const mediaTicks = last === undefined ? 0 : last.dts + last.duration;
  return box(
    "trak",
    fullBox(
      "tkhd",
      { version: 1, flags: 3 }, // enabled, in the film
      u64(place.created),
      u64(place.created),
      u32(place.id, 0),
      u64(shownTicks),
      zeros(8),
      u16(0, isVideo ? 0 : 1, isVideo ? 0 : 0x100, 0), // layer, group, volume
      MATRIX,
      u32(track.width * 0x10000, track.height * 0x10000),
    ),
    box("edts", editList(track, place.movieTimescale)),
    box(
      "mdia",
      fullBox(
        "mdhd",
        { version: 1 },
        u64(place.created),
        u64(place.created),
        u32(track.timescale),
        u64(mediaTicks),
        u16(LANGUAGE_UNDEFINED, 0),
      ),
      fullBox(
        "hdlr",
        {},
        zeros(4),
        latin1(isVideo ? "vide" : "soun"),
        zeros(12),
        latin1("Lookback\0"),
      ),
      box(
        "minf",
        isVideo ? fullBox("vmhd", { flags: 1 }, zeros(8)) : fullBox("smhd", {}, zeros(4)),
        box("dinf", fullBox("dref", {}, u32(1), fullBox("url ", { flags: 1 }))),
        sampleTables(track, place.chunks, place.isLarge ? "64-bit" : "32-bit"),
      ),
    ),
  );
}
