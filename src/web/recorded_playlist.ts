/**
 * Writes the HLS playlist of recorded footage (RFC 8216): byte ranges of the
 * recordings as they lie on the disk, nothing made anew.
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

/** @param url Address of a batch's file, from the playlist's own address. */
export function recordedPlaylist(
  { parts, isEnded }: RecordedStretch,
  url: (batchId: string) => string,
): string {
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${targetSeconds(parts, isEnded)}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
    `#EXT-X-PLAYLIST-TYPE:${isEnded ? "VOD" : "EVENT"}`,
  ];
  let initKey: string | undefined;
  for (const part of parts) {
    const { batchId, initBytes: { offset, length }, isBroken, groups } = part;
    const isNewInit = part.initKey !== initKey;
    if (initKey !== undefined && (isBroken || isNewInit)) lines.push("#EXT-X-DISCONTINUITY");
    if (isBroken || isNewInit) {
      lines.push(`#EXT-X-MAP:URI="${url(batchId)}",BYTERANGE="${length}@${offset}"`);
    }
    initKey = part.initKey;
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${isoUtc(groups[0]!.startMs)}`);
    for (const group of groups) lines.push(...linesOf(group, url(batchId)));
  }
  if (isEnded) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

function linesOf({ durationMs, length, offset }: RecordedGroup, address: string): string[] {
  return [
    `#EXTINF:${(durationMs / 1_000).toFixed(3)},`,
    `#EXT-X-BYTERANGE:${length}@${offset}`,
    address,
  ];
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
