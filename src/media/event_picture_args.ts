/**
 * The ffmpeg that makes two JPEGs of one small picture: the whole of it, and what
 * an event is about.
 *
 * Argument lists only; nothing is started here.
 *
 * @module
 */

import type { Box } from "../model/vision.ts";
import type { PictureSize } from "./vision_args.ts";

/** How much of its surroundings a thing is shown with: parts of its own size on each side. */
const MARGIN = 0.2;

/** The smallest cut-out, in pixels: less shows nothing. */
const LEAST_PIXELS = 64;

/** A part of a picture in whole pixels; all numbers are even, as yuv420p wants it. */
export interface CutOut extends PictureSize {
  readonly x: number;
  readonly y: number;
}

/** The part of the picture around a box. */
export function cutOut(box: Box, size: PictureSize): CutOut {
  const across = span({ from: box.x, length: box.width, pixels: size.width });
  const down = span({ from: box.y, length: box.height, pixels: size.height });
  return { x: across.from, width: across.length, y: down.from, height: down.length };
}

function span(
  { from, length, pixels }: {
    readonly from: number;
    readonly length: number;
    readonly pixels: number;
  },
): { readonly from: number; readonly length: number } {
  const wanted = Math.max(LEAST_PIXELS, length * (1 + 2 * MARGIN) * pixels);
  const whole = Math.min(pixels - pixels % 2, 2 * Math.ceil(wanted / 2));
  const middle = (from + length / 2) * pixels;
  const first = Math.min(Math.max(0, middle - whole / 2), pixels - whole);
  return { from: 2 * Math.floor(first / 2), length: whole };
}

/** @param picture yuv420p on standard input; JPEGs go to the two paths. */
export function eventPictureArgs(
  picture: PictureSize & { readonly box: Box },
  paths: { readonly whole: string; readonly crop: string },
): string[] {
  const { width, height, x, y } = cutOut(picture.box, picture);
  const jpeg = ["-frames:v", "1", "-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "3"];
  const image = ["-f", "image2", "-update", "1", "-y"];
  return [
    ...["-hide_banner", "-loglevel", "error", "-threads", "1"],
    ...["-f", "rawvideo", "-pixel_format", "yuv420p"],
    ...["-video_size", `${picture.width}x${picture.height}`, "-i", "pipe:0"],
    ...["-map", "0:v", ...jpeg, ...image, `file:${paths.whole}`],
    ...["-map", "0:v", "-vf", `crop=${width}:${height}:${x}:${y}`, ...jpeg, ...image],
    `file:${paths.crop}`,
  ];
}
