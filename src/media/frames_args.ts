/**
 * ffmpeg's arguments to turn chosen frames of a film into pictures: the film
 * comes on standard input, pictures go to standard output, each announced
 * (announced_pictures.ts).
 *
 * An odd time stamp marks a frame that becomes a picture, the others are only
 * decoded because it needs them (as in stills_args.ts).
 *
 * @module
 */

import { announcedOutput } from "./announced_pictures.ts";

/** What a picture is written as. */
export type PictureFormat = "jpg" | "png";

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The best of ffmpeg's JPEG qualities: what is left out of a training set is
 * never learnt, and its pictures are few.
 */
const QSCALE = "2";

/** Largest side of a picture, in pixels: what H.265 allows at most (ITU-T H.265, A.4.2). */
const MAX_SIDE = 16_888;

/** Reads "640x360". Undefined where that is no size. */
export function parsePictureSize(text: string): PictureSize | undefined {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text.trim());
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  const isSide = (side: number) => side >= 2 && side <= MAX_SIDE;
  return isSide(width) && isSide(height) ? { width, height } : undefined;
}

/** The filter that makes every picture so large; none where they stay as they are. */
export function scaleFilter(size: PictureSize | null): string[] {
  // "area" averages what it takes away: no jagged edges in smaller pictures.
  return size === null ? [] : [`scale=${size.width}:${size.height}:flags=area`];
}

/** @param film `timescale`: ticks per second of its time stamps. */
export function framesArgs(
  film: { readonly timescale: number },
  picture: { readonly format: PictureFormat; readonly size: PictureSize | null },
): string[] {
  const filters = ["select=eq(mod(pts\\,2)\\,1)", ...scaleFilter(picture.size)];
  return [
    ...["-hide_banner", "-loglevel", "error"],
    // Time stamps stay as they are written: odd must stay odd.
    ...["-copyts", "-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0"],
    ...["-map", "0:v:0", "-vf", filters.join(","), "-fps_mode", "passthrough"],
    ...["-enc_time_base", `1:${film.timescale}`],
    ...(picture.format === "png"
      ? ["-c:v", "png", "-pix_fmt", "rgb24"]
      : ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", QSCALE]),
    ...announcedOutput("image2pipe"),
  ];
}
