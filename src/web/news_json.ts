/**
 * News as listeners get them: plain JSON, times in ISO 8601.
 *
 * Pure.
 *
 * @module
 */

import { isoUtc } from "../base/units.ts";
import type { CameraNews } from "./doors.ts";
import { eventJson } from "./event_answers.ts";
import { exportJson } from "./export_answers.ts";
import type { Heard } from "./news.ts";
import type { VisionEvent } from "../model/vision.ts";

/** One piece of news, ready for JSON. */
export function newsJson(news: Heard): Readonly<Record<string, unknown>> {
  switch (news.type) {
    case "missed":
      return news;
    case "status":
      return { type: "status", cameras: news.cameras.map(statusJson) };
    case "event":
      return { type: "event", change: news.change, event: visionEventJson(news.event) };
    case "sight": {
      const { cameraId: camera, atMs, frame, moving, detections } = news;
      const place = frame === null ? {} : { run: frame.run, pts: frame.pts };
      return { type: "sight", camera, at: isoUtc(atMs), ...place, moving, detections };
    }
    case "alert": {
      const { priority, cameraId: camera, text, atMs } = news;
      return { type: "alert", priority, camera, text, at: isoUtc(atMs) };
    }
    case "log":
      return { type: "log", ...logJson(news) };
    case "export":
      return { type: "export", export: exportJson(news.export) };
  }
}

export function logJson(
  { atMs, level, category, message }: Extract<Heard, { readonly type: "log" }>,
): { at: string; level: string; category: string; message: string } {
  return { at: isoUtc(atMs), level, category, message };
}

function statusJson(status: CameraNews): Readonly<Record<string, unknown>> {
  const { cameraId: camera, state, cause, detail, fps, bitsPerSecond } = status;
  return { camera, state, cause, detail, fps, bitsPerSecond };
}

function visionEventJson(event: VisionEvent): Readonly<Record<string, unknown>> {
  return eventJson({
    ...event,
    hasPicture: event.best.wholePath !== null,
    cause: null,
    detail: null,
    boxes: event.trace,
  });
}
