/**
 * Events, alerts and sights that never happened, for tests.
 *
 * @module
 */

import { unixMs } from "../../src/base/units.ts";
import type { Alert } from "../../src/model/alert.ts";
import type { VisionEvent } from "../../src/model/vision.ts";

export const AT = unixMs(Date.UTC(2026, 10, 21, 20, 57, 9));

export function seenEvent(changes: Partial<VisionEvent> = {}): VisionEvent {
  const { cameraId = "front" } = changes;
  return {
    eventId: `${cameraId}-${AT}-1`,
    cameraId,
    kind: "object_detected",
    class: "person",
    startMs: AT,
    endMs: null,
    score: 0.83456,
    best: {
      atMs: AT,
      box: { x: 0.123456, y: 0.5, width: 0.1, height: 0.2 },
      score: 0.8,
      wholePath: null,
      cropPath: null,
    },
    trace: [],
    zones: ["drive"],
    crossings: [{ line: "gate", atMs: AT, direction: "to-left" }],
    ...changes,
  };
}

export function madeAlert(changes: Partial<Alert> = {}): Alert {
  return {
    alertId: `front-${AT}-1-night`,
    rule: "night",
    priority: "critical",
    atMs: AT,
    cameraName: "Front door",
    localTime: "2026-11-21 21:57:09",
    text: "Person at Front door",
    isTest: false,
    eventId: `front-${AT}-1`,
    kind: "object_detected",
    cameraId: "front",
    class: "person",
    zones: [],
    lines: [],
    score: 0.83,
    startMs: AT,
    endMs: null,
    pictures: { wholePath: null, cropPath: null },
    cause: null,
    detail: "",
    ...changes,
  };
}
