/**
 * Events as the API says them.
 *
 * @module
 */

import { z } from "@hono/zod-openapi";
import { isoUtc } from "../base/units.ts";
import type { EventFacts } from "./doors.ts";
import { instantInAnswer, isoOrNull } from "./query_times.ts";

export const EVENT_KINDS = [
  ...["motion_detected", "object_detected"],
  ...["camera_offline", "camera_online", "recording_gap"],
] as const;

export const boxSchema = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
}).openapi("Box", {
  description: "In fractions of the picture; x and y are the left upper corner",
});

export const eventSchema = z.object({
  id: z.string().openapi({ example: "front-1795293429000-1" }),
  kind: z.string().openapi({ example: "object_detected" }),
  class: z.string().nullable().openapi({ example: "person" }),
  camera: z.string().openapi({ example: "front" }),
  from: instantInAnswer,
  to: instantInAnswer.nullable().openapi({
    description: "Null while it goes on, and for an instant",
  }),
  score: z.number().nullable(),
  zones: z.array(z.string()),
  crossings: z.array(z.object({ line: z.string(), at: instantInAnswer, direction: z.string() })),
  hasPicture: z.boolean(),
  cause: z.string().optional().openapi({ description: "Why there was no stream or no footage" }),
  detail: z.string().optional(),
  boxes: z.array(z.object({ at: instantInAnswer, box: boxSchema })).openapi({
    description: "Where the thing was, thinned",
  }),
}).openapi("Event");

export type EventJson = z.infer<typeof eventSchema>;

export function eventJson(event: EventFacts): EventJson {
  const { eventId: id, kind, cameraId: camera, score, zones, hasPicture, cause, detail } = event;
  return {
    ...{ id, kind, camera, score, hasPicture },
    class: event.class,
    from: isoUtc(event.startMs),
    to: isoOrNull(event.endMs),
    zones: [...zones],
    crossings: event.crossings.map(({ line, atMs, direction }) => ({
      line,
      at: isoUtc(atMs),
      direction,
    })),
    ...(cause === null ? {} : { cause }),
    ...(detail === null || detail === "" ? {} : { detail }),
    boxes: event.boxes.map(({ atMs, box }) => ({ at: isoUtc(atMs), box })),
  };
}
