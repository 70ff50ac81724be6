/**
 * The stills decoder's ffmpeg: gets chosen frames on its standard input and
 * puts out JPEGs on its standard output, each announced (announced_pictures.ts).
 *
 * The input's time stamps count half microseconds; an odd one marks a frame
 * that becomes a still, the others are only decoded because it needs them. No
 * coarser unit will do: where two frames get one time stamp, ffmpeg's decoder
 * stops believing presentation times.
 *
 * @module
 */

import { announcedOutput } from "./announced_pictures.ts";

/** Ticks per second of the input's time stamps. */
export const STILLS_TIMESCALE = 2_000_000;

/** The tick of a frame: its time in whole microseconds, odd when it is wanted. */
export function stillsTick(elapsedMs: number, role: "wanted" | "helper"): number {
  return Math.round(elapsedMs * 1_000) * 2 + (role === "wanted" ? 1 : 0);
}

/** Arguments of the stills decoder. */
export function stillsArgs(options: { readonly quality: number }): string[] {
  return [
    "-hide_banner",
    "-loglevel",
    "error",
    // One thread: decoding one frame a second gains nothing from more, and each
    // thread holds frames back.
    "-threads",
    "1",
    "-analyzeduration",
    "0",
    "-fpsprobesize",
    "0",
    // Without it ffmpeg counts from the first frame, and odd may become even.
    "-copyts",
    "-f",
    "mp4",
    "-i",
    "pipe:0",
    "-map",
    "0:v:0",
    "-vf",
    "select=eq(mod(pts\\,2)\\,1)",
    "-fps_mode",
    "passthrough",
    "-enc_time_base",
    `1:${STILLS_TIMESCALE}`,
    "-c:v",
    "mjpeg",
    // Several threads would hold each picture back until the next one comes.
    "-threads",
    "1",
    "-pix_fmt",
    "yuvj420p",
    "-q:v",
    String(jpegQscale(options.quality)),
    ...announcedOutput("image2pipe"),
  ];
}

/** From a quality of 1 to 100 to ffmpeg's quantiser scale: 31 (worst) to 2 (best). */
export function jpegQscale(quality: number): number {
  return Math.round(31 - (quality - 1) * 29 / 99);
}
