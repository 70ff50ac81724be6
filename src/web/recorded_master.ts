/**
 * Writes the playlist of playlists of recorded footage (RFC 8216, 4.3.4.2): the
 * camera's own stream, and the sizes that it can be had in.
 *
 * In:   what is recorded of a window. Out: variants; the playlist's text.
 * Not here: the playlists it names (recorded_playlist.ts).
 *
 * Pure.
 *
 * @module
 */

import { PIECE_CODEC, type RenditionSize, renditionSizes } from "../media/rendition_args.ts";
import type { RecordedPart } from "./doors.ts";

/** As `recorded_playlist.ts` says it of the playlists. */
const VERSION = 7;

/** A piece that is shorter is no measure of a rate, in milliseconds: players fetch more at once. */
const LEAST_RATED_MS = 1_000;

/** One stream that a player may choose. */
export interface RecordedVariant {
  /** Undefined for the camera's own. */
  readonly name: string | undefined;
  /** Bits a second, at the most and on the whole. */
  readonly peak: number;
  readonly average: number | undefined;
  readonly codecs: readonly string[];
  readonly width: number;
  readonly height: number;
}

/**
 * The sizes that footage can be had in, largest first. Where a camera changed its picture
 * within the window, a size that any of its streams has is there: the others are then as
 * large as they can be.
 */
export function recordedSizes(parts: readonly RecordedPart[]): readonly RenditionSize[] {
  const sizes = new Map<string, RenditionSize>();
  for (const stream of streamsOf(parts)) {
    for (const size of renditionSizes(stream)) {
      if (!sizes.has(size.name)) sizes.set(size.name, size);
    }
  }
  return [...sizes.values()].sort((one, other) => other.height - one.height);
}

/** The camera's own stream first. There is at least one part. */
export function recordedVariants(
  parts: readonly RecordedPart[],
  options: { readonly hasRenditions: boolean },
): readonly RecordedVariant[] {
  const streams = streamsOf(parts);
  const largest = streams.reduce((one, other) => other.height > one.height ? other : one);
  const codecs = [...new Set(streams.flatMap((stream) => stream.codecs))];
  const own = {
    ...{ name: undefined, ...ratesOf(parts), codecs },
    ...{ width: largest.width, height: largest.height },
  };
  if (!options.hasRenditions) return [own];
  const audio = [...new Set(streams.flatMap(({ codecs }) => codecs.slice(1)))];
  const others = recordedSizes(parts).map(({ name, bitsPerSecond, width, height }) => ({
    ...{ name, peak: bitsPerSecond, average: undefined, codecs: [PIECE_CODEC, ...audio] },
    ...{ width, height },
  }));
  return [own, ...others];
}

/** @param url Address of a variant's playlist, from the master's own. */
export function recordedMaster(
  variants: readonly RecordedVariant[],
  url: (name: string | undefined) => string,
): string {
  const lines = variants.flatMap(({ name, peak, average, codecs, width, height }) => [
    [
      `#EXT-X-STREAM-INF:BANDWIDTH=${Math.ceil(peak)}`,
      ...(average === undefined ? [] : [`AVERAGE-BANDWIDTH=${Math.ceil(average)}`]),
      `CODECS="${codecs.join(",")}"`,
      `RESOLUTION=${width}x${height}`,
    ].join(","),
    url(name),
  ]);
  return ["#EXTM3U", `#EXT-X-VERSION:${VERSION}`, ...lines, ""].join("\n");
}

/** Parts of one run share one: of a day there are few. */
function streamsOf(parts: readonly RecordedPart[]): readonly RecordedPart["stream"][] {
  return [...new Map(parts.map(({ stream, initKey }) => [initKey, stream])).values()];
}

/** Of the camera's own stream, out of the bytes and lengths of its pieces. */
function ratesOf(
  parts: readonly RecordedPart[],
): { readonly peak: number; readonly average: number } {
  let [bytes, lengthMs, peak] = [0, 0, 0];
  for (const { groups } of parts) {
    for (const { length, durationMs } of groups) {
      bytes += length;
      lengthMs += durationMs;
      peak = Math.max(peak, length * 8_000 / Math.max(durationMs, LEAST_RATED_MS));
    }
  }
  const average = bytes * 8_000 / Math.max(lengthMs, LEAST_RATED_MS);
  return { peak: Math.max(peak, average), average };
}
