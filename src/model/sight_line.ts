/**
 * The line of the frame log that says what was seen in a frame. It stands behind
 * the frame's own line, within the same batch or, where looking took longer, in a
 * later one. It belongs to the batch in whose part of the log it lies, and is no frame.
 *
 * Pure.
 *
 * @module
 */

import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import type { Box, Detection } from "./vision.ts";

/** What was seen in a frame, as it stands in the JSON log. */
export interface LoggedSight {
  readonly cameraId: string;
  readonly frameId: number;
  /** Wall time of the frame, as its own line has it. */
  readonly atMs: UnixMs;
  /** Empty where a detector looked and found nothing that counts. */
  readonly detections: readonly Detection[];
}

/** Scores and fractions of the picture have four decimals: a tenth of a pixel of 1000. */
const STEPS = 10_000;

/** Makes the line, with its line end. */
export function writeSightLine({ cameraId, frameId, atMs, detections }: LoggedSight): string {
  const seen = detections.map(({ class: name, score, box }) => ({
    class: name,
    score: rounded(score),
    box: {
      x: rounded(box.x),
      y: rounded(box.y),
      width: rounded(box.width),
      height: rounded(box.height),
    },
  }));
  return `{"camera_id":${JSON.stringify(cameraId)},"frame_id":${frameId}` +
    `,"timestamp":"${isoUtc(atMs)}","detections":${JSON.stringify(seen)}}\n`;
}

/** Reads one line of the JSON log; undefined when it does not say what was seen. */
export function parseSightLine(line: string): LoggedSight | undefined {
  // Most lines are those of frames: they are not read twice.
  if (!line.includes('"detections"')) return undefined;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== "object") return undefined;
  const { camera_id: cameraId, frame_id: frameId, timestamp, detections } = value;
  const atMs = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  if (typeof cameraId !== "string" || !Number.isSafeInteger(frameId)) return undefined;
  if (!Number.isSafeInteger(atMs) || !Array.isArray(detections)) return undefined;
  if (!detections.every(isDetection)) return undefined;
  return { cameraId, frameId: frameId as number, atMs: unixMs(atMs), detections };
}

function isDetection(value: unknown): value is Detection {
  if (value === null || typeof value !== "object") return false;
  const { class: name, score, box } = value as Record<string, unknown>;
  return typeof name === "string" && typeof score === "number" && isBox(box);
}

function isBox(value: unknown): value is Box {
  if (value === null || typeof value !== "object") return false;
  const { x, y, width, height } = value as Record<string, unknown>;
  return [x, y, width, height].every((part) => typeof part === "number");
}

function rounded(value: number): number {
  return Math.round(value * STEPS) / STEPS;
}
