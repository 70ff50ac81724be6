/**
 * Builds the sample tables of one track of a plain MP4
 * (ISO/IEC 14496-12, 8.5 to 8.7): codec, times, key frames, sizes, places.
 *
 * @module
 */

import { box, fullBox, u32, u32List, u64List } from "./box_writer.ts";
import type { MovieSample, MovieTrack, PlacedChunk } from "./movie.ts";

/**
 * @param chunks The track's chunks in decode order. A sample's duration in the
 * table is the distance to the next decode time, so a hole between two chunks
 * becomes a longer sample.
 */
export function sampleTables(
  track: MovieTrack,
  chunks: readonly PlacedChunk[],
  offsets: "32-bit" | "64-bit",
): Uint8Array {
  const samples: MovieSample[] = [];
  for (const chunk of chunks) for (const sample of chunk.samples) samples.push(sample);
  const parts = [
    fullBox("stsd", {}, u32(track.sampleEntries.length), ...track.sampleEntries),
    runs("stts", 0, decodeDistances(samples)),
  ];
  // Offsets may be negative (version 1) only where a decode time lies behind its own picture.
  if (samples.some(({ dts, pts }) => dts !== pts)) {
    const shifts = samples.map(({ dts, pts }) => pts - dts);
    parts.push(runs("ctts", shifts.some((shift) => shift < 0) ? 1 : 0, shifts));
  }
  if (samples.some(({ isKey }) => !isKey)) parts.push(keyFrameTable(samples));
  parts.push(
    chunkRuns(chunks),
    fullBox("stsz", {}, u32(0, samples.length), u32List(samples.map(({ sizeBytes }) => sizeBytes))),
    offsets === "64-bit"
      ? fullBox("co64", {}, u32(chunks.length), u64List(chunks.map((chunk) => chunk.filmOffset)))
      : fullBox("stco", {}, u32(chunks.length), u32List(chunks.map((chunk) => chunk.filmOffset))),
  );
  return box("stbl", ...parts);
}

function decodeDistances(samples: readonly MovieSample[]): number[] {
  return samples.map(({ dts, duration }, index) => {
    const next = samples[index + 1];
    return next === undefined ? duration : next.dts - dts;
  });
}

/** A table of (how many in a row, value), as `stts` and `ctts` have. */
function runs(type: string, version: number, values: readonly number[]): Uint8Array {
  const pairs: number[] = [];
  for (const value of values) {
    if (pairs.length > 0 && pairs.at(-1) === value) pairs[pairs.length - 2]! += 1;
    else pairs.push(1, value);
  }
  return fullBox(type, { version }, u32(pairs.length / 2), u32List(pairs));
}

function keyFrameTable(samples: readonly MovieSample[]): Uint8Array {
  const numbers = samples.flatMap(({ isKey }, index) => isKey ? [index + 1] : []);
  return fullBox("stss", {}, u32(numbers.length), u32List(numbers));
}

/** `stsc`: from which chunk on a chunk has so many samples of which sample entry. */
function chunkRuns(chunks: readonly PlacedChunk[]): Uint8Array {
  const rows: number[] = [];
  for (const [index, { samples, sampleEntry }] of chunks.entries()) {
    const isSame = rows.length > 0 && rows.at(-2) === samples.length &&
      rows.at(-1) === sampleEntry + 1;
    if (!isSame) rows.push(index + 1, samples.length, sampleEntry + 1);
  }
  return fullBox("stsc", {}, u32(rows.length / 3), u32List(rows));
}
