/**
 * What programs are told of an alert, wherever it goes: the fields that a webhook's
 * body and a message to the broker have in common, with their meaning.
 *
 * The order of the fields is the order in which they are written; a webhook's body is
 * signed with it.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { isoUtc } from "../base/units.ts";
import { type Alert, ALERT_KINDS } from "./alert.ts";
import { PRIORITIES } from "./vision_settings.ts";

const time = z.iso.datetime();

/** What the rule made of it. */
export const ruleShape = {
  rule: z.string().describe("Name of the rule that made it"),
  priority: z.enum(PRIORITIES).describe("How grave it is"),
  text: z.string().describe("One line for people"),
};

/** What happened. */
export const occurrenceShape = {
  kind: z.enum(ALERT_KINDS).describe("What happened"),
  "event_id": z.string().describe("The event; several rules may tell of the same one"),
  "camera_id": z.string().describe("The camera"),
  "camera_name": z.string().describe("The camera's name for people"),
  class: z.string().nullable().describe(
    "What was seen, such as `person`; null for all but objects",
  ),
  zones: z.array(z.string()).describe("Zones that it was in"),
  lines: z.array(z.string()).describe("Lines that it crossed"),
  score: z.number().nullable().describe("0 to 1; null for what is not seen"),
  start: time.describe("When the event began"),
  "local_time": z.string().describe("The same by the clocks of the rule's zone, for people"),
  end: time.nullable().describe("When it ended; null while it goes on"),
  "picture_path": z.string().nullable()
    .describe("Picture of it, below the storage root; null where there is none yet"),
  "crop_path": z.string().nullable().describe("The same, cut out"),
  cause: z.string().nullable().describe("Why there is no stream or no footage"),
  detail: z.string().describe("More for people; may be empty"),
};

/** What each way out has too, but at a place, or by a name, of its own. */
export const alertParts = {
  id: z.string().describe("The event's id and the rule's name; unique"),
  test: z.boolean().describe("True for what `lookback alerts test` makes up"),
};

type Fields<Shape extends z.core.$ZodShape> = z.output<z.ZodObject<Shape>>;

export function ruleFields({ rule, priority, text }: Alert): Fields<typeof ruleShape> {
  return { rule, priority, text };
}

export function occurrenceFields(alert: Alert): Fields<typeof occurrenceShape> {
  return {
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
    end: alert.endMs === null ? null : isoUtc(alert.endMs),
    picture_path: alert.pictures.wholePath,
    crop_path: alert.pictures.cropPath,
    cause: alert.cause,
    detail: alert.detail,
  };
}
