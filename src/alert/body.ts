/**
 * An alert as other programs get it: the body of a webhook, the standard input of
 * a command, a file of the queue. docs/alerts.md, "The body" has the same table.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { isoUtc, type UnixMs } from "../base/units.ts";
import { type Alert, ALERT_KINDS } from "../model/alert.ts";
import { PRIORITIES } from "../model/vision_settings.ts";

export const ALERT_FORMAT = "lookback-alert-1";

const time = z.iso.datetime();

/** Fields in the order in which they are written. */
export const alertBodySchema = z.object({
  format: z.literal(ALERT_FORMAT).describe("Changes when a field changes its meaning"),
  id: z.string().describe("The event's id and the rule's name; unique"),
  rule: z.string().describe("Name of the rule that made it"),
  priority: z.enum(PRIORITIES).describe("How grave it is"),
  text: z.string().describe("One line for people"),
  time: time.describe("When it was decided"),
  test: z.boolean().describe("True for what `lookback alerts test` makes up"),
  kind: z.enum(ALERT_KINDS).describe("What happened"),
  event_id: z.string().describe("The event; several rules may tell of the same one"),
  camera_id: z.string().describe("The camera"),
  camera_name: z.string().describe("Its name for people"),
  class: z.string().nullable().describe(
    "What was seen, such as `person`; null for all but objects",
  ),
  zones: z.array(z.string()).describe("Zones that it was in"),
  lines: z.array(z.string()).describe("Lines that it crossed"),
  score: z.number().nullable().describe("0 to 1; null for what is not seen"),
  start: time.describe("When the event began"),
  local_time: z.string().describe("The same by the clocks of the rule's zone, for people"),
  end: time.nullable().describe("When it ended; null while it goes on"),
  picture_path: z.string().nullable()
    .describe("Picture of it, below the storage root; null where there is none yet"),
  crop_path: z.string().nullable().describe("The same, cut out"),
  cause: z.string().nullable().describe("Why there is no stream or no footage"),
  detail: z.string().describe("More for people; may be empty"),
});

export type AlertBody = z.infer<typeof alertBodySchema>;

export function toBody(alert: Alert): AlertBody {
  return {
    format: ALERT_FORMAT,
    id: alert.alertId,
    rule: alert.rule,
    priority: alert.priority,
    text: alert.text,
    time: isoUtc(alert.atMs),
    test: alert.isTest,
    kind: alert.kind,
    event_id: alert.eventId,
    camera_id: alert.cameraId,
    camera_name: alert.cameraName,
    class: alert.class,
    zones: [...alert.zones],
    lines: [...alert.lines],
    score: alert.score,
    start: isoUtc(alert.startMs),
    local_time: alert.localTime,
    end: isoOrNull(alert.endMs),
    picture_path: alert.pictures.wholePath,
    crop_path: alert.pictures.cropPath,
    cause: alert.cause,
    detail: alert.detail,
  };
}

/** The body as text, the same wherever it goes. */
export function bodyText(alert: Alert): string {
  return JSON.stringify(toBody(alert));
}

/** Reads what {@linkcode bodyText} wrote; undefined for anything else. */
export function readBody(text: string): AlertBody | undefined {
  try {
    return alertBodySchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isoOrNull(atMs: UnixMs | null): string | null {
  return atMs === null ? null : isoUtc(atMs);
}
