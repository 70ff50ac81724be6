/**
 * ffmpeg's arguments to turn a live stream into pictures at a rate: fragments
 * come on standard input, pictures go to standard output, each announced
 * (announced_pictures.ts).
 *
 * @module
 */

import { announcedOutput } from "./announced_pictures.ts";
import { type PictureSize, scaleFilter } from "./frames_args.ts";

/** How pictures leave: JPEGs, or pixels as they are. */
export const TAP_FORMATS = ["mjpeg", "raw"] as const;
export type TapFormat = typeof TAP_FORMATS[number];

/** The order of raw pixels. */
export const PIXEL_FORMATS = ["rgb24", "yuv420p"] as const;
export type PixelFormat = typeof PIXEL_FORMATS[number];

/** What comes out of the tap. */
export interface TapPictures {
  /** Pictures a second at most: a camera that is slower gives what it has. */
  readonly fps: number;
  readonly format: TapFormat;
  readonly pixels: PixelFormat;
  /** Null leaves the camera's. */
  readonly size: PictureSize | null;
}

/** @param stream `timescale`: ticks per second; `fromTick`: what was before is decoded only. */
export function tapArgs(
  stream: { readonly timescale: number; readonly fromTick: number },
  pictures: TapPictures,
): string[] {
  const { fps, format, pixels, size } = pictures;
  const slot = (pts: string) => `floor(${pts}*${fps}/${stream.timescale})`;
  // The first frame of each slot, whatever distances the frames have.
  const isNext = `isnan(prev_selected_pts)+gt(${slot("pts")},${slot("prev_selected_pts")})`;
  const select = `gte(pts,${stream.fromTick})*(${isNext})`.replaceAll(",", "\\,");
  return [
    ...["-hide_banner", "-loglevel", "error"],
    // One thread: each further one holds a picture back, and live is what counts.
    ...["-threads", "1", "-analyzeduration", "0", "-fpsprobesize", "0"],
    ...["-copyts", "-f", "mp4", "-i", "pipe:0", "-map", "0:v:0"],
    ...["-vf", [`select=${select}`, ...scaleFilter(size)].join(",")],
    ...["-fps_mode", "passthrough", "-enc_time_base", `1:${stream.timescale}`],
    ...(format === "raw"
      ? ["-c:v", "rawvideo", "-pix_fmt", pixels]
      : ["-c:v", "mjpeg", "-threads", "1", "-pix_fmt", "yuvj420p", "-q:v", "3"]),
    ...announcedOutput(format === "raw" ? "rawvideo" : "image2pipe"),
  ];
}

/** Bytes of one raw picture. Sides of yuv420p's colour planes are rounded up. */
export function rawPictureBytes({ width, height }: PictureSize, pixels: PixelFormat): number {
  if (pixels === "rgb24") return width * height * 3;
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}
