/**
 * Exactly the footage of a window as one MP4, computed and never written: its length
 * is known before its first byte, and any range of it can be asked for.
 *
 * It has the frames of an export of the same window (mode "exact"), but no receipt.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { TimeWindow } from "../../model/window.ts";
import { serveBytes } from "../byte_body.ts";
import type { WebParts } from "../doors.ts";
import { needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { checkedWindow, windowQuery } from "../query_times.ts";
import { cameraParams } from "./cameras.ts";

/** Longer ones are exported: planning a film takes memory for each frame. */
const LONGEST = { ms: 4 * 3_600_000, words: "4 hours" } as const;

const binary = { schema: { type: "string", format: "binary" } } as const;

const route = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/film.mp4",
  summary: "The footage of a window as one MP4",
  description: "Frame-exact, nothing encoded. The same question gets the same bytes as long as " +
    "the same recordings answer it; the entity tag says whether they do.",
  tags: ["Recorded"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: {
    params: cameraParams,
    query: z.object({
      ...windowQuery,
      gaps: z.enum(["keep", "join"]).default("keep").openapi({
        description: "Whether time without footage is left in, as a picture that stands",
        example: "keep",
      }),
    }),
  },
  responses: {
    200: { description: "The film", content: { "video/mp4": binary } },
    206: { description: "The range asked for", content: { "video/mp4": binary } },
    304: { description: "The asker has it" },
    ...problems(400, 401, 403, 404, 412, 416, 422, 503),
  },
});

export function addFilmRoutes(
  app: WebApp,
  { archive, clock }: Pick<WebParts, "archive" | "clock">,
): void {
  app.openapi(route, async (context) => {
    const { cameraId } = context.req.valid("param");
    const { gaps, ...query } = context.req.valid("query");
    if (!archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
    const window = checkedWindow(query, LONGEST);
    const body = await archive.film(cameraId, window, gaps);
    if (body === undefined) {
      throw new Problem(404, "no-footage", "Nothing is recorded of that time");
    }
    const fileName = filmName(cameraId, window);
    return serveBytes(context.req.raw, body, { contentType: "video/mp4", fileName, clock });
  });
}

/** As exports are named: `front_20261121T205709Z_60s.mp4`. */
export function filmName(cameraId: string, { fromMs, toMs }: TimeWindow): string {
  const from = new Date(fromMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return `${cameraId}_${from}Z_${Math.round((toMs - fromMs) / 1_000)}s.mp4`;
}
