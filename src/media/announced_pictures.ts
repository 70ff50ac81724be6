/**
 * Pictures that ffmpeg puts out one after the other on its standard output, each
 * with a line before it that gives its time and its exact length: what ffmpeg's
 * framecrc muxer writes, and the picture, taken turns by its tee muxer.
 *
 * Not here: the process (capture/stills_decoder.ts and others).
 *
 * @module
 */

import { MalformedMedia } from "./boxes.ts";

/** What comes behind a line. */
export interface PictureAhead {
  /** Time stamp in what was decoded, in ticks of the output's time base. */
  readonly pts: number;
  readonly sizeBytes: number;
}

/** What is used of the reader of a process's output (host/chunks.ts). */
export interface LineSource {
  /** The next line or a long piece of one, without its end; undefined at the end of the stream. */
  line(): Promise<string | undefined>;
}

/**
 * Where such pictures go: the last of ffmpeg's arguments.
 *
 * The tee muxer gives each packet to the first, then to the second. Each has a buffer of its
 * own for the same pipe, so that both must empty theirs after each packet, and in tee's own
 * thread (no `use_fifo`).
 */
export function announcedOutput(muxer: "image2pipe" | "rawvideo"): string[] {
  return [
    ...["-f", "tee"],
    `[f=framecrc:flush_packets=1]pipe:1|[f=${muxer}:flush_packets=1]pipe:1`,
  ];
}

/**
 * Reads up to the beginning of the next picture.
 *
 * @returns Undefined where the stream ends before.
 * @throws {MalformedMedia} If there is anything else than such a line and framecrc's head.
 */
export async function pictureAhead(source: LineSource): Promise<PictureAhead | undefined> {
  for (;;) {
    const line = await source.line();
    if (line === undefined) return undefined;
    if (line.startsWith("#")) continue;
    const ahead = parseFrameCrc(line);
    if (ahead === undefined) {
      const found = JSON.stringify(line.slice(0, SHOWN_CHARACTERS));
      throw new MalformedMedia(`Need the line before a picture, found ${found}`);
    }
    return ahead;
  }
}

/** Of what is there instead of a line, so much is told. */
const SHOWN_CHARACTERS = 80;

/** What a line of ffmpeg's framecrc muxer says. Undefined for any other line. */
export function parseFrameCrc(line: string): PictureAhead | undefined {
  const match = /^0,\s*-?\d+,\s*(-?\d+),\s*\d+,\s*(\d+),\s*0x/.exec(line);
  return match === null ? undefined : { pts: Number(match[1]), sizeBytes: Number(match[2]) };
}
