/**
 * Writes the HLS playlist of recorded footage (RFC 8216): byte ranges of the
 * recordings as they lie on the disk, nothing made anew; or the same pieces in another
 * size, each with an address of its own.
 *
 * In:   parts of recordings. Out: the playlist's text.
 *
 * **Times.** The recordings of a run are one stream: their decode times go on from
 * file to file, so no discontinuity stands between them. One stands where another
 * run begins (times and codec begin anew) and where frames are missing (times jump):
 * a player then places what follows behind what came before, and
 * EXT-X-PROGRAM-DATE-TIME says what time of day it really was.
 *
 * **Init segments.** Each recording has its own, those of a run are equal byte for
 * byte. EXT-X-MAP is written where it changes, at the beginning and behind each
 * discontinuity; it holds until the next one.
 *
 * Pure.
 *
 * @module
 */

import { isoUtc } from "../base/units.ts";
import type { RecordedGroup, RecordedPart, RecordedStretch } from "./doors.ts";

/** EXT-X-MAP in an ordinary playlist came with 6, fragmented MP4 is customary from 7 on. */
const VERSION = 7;

/**
 * The longest piece may not become longer while a playlist grows: its duration is said in
 * steps of this many seconds, which a camera's batches stay within.
 */
const GROWING_STEP_SECONDS = 10;

/** How pieces are asked for. */
export interface PieceLines {
  /** Attributes of EXT-X-MAP. */
  init(part: RecordedPart): string;
  /** What follows EXTINF. */
  piece(part: RecordedPart, group: RecordedGroup): readonly string[];
}

/** @param url Address of a batch's file, from the playlist's own address. */
export function byteRangeLines(url: (batchId: string) => string): PieceLines {
  return {
    init: ({ batchId, initBytes: { offset, length } }) =>
      `URI="${url(batchId)}",BYTERANGE="${length}@${offset}"`,
    piece: ({ batchId }, { length, offset }) => [
      `#EXT-X-BYTERANGE:${length}@${offset}`,
      url(batchId),
    ],
  };
}

/** @param url Address of what a batch is in another size, with "/" at its end. */
export function renditionLines(url: (batchId: string) => string): PieceLines {
  return {
    init: ({ batchId }) => `URI="${url(batchId)}init.mp4"`,
    piece: ({ batchId }, { offset, length }) => [`${url(batchId)}${offset}-${length}.m4s`],
  };
}

export function recordedPlaylist({ parts, isEnded }: RecordedStretch, write: PieceLines): string {
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${targetSeconds(parts, isEnded)}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
    `#EXT-X-PLAYLIST-TYPE:${isEnded ? "VOD" : "EVENT"}`,
  ];
  let initKey: string | undefined;
  for (const part of parts) {
    const { isBroken, groups } = part;
    const isNewInit = part.initKey !== initKey;
    if (initKey !== undefined && (isBroken || isNewInit)) lines.push("#EXT-X-DISCONTINUITY");
    if (isBroken || isNewInit) lines.push(`#EXT-X-MAP:${write.init(part)}`);
    initKey = part.initKey;
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${isoUtc(groups[0]!.startMs)}`);
    for (const group of groups) {
      lines.push(`#EXTINF:${(group.durationMs / 1_000).toFixed(3)},`, ...write.piece(part, group));
    }
  }
  if (isEnded) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

/** No piece is longer, each rounded to the nearest second (4.3.3.1). */
function targetSeconds(parts: readonly RecordedPart[], isEnded: boolean): number {
  let longestMs = 1_000;
  for (const { groups } of parts) {
    for (const { durationMs } of groups) longestMs = Math.max(longestMs, durationMs);
  }
  const seconds = Math.round(longestMs / 1_000);
  return isEnded ? seconds : Math.ceil(seconds / GROWING_STEP_SECONDS) * GROWING_STEP_SECONDS;
}
