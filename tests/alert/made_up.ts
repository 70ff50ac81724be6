/**
 * Rules, events and alerts for tests, each with only what the test is about set.
 *
 * @module
 */

import { makeAlert } from "../../src/alert/rules.ts";
import { localText } from "../../src/alert/schedule.ts";
import { unixMs } from "../../src/base/units.ts";
import type { Alert, AlertRule, Occurrence } from "../../src/model/alert.ts";
import type { CameraEventEntry } from "../../src/model/ledger.ts";
import type { VisionEvent } from "../../src/model/vision.ts";

/** Saturday, 2026-11-21 20:57:09 UTC. */
export const START_MS = Date.parse("2026-11-21T20:57:09Z");

export function aRule(rule: Partial<AlertRule> = {}): AlertRule {
  return {
    name: "people",
    kinds: ["object_detected"],
    cameras: null,
    classes: null,
    zones: null,
    lines: null,
    minScore: 0,
    minMs: 0,
    priority: "warning",
    schedule: null,
    timeZone: "UTC",
    coolDownMs: 0,
    text: null,
    ...rule,
  };
}

export function anOccurrence(occurrence: Partial<Occurrence> = {}): Occurrence {
  return {
    eventId: "front-1-1",
    kind: "object_detected",
    cameraId: "front",
    class: "person",
    zones: [],
    lines: [],
    score: 0.8,
    startMs: unixMs(START_MS),
    endMs: null,
    lastedMs: 0,
    pictures: { wholePath: null, cropPath: null },
    cause: null,
    detail: "",
    ...occurrence,
  };
}

export function anAlert(
  alert: { readonly rule?: Partial<AlertRule>; readonly event?: Partial<Occurrence> } = {},
): Alert {
  return makeAlert({
    rule: aRule(alert.rule),
    occurrence: anOccurrence(alert.event),
    world: { cameraName: () => "Front door", localText },
    atMs: unixMs(START_MS + 500),
  });
}

export function aVisit(event: Partial<VisionEvent> = {}): VisionEvent {
  const box = { x: 0.1, y: 0.2, width: 0.1, height: 0.3 };
  const startMs = unixMs(START_MS);
  return {
    eventId: `front-${START_MS}-1`,
    cameraId: "front",
    kind: "object_detected",
    class: "person",
    startMs,
    endMs: null,
    score: 0.8,
    best: { atMs: startMs, box, score: 0.8, wholePath: "events/a.jpg", cropPath: null },
    trace: [{ atMs: startMs, box }],
    zones: [],
    crossings: [],
    ...event,
  };
}

export function cameraEvent(
  kind: CameraEventEntry["kind"],
  afterMs: number,
  event: Partial<CameraEventEntry> = {},
): CameraEventEntry {
  return {
    type: "event",
    cameraId: "front",
    atMs: unixMs(START_MS + afterMs),
    untilMs: null,
    kind,
    cause: null,
    detail: "",
    ...event,
  };
}
