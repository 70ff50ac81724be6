/**
 * One picture of a source as it is now: ffmpeg's argument list. Decodes a key
 * frame, so the picture is whole even when it joins a stream in the middle.
 *
 * @module
 */

import type { CameraSource } from "../model/camera.ts";
import { SOURCE_TIMEOUT_MS } from "./recorder_args.ts";

/** Arguments of ffmpeg; it writes one JPEG to its standard output. */
export function snapshotArgs(source: CameraSource): string[] {
  return [
    "-hide_banner",
    "-nostdin",
    "-loglevel",
    "warning",
    ...inputArgs(source),
    "-map",
    "0:v:0",
    "-frames:v",
    "1",
    "-c:v",
    "mjpeg",
    "-pix_fmt",
    "yuvj420p",
    // 2 is the best of ffmpeg's JPEG qualities.
    "-q:v",
    "2",
    "-f",
    "image2pipe",
    "pipe:1",
  ];
}

function inputArgs(source: CameraSource): string[] {
  // The rate is not needed, and with few decoded frames ffmpeg takes seconds to learn it.
  const keyFramesOnly = ["-skip_frame", "nokey", "-fpsprobesize", "0"];
  switch (source.kind) {
    case "rtsp":
      return [
        ...keyFramesOnly,
        "-rtsp_transport",
        "tcp",
        "-timeout",
        `${SOURCE_TIMEOUT_MS * 1_000}`,
        "-i",
        source.url,
      ];
    case "http":
      return [...keyFramesOnly, "-rw_timeout", `${SOURCE_TIMEOUT_MS * 1_000}`, "-i", source.url];
    case "file":
      return [...keyFramesOnly, "-i", `file:${source.path}`];
    case "test": {
      const { width, height, fps } = source;
      return ["-f", "lavfi", "-i", `testsrc2=size=${width}x${height}:rate=${fps}`];
    }
  }
}
