/**
 * A vision event as a row of its table. Lists and boxes stand there as JSON with
 * keys in snake_case.
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { Box, Crossing, TracePoint, VisionEvent } from "../model/vision.ts";
import { withCamelKeys, withSnakeKeys } from "./ledger_line.ts";

type Value = string | number | null;

/** The values of a row, in the order of the columns. @param shiftMs How far the clock was off. */
export function visionEventValues(event: VisionEvent, shiftMs: number): Value[] {
  const { eventId, cameraId, kind, startMs, endMs, score, best } = event;
  return [
    eventId,
    cameraId,
    kind,
    event.class,
    startMs + shiftMs,
    endMs === null ? null : endMs + shiftMs,
    score,
    best.atMs,
    best.score,
    toText(best.box),
    best.wholePath,
    best.cropPath,
    toText(event.trace),
    toText(event.zones),
    toText(event.crossings),
    shiftMs,
  ];
}

/** @param times "as written" leaves out the shift of a clock that was put right. */
export function toVisionEvent(
  row: Readonly<Record<string, Value>>,
  times: "put right" | "as written" = "put right",
): VisionEvent {
  const shiftMs = Number(row.shift_ms);
  const ofColumn = (ms: number) => unixMs(times === "as written" ? ms - shiftMs : ms);
  const ofText = (ms: number) => unixMs(times === "as written" ? ms : ms + shiftMs);
  const putRight = <T extends { readonly atMs: UnixMs }>(point: T): T => ({
    ...point,
    atMs: ofText(point.atMs),
  });
  return {
    eventId: String(row.event_id),
    cameraId: String(row.camera_id),
    kind: row.kind as VisionEvent["kind"],
    class: textOrNull(row.class),
    startMs: ofColumn(Number(row.start_ms)),
    endMs: typeof row.end_ms === "number" ? ofColumn(row.end_ms) : null,
    score: Number(row.score),
    best: {
      atMs: ofText(Number(row.best_ms)),
      box: fromText(row.best_box) as Box,
      score: Number(row.best_score),
      wholePath: textOrNull(row.whole_path),
      cropPath: textOrNull(row.crop_path),
    },
    trace: (fromText(row.trace) as TracePoint[]).map(putRight),
    zones: fromText(row.zones) as string[],
    crossings: (fromText(row.crossings) as Crossing[]).map(putRight),
  };
}

function toText(value: unknown): string {
  return JSON.stringify(withSnakeKeys(value));
}

function fromText(text: Value | undefined): unknown {
  return withCamelKeys(JSON.parse(String(text)));
}

function textOrNull(value: Value | undefined): string | null {
  return typeof value === "string" ? value : null;
}
