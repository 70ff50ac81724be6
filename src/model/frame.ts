/**
 * One frame of a camera, and the JSON object that is written for it.
 *
 * @module
 */

import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import type { GeoLocation } from "./camera.ts";

export interface Frame {
  readonly frameId: number;
  /** Wall time. */
  readonly atMs: UnixMs;
  /** Still of the frame's second, relative to the storage root; null when stills are off. */
  readonly imagePath: string | null;
  readonly isKey: boolean;
  readonly sizeBytes: number;
  /** Presentation time in ticks of the run's timescale. */
  readonly pts: number;
  /** Length in ticks. */
  readonly duration: number;
}

/** Makes JSON lines of one camera's frames; what never changes is prepared once. */
export function frameLineWriter(
  camera: {
    readonly cameraId: string;
    readonly geoLocation: GeoLocation | null;
    readonly run: number;
    readonly timescale: number;
  },
): (frame: Frame) => string {
  const geo = camera.geoLocation === null
    ? null
    : { lat: camera.geoLocation.lat, lon: camera.geoLocation.lon };
  const head = `{"camera_id":${JSON.stringify(camera.cameraId)},"frame_id":`;
  const middle = `","geo_location":${JSON.stringify(geo)},"image_path":`;
  const tail = `,"run":${camera.run},"timescale":${camera.timescale}}\n`;
  return (frame) => {
    const image = frame.imagePath === null ? "null" : `"${frame.imagePath}"`;
    const seconds = (frame.pts / camera.timescale).toFixed(6);
    return `${head}${frame.frameId},"timestamp":"${isoUtc(frame.atMs)}${middle}${image}` +
      `,"key_frame":${frame.isKey},"size_bytes":${frame.sizeBytes}` +
      `,"stream_time":${seconds},"pts":${frame.pts},"duration":${frame.duration}${tail}`;
  };
}

/** A frame as it stands in the JSON log. */
export interface LoggedFrame extends Frame {
  readonly cameraId: string;
  readonly run: number;
  readonly timescale: number;
}

/** Reads one line of the JSON log; undefined when it is not a frame. */
export function parseFrameLine(line: string): LoggedFrame | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== "object") return undefined;
  const { camera_id: cameraId, timestamp, image_path: imagePath, key_frame: isKey } = value;
  const numbers = [
    value.frame_id,
    value.size_bytes,
    value.pts,
    value.duration,
    value.run,
    value.timescale,
  ];
  const [frameId, sizeBytes, pts, duration, run, timescale] = numbers as number[];
  const atMs = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  if (typeof cameraId !== "string" || !numbers.every(Number.isSafeInteger)) return undefined;
  if (!Number.isSafeInteger(atMs) || typeof isKey !== "boolean") return undefined;
  if (imagePath !== null && typeof imagePath !== "string") return undefined;
  return {
    cameraId,
    frameId: frameId!,
    atMs: unixMs(atMs),
    imagePath,
    isKey,
    sizeBytes: sizeBytes!,
    pts: pts!,
    duration: duration!,
    run: run!,
    timescale: timescale!,
  };
}
