/**
 * The vision decoder's ffmpeg: gets a camera's stream on its standard input and
 * puts out a few small pictures a second on its standard output, each announced
 * (announced_pictures.ts).
 *
 * Argument lists only; nothing is started here.
 *
 * @module
 */

import type { CameraSource } from "../model/camera.ts";
import { announcedOutput } from "./announced_pictures.ts";
import { inputArgs } from "./recorder_args.ts";

/** Width of the pictures that are looked at, in pixels. */
export const VISION_WIDTH = 640;

/** Size of a small picture, in pixels; both are even, as yuv420p wants it. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The small picture of a camera: as wide as is looked at, or as wide as the camera's own. */
export function visionSize({ width, height }: PictureSize): PictureSize {
  const small = Math.min(VISION_WIDTH, width - width % 2);
  return { width: small, height: Math.max(2, 2 * Math.round(small * height / width / 2)) };
}

/** Bytes of a picture in yuv420p: a byte for each point, and two colours for each four. */
export function pictureBytes({ width, height }: PictureSize): number {
  return width * height * 3 / 2;
}

/** Size of pictures that come from a stream of their own, whatever its shape: places are fractions. */
export const SOURCE_SIZE: PictureSize = { width: VISION_WIDTH, height: 360 };

/** Where the pictures come from. */
export type VisionInput =
  /** The recorded stream, on standard input. `timescale`: ticks per second of its video. */
  | { readonly kind: "fragments"; readonly timescale: number }
  /** A stream of their own. */
  | { readonly kind: "source"; readonly source: CameraSource };

/** The time stamps of pictures from a stream of their own count milliseconds. */
const SOURCE_TIMESCALE = 1_000;

export function visionArgs(
  options: { readonly size: PictureSize; readonly fps: number; readonly input: VisionInput },
): string[] {
  const { size, fps, input } = options;
  // Half a frame early is on time: 5 a second out of 24 would otherwise be 4.8.
  const leastSeconds = (1 / fps - 0.02).toFixed(4);
  const timescale = input.kind === "fragments" ? input.timescale : SOURCE_TIMESCALE;
  return [
    "-hide_banner",
    "-loglevel",
    "error",
    // One thread: more hold pictures back, and recording needs the other cores.
    "-threads",
    "1",
    // Frames that no other one needs are left out where that leaves enough.
    "-skip_frame",
    "noref",
    ...readArgs(input),
    "-map",
    "0:v:0",
    "-vf",
    `select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${leastSeconds}),` +
    `scale=${size.width}:${size.height}:flags=fast_bilinear,format=yuv420p`,
    "-fps_mode",
    "passthrough",
    "-enc_time_base",
    `1:${timescale}`,
    "-c:v",
    "rawvideo",
    ...announcedOutput("rawvideo"),
  ];
}

function readArgs(input: VisionInput): string[] {
  if (input.kind === "source") return ["-nostdin", ...inputArgs(input.source)];
  return ["-analyzeduration", "0", "-fpsprobesize", "0", "-copyts", "-f", "mp4", "-i", "pipe:0"];
}
