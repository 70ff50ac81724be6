/**
 * What was seen, when cameras were away, where recording has gaps.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { EventFacts, WebParts } from "../doors.ts";
import { EVENT_KINDS, eventJson, eventSchema } from "../event_answers.ts";
import { type Actor, maySee, needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { instantSchema } from "../query_times.ts";

const eventIdParam = z.object({
  eventId: z.string().max(160).regex(/^[a-z0-9._-]+$/)
    .openapi({ example: "front-1795293429000-1" }),
});

const eventQuery = z.object({
  camera: z.string().max(64).optional().openapi({ example: "front" }),
  kind: z.enum(EVENT_KINDS).optional(),
  class: z.string().max(64).optional().openapi({ example: "person" }),
  zone: z.string().max(64).optional().openapi({ example: "drive" }),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

type EventParts = Pick<WebParts, "events">;

const TAGS = ["events"];

export function addEventRoutes(app: WebApp, { events }: EventParts): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/events",
      summary: "Events, the newest first",
      tags: TAGS,
      middleware: [needs("viewer")] as const,
      request: { query: eventQuery },
      responses: {
        200: {
          description: "Those that begin in the time asked for",
          content: {
            "application/json": {
              schema: z.object({
                events: z.array(eventSchema),
                isCut: z.boolean().openapi({ description: "There are older ones" }),
              }),
            },
          },
        },
        ...problems(400, 401, 404),
      },
    }),
    async (context) => {
      const { camera, kind = null, class: name = null, zone = null, from, to, limit } = context.req
        .valid("query");
      const cameraIds = wantedCameras(context.get("actor"), camera);
      const time = { fromMs: from ?? null, toMs: to ?? null };
      const list = await events.list({ cameraIds, kind, class: name, zone, ...time, limit });
      return context.json({ events: list.events.map(eventJson), isCut: list.isCut }, 200);
    },
  );
  addEventRoute(app, events);
  addPictureRoute(app, events);
}

function addEventRoute(app: WebApp, events: WebParts["events"]): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/events/{eventId}",
      summary: "One event",
      tags: TAGS,
      middleware: [needs("viewer")] as const,
      request: { params: eventIdParam },
      responses: {
        200: {
          description: "The event",
          content: { "application/json": { schema: eventSchema } },
        },
        ...problems(400, 401, 404),
      },
    }),
    async (context) => {
      const { eventId } = context.req.valid("param");
      const event = await seenEvent(events, eventId, context.get("actor"));
      return context.json(eventJson(event), 200);
    },
  );
}

function addPictureRoute(app: WebApp, events: WebParts["events"]): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/events/{eventId}/picture",
      summary: "The picture that shows an event best",
      tags: TAGS,
      middleware: [needs("viewer")] as const,
      request: {
        params: eventIdParam,
        query: z.object({
          crop: z.enum(["true", "false"]).default("false").openapi({
            description: "Only the thing itself",
          }),
        }),
      },
      responses: {
        200: {
          description: "A JPEG",
          content: { "image/jpeg": { schema: z.string().openapi({ format: "binary" }) } },
        },
        ...problems(400, 401, 404),
      },
    }),
    async (context) => {
      const { eventId } = context.req.valid("param");
      const part = context.req.valid("query").crop === "true" ? "crop" : "whole";
      const event = await seenEvent(events, eventId, context.get("actor"));
      const jpeg = await events.picture(eventId, part);
      if (jpeg === undefined) {
        throw new Problem(404, "picture-missing", "There is no picture of this event");
      }
      // While the event goes on a better picture may come.
      const cacheControl = event.endMs === null ? "private, no-store" : "private, max-age=86400";
      const headers = { "content-type": "image/jpeg", "cache-control": cacheControl };
      return new Response(new Uint8Array(jpeg), { status: 200, headers });
    },
  );
}

/** The cameras to look at; null for all. */
function wantedCameras(actor: Actor, camera: string | undefined): readonly string[] | null {
  if (camera === undefined) return actor.cameras === "all" ? null : actor.cameras;
  if (!maySee(actor, camera)) throw cameraUnknown(camera);
  return [camera];
}

async function seenEvent(
  events: WebParts["events"],
  eventId: string,
  actor: Actor,
): Promise<EventFacts> {
  const event = await events.get(eventId);
  if (event !== undefined && maySee(actor, event.cameraId)) return event;
  throw new Problem(404, "event-unknown", `There is no event "${eventId}"`);
}
