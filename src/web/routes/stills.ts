/**
 * Single pictures: the still of a second as it was made while recording, and the
 * exact frame of an instant, decoded when it is asked for.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Clock } from "../../base/clock.ts";
import { isoUtc, type UnixMs } from "../../base/units.ts";
import type { StillPicture, WebParts } from "../doors.ts";
import { needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { instantSchema } from "../query_times.ts";
import { cameraParams } from "./cameras.ts";

/** A still is on the disk that long after its time at the latest, in milliseconds. */
const STILLS_LATE_MS = 30_000;

/** The picture of a past instant stays what it is. An hour, as other pages may show it again. */
const PAST = "private, max-age=3600";

const picture = {
  headers: z.object({
    "x-lookback-time": z.string().openapi({
      description: "Time of the picture",
      example: "2026-11-21T20:57:09.000Z",
    }),
  }),
  content: { "image/jpeg": { schema: { type: "string", format: "binary" } } },
} as const;

const stillRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/still",
  summary: "The newest still at or before an instant",
  description: "Without `at` the newest of all. Where footage is missing it is one from before.",
  tags: ["Recorded"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams, query: z.object({ at: instantSchema.optional() }) },
  responses: {
    200: { description: "The still", ...picture },
    ...problems(400, 401, 403, 404),
  },
});

const pictureRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/picture",
  summary: "The frame that was on show at an instant",
  description: "Decoded from the recording. Of the newest seconds there is none yet.",
  tags: ["Recorded"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams, query: z.object({ at: instantSchema }) },
  responses: {
    200: { description: "The frame", ...picture },
    ...problems(400, 401, 403, 404, 503),
  },
});

export function addStillRoutes(
  app: WebApp,
  { archive, clock }: Pick<WebParts, "archive" | "clock">,
): void {
  app.openapi(stillRoute, async (context) => {
    const { cameraId } = context.req.valid("param");
    const { at } = context.req.valid("query");
    if (!archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
    const still = await archive.still(cameraId, at);
    if (still === undefined) throw new Problem(404, "no-still", "There is no still of that time");
    return toResponse(still, isPast(at, clock) ? PAST : "no-store");
  });
  app.openapi(pictureRoute, async (context) => {
    const { cameraId } = context.req.valid("param");
    const { at } = context.req.valid("query");
    if (!archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
    const found = await archive.picture(cameraId, at, context.req.raw.signal);
    if (found === undefined) {
      throw new Problem(404, "no-footage", "Nothing is recorded of that time");
    }
    return toResponse(found, PAST);
  });
}

function isPast(atMs: UnixMs | undefined, clock: Clock): boolean {
  return atMs !== undefined && atMs < clock.now() - STILLS_LATE_MS;
}

function toResponse({ jpeg, atMs }: StillPicture, cacheControl: string): Response {
  return new Response(jpeg as Uint8Array<ArrayBuffer>, {
    headers: {
      "content-type": "image/jpeg",
      "content-length": String(jpeg.length),
      "cache-control": cacheControl,
      "x-lookback-time": isoUtc(atMs),
    },
  });
}
