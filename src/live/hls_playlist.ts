/**
 * Writes live playlists (draft-pantos-hls-rfc8216bis). One text for all players:
 * those that know no parts leave the lines with parts out.
 *
 * @module
 */

import { isoUtc } from "../base/units.ts";
import type { HlsPart, HlsSegment, HlsWindow } from "./hls_window.ts";

/** Names of the files of one playlist; `prefix` tells those of renditions apart. */
export interface HlsNames {
  readonly prefix: string;
}

export type HlsFile =
  | { readonly kind: "init"; readonly number: number }
  | { readonly kind: "segment"; readonly number: number }
  | { readonly kind: "part"; readonly number: number; readonly part: number };

export function fileName(file: HlsFile, { prefix }: HlsNames): string {
  switch (file.kind) {
    case "init":
      return `${prefix}init-${file.number}.mp4`;
    case "segment":
      return `${prefix}s${file.number}.m4s`;
    case "part":
      return `${prefix}s${file.number}.${file.part}.m4s`;
  }
}

/** Undefined for a name that no playlist has. `prefix` has been taken off. */
export function parseFileName(name: string): HlsFile | undefined {
  const init = /^init-(\d{1,15})\.mp4$/.exec(name);
  if (init !== null) return { kind: "init", number: Number(init[1]) };
  const media = /^s(\d{1,15})(?:\.(\d{1,6}))?\.m4s$/.exec(name);
  if (media === null) return undefined;
  const number = Number(media[1]);
  return media[2] === undefined
    ? { kind: "segment", number }
    : { kind: "part", number, part: Number(media[2]) };
}

/** The media playlist of one stream. It has at least one part. */
export function mediaPlaylist(window: HlsWindow, names: HlsNames): string {
  const { listed, open, next, targetSeconds, partTargetMs = 0 } = window;
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    // Three parts: one that loads, one that plays, one for what is late.
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${seconds(3 * partTargetMs)}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(partTargetMs)}`,
    `#EXT-X-MEDIA-SEQUENCE:${listed[0]?.number ?? open?.number ?? next.segment}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitiesBefore}`,
  ];
  let initNumber: number | undefined;
  const withParts = newest(listed, 3_000 * targetSeconds);
  for (const segment of [...listed, ...(open === undefined ? [] : [open])]) {
    if (segment.isDiscontinuity) lines.push("#EXT-X-DISCONTINUITY");
    if (segment.initNumber !== initNumber) {
      initNumber = segment.initNumber;
      const uri = fileName({ kind: "init", number: initNumber }, names);
      lines.push(`#EXT-X-MAP:URI="${uri}"`);
    }
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${isoUtc(segment.startMs)}`);
    if (segment === open || withParts.has(segment)) lines.push(...partLines(segment, names));
    if (segment !== open) lines.push(...segmentLines(segment, names));
  }
  const hint = fileName({ kind: "part", number: next.segment, part: next.part }, names);
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${hint}"`, "");
  return lines.join("\n");
}

/** The newest segments of at least `durationMs`; parts of older ones are of no use (4.4.4.9). */
function newest(segments: readonly HlsSegment[], durationMs: number): Set<HlsSegment> {
  const found = new Set<HlsSegment>();
  let lengthMs = 0;
  for (const segment of segments.toReversed()) {
    if (lengthMs >= durationMs) break;
    found.add(segment);
    lengthMs += segment.durationMs;
  }
  return found;
}

function partLines({ number, parts }: HlsSegment, names: HlsNames): string[] {
  return parts.map(({ durationMs, isIndependent }: HlsPart, part) => {
    const uri = fileName({ kind: "part", number, part }, names);
    const independent = isIndependent ? ",INDEPENDENT=YES" : "";
    return `#EXT-X-PART:DURATION=${seconds(durationMs)},URI="${uri}"${independent}`;
  });
}

function segmentLines({ number, durationMs }: HlsSegment, names: HlsNames): string[] {
  return [`#EXTINF:${seconds(durationMs)},`, fileName({ kind: "segment", number }, names)];
}

function seconds(durationMs: number): string {
  return (durationMs / 1_000).toFixed(5);
}

/** One stream that a player may choose. */
export interface Variant {
  readonly uri: string;
  readonly bitsPerSecond: number;
  /** RFC 6381. */
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
}

/** The playlist of playlists, best first: a player begins with the first. */
export function masterPlaylist(variants: readonly Variant[]): string {
  const lines = variants.flatMap(({ uri, bitsPerSecond, codecs, width, height }) => [
    `#EXT-X-STREAM-INF:BANDWIDTH=${Math.ceil(bitsPerSecond)},CODECS="${codecs}",` +
    `RESOLUTION=${width}x${height}`,
    uri,
  ]);
  return ["#EXTM3U", "#EXT-X-VERSION:9", ...lines, ""].join("\n");
}
