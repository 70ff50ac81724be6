/**
 * Ledger entries for tests, right in every field that a test does not set.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../../src/base/units.ts";
import type {
  BatchEntry,
  CameraEntry,
  CameraEventEntry,
  RunEndEntry,
  RunStartEntry,
  VisionEventEntry,
} from "../../src/model/ledger.ts";

/** The wall time that the entries count from: 2026-11-21T20:57:00Z. */
export const EPOCH_MS = Date.parse("2026-11-21T20:57:00Z");

/** Wall time some seconds after {@linkcode EPOCH_MS}. */
export function at(seconds: number): UnixMs {
  return unixMs(EPOCH_MS + seconds * 1_000);
}

export function cameraEntry(cameraId = "front"): CameraEntry {
  return {
    type: "camera",
    cameraId,
    name: `Camera ${cameraId}`,
    source: "rtsp://user:***@10.0.0.5/a",
    geoLocation: { lat: 12.9716, lon: 77.5946 },
    atMs: at(0),
  };
}

export function runStartEntry(cameraId = "front", run: number = at(0)): RunStartEntry {
  return {
    type: "run-start",
    cameraId,
    run,
    codec: "avc1",
    width: 1_280,
    height: 720,
    timescale: 90_000,
  };
}

export function runEndEntry(cameraId = "front", run: number = at(0)): RunEndEntry {
  return { type: "run-end", cameraId, run, atMs: at(60), cause: "stopped" };
}

/** The n-th batch (from 0) of a camera at 25 fps in batches of 10 s. */
export function batchEntry(number: number, changes: Partial<BatchEntry> = {}): BatchEntry {
  const cameraId = changes.cameraId ?? "front";
  return {
    type: "batch",
    cameraId,
    run: at(0),
    startingFrameId: number * 250 + 1,
    endingFrameId: number * 250 + 250,
    startMs: at(number * 10),
    endMs: at(number * 10 + 10),
    frameCount: 250,
    recordingPath: `data/recordings/${cameraId}/${number}.mp4`,
    recordingBytes: 1_000_000 + number,
    framesPath: `data/frames/${cameraId}/2026-11-21/20.jsonl`,
    framesOffset: number * 75_000,
    framesBytes: 75_000,
    recordingSha256: String(number % 10).repeat(64),
    framesSha256: "f".repeat(64),
    stillsBytes: 500_000,
    ...changes,
  };
}

export function eventEntry(
  seconds: number,
  changes: Partial<CameraEventEntry> = {},
): CameraEventEntry {
  return {
    type: "event",
    cameraId: "front",
    atMs: at(seconds),
    untilMs: null,
    kind: "offline",
    cause: "camera-unreachable",
    detail: `after ${seconds} s`,
    ...changes,
  };
}

/** A person who was seen for 8 s; an end that is null goes on. */
export function visionEntry(
  seconds: number,
  changes: Partial<VisionEventEntry> = {},
): VisionEventEntry {
  const cameraId = changes.cameraId ?? "front";
  const startMs = changes.startMs ?? at(seconds);
  const box = { x: 0.25, y: 0.5, width: 0.125, height: 0.375 };
  const bestMs = unixMs(startMs + 2_000);
  return {
    type: "vision-event",
    eventId: `${cameraId}-${startMs}-1`,
    cameraId,
    kind: "object_detected",
    class: "person",
    startMs,
    endMs: unixMs(startMs + 8_000),
    score: 0.875,
    best: { atMs: bestMs, box, score: 0.875, wholePath: null, cropPath: null },
    trace: [{ atMs: startMs, box }, { atMs: bestMs, box }],
    zones: ["porch"],
    crossings: [{ line: "gate", atMs: bestMs, direction: "to-left" }],
    ...changes,
  };
}
