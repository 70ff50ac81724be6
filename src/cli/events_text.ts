/**
 * Events as lines for people and as JSON for programs.
 *
 * Pure.
 *
 * @module
 */

import type { ListedEvent } from "../app/event_list.ts";
import { isoUtc } from "../base/units.ts";
import { formatDuration } from "../footage/duration.ts";
import { describeInstant, zonedAt } from "../footage/instant_text.ts";
import type { VisionEvent } from "../model/vision.ts";

/** A list as lines in columns: when, where, what, how long, more. */
export function eventLines(events: readonly ListedEvent[], timeZone: string): string[] {
  const rows = events.map((event) => [
    zonedAt(event.startMs, timeZone).toPlainDateTime().toString({ smallestUnit: "second" })
      .replace("T", " "),
    event.cameraId,
    titleOf(event),
    lengthOf(event),
    moreOf(event),
  ]);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]!.length))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
}

/** What an event is in a word: the class of what was seen, else its kind. */
export function titleOf(event: ListedEvent): string {
  switch (event.kind) {
    case "object_detected":
      return event.class ?? "object";
    case "motion_detected":
      return "movement";
    case "camera_offline":
      return "camera offline";
    case "camera_online":
      return "camera online";
    default:
      return "recording gap";
  }
}

function lengthOf({ kind, startMs, endMs }: ListedEvent): string {
  if (endMs !== null) return formatDuration(endMs - startMs);
  return kind === "camera_offline" || kind === "camera_online" ? "" : "goes on";
}

function moreOf(event: ListedEvent): string {
  if (!isSeen(event)) return [event.cause, event.detail].filter((text) => text).join(": ");
  const { zones, crossings, score, eventId } = event;
  return [
    `score ${score.toFixed(2)}`,
    ...(zones.length > 0 ? [`in ${zones.join(", ")}`] : []),
    ...crossings.map(({ line, direction }) => `across ${line} ${direction.replace("-", " ")}`),
    eventId,
  ].join("  ");
}

/** Plain data, ready for JSON. */
export function eventJson(event: ListedEvent): Record<string, unknown> {
  const head = headJson(event);
  if (!isSeen(event)) return { ...head, cause: event.cause, detail: event.detail };
  const { score, best, trace, zones, crossings } = event;
  return {
    ...head,
    score,
    best: {
      at: isoUtc(best.atMs),
      box: best.box,
      score: best.score,
      whole_path: best.wholePath,
      crop_path: best.cropPath,
    },
    zones,
    crossings: crossings.map(({ atMs, ...crossing }) => ({ ...crossing, at: isoUtc(atMs) })),
    trace: trace.map(({ atMs, box }) => ({ at: isoUtc(atMs), box })),
  };
}

function headJson(event: ListedEvent): Record<string, unknown> {
  const { cameraId, kind, startMs, endMs } = event;
  return {
    event_id: isSeen(event) ? event.eventId : null,
    camera_id: cameraId,
    kind,
    class: isSeen(event) ? event.class : null,
    start: isoUtc(startMs),
    end: endMs === null ? null : isoUtc(endMs),
  };
}

/** A window that the prompt offers: its name, and what it is. */
export interface EventChoice {
  readonly name: string;
  readonly line: string;
  readonly event: VisionEvent;
}

/** @param newest A camera's newest event of each class. */
export function eventChoices(newest: readonly VisionEvent[], timeZone: string): EventChoice[] {
  return newest.map((event) => {
    const name = `last ${titleOf(event)}`;
    const at = describeInstant(event.startMs, timeZone);
    return { name, line: `${name}: ${at}, ${lengthOf(event)}`, event };
  });
}

function isSeen(event: ListedEvent): event is VisionEvent {
  return event.kind === "object_detected" || event.kind === "motion_detected";
}
