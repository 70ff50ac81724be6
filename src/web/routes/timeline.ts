/**
 * A camera's timeline: spans, gaps with their causes, how much was seen, events.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import { isoUtc } from "../../base/units.ts";
import type { TimeWindow } from "../../model/window.ts";
import type { Timeline, WebParts } from "../doors.ts";
import { needs, type WebApp } from "../needs.ts";
import { cameraUnknown, problems } from "../problem.ts";
import { checkedWindow, instantInAnswer, isoOrNull, windowQuery } from "../query_times.ts";
import { cameraParams } from "./cameras.ts";

/** A year is read in one go, but no page shows more at once. */
const LONGEST = { ms: 32 * 86_400_000, words: "32 days" } as const;

const MOST_BUCKETS = 5_000;

const stretchSchema = z.object({ from: instantInAnswer, to: instantInAnswer });

const timelineSchema = z.object({
  from: instantInAnswer,
  to: instantInAnswer,
  spans: z.array(stretchSchema).openapi({ description: "Where footage lies, in order" }),
  gaps: z.array(stretchSchema.extend({
    cause: z.string().openapi({ example: "camera-unreachable" }),
    detail: z.string(),
  })).openapi({ description: "Where it is missing; with the spans they fill the window" }),
  motion: z.array(z.number().min(0).max(1)).openapi({
    description: "Share of each of the equal parts of the window in which something was seen",
    example: [0, 0.25, 1],
  }),
  events: z.array(z.object({
    id: z.string().openapi({ example: "front-1795293429000-1" }),
    kind: z.string().openapi({ example: "object_detected" }),
    class: z.string().nullable().openapi({ example: "person" }),
    from: instantInAnswer,
    to: instantInAnswer.nullable().openapi({ description: "Null while it goes on" }),
    score: z.number(),
  })).openapi({ description: "That share time with the window, in order of their starts" }),
  eventsThinned: z.boolean().openapi({
    description: "There were too many events: these are the surest of each class, part by part",
  }),
}).openapi("Timeline");

const route = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/timeline",
  summary: "What there is of a camera in a window, and what is missing",
  tags: ["Recorded"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: {
    params: cameraParams,
    query: z.object({
      ...windowQuery,
      buckets: z.coerce.number().int().min(1).max(MOST_BUCKETS).default(600).openapi({
        description: "Into how many parts the window is divided for `motion`",
        example: 600,
      }),
    }),
  },
  responses: {
    200: {
      description: "The timeline",
      content: { "application/json": { schema: timelineSchema } },
    },
    ...problems(400, 401, 403, 404),
  },
});

export function addTimelineRoutes(app: WebApp, { archive }: Pick<WebParts, "archive">): void {
  app.openapi(route, async (context) => {
    const { cameraId } = context.req.valid("param");
    const { buckets, ...query } = context.req.valid("query");
    if (!archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
    const window = checkedWindow(query, LONGEST);
    const timeline = await archive.timeline(cameraId, window, buckets);
    return context.json(toAnswer(timeline, window), 200);
  });
}

function toAnswer(
  { spans, gaps, motion, events, isThinned }: Timeline,
  window: TimeWindow,
): z.infer<typeof timelineSchema> {
  return {
    ...toStretch(window),
    spans: spans.map(toStretch),
    gaps: gaps.map((gap) => ({ ...toStretch(gap), cause: gap.cause, detail: gap.detail })),
    motion: [...motion],
    events: events.map((event) => ({
      id: event.eventId,
      kind: event.kind,
      class: event.class,
      from: isoUtc(event.startMs),
      to: isoOrNull(event.endMs),
      score: event.score,
    })),
    eventsThinned: isThinned,
  };
}

function toStretch({ fromMs, toMs }: TimeWindow): { from: string; to: string } {
  return { from: isoUtc(fromMs), to: isoUtc(toMs) };
}
