/**
 * Numbers for Prometheus.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { WebParts } from "../doors.ts";
import { metricsText } from "../metrics_text.ts";
import { maySee, needs, type WebApp } from "../needs.ts";
import { problems } from "../problem.ts";
import { seenBy } from "./system.ts";

type MetricsParts = Pick<WebParts, "system" | "live" | "news" | "exports" | "version">;

export function addMetricsRoutes(app: WebApp, parts: MetricsParts): void {
  const { system, live, news, exports, version } = parts;
  app.openapi(
    createRoute({
      method: "get",
      path: "/metrics",
      summary: "Numbers for Prometheus",
      description: "Give it a token with the role viewer.",
      tags: ["system"],
      middleware: [needs("viewer")] as const,
      responses: {
        200: {
          description: "Text format 0.0.4",
          content: { "text/plain": { schema: z.string() } },
        },
        ...problems(401, 403),
      },
    }),
    async (context) => {
      const actor = context.get("actor");
      const counts = live.counts();
      const text = metricsText({
        version,
        system: seenBy(actor, await system.facts()),
        live: {
          ...counts,
          viewers: counts.viewers.filter(({ cameraId }) => maySee(actor, cameraId)),
        },
        news: news.counters,
        exports: exports.counts(),
      });
      const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
      return context.body(text, 200, headers) as never;
    },
  );
}
