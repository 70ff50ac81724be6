/**
 * Whether the server is there (for everybody) and whether all of it is ready.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { WebParts } from "../doors.ts";
import { needs, type WebApp } from "../needs.ts";
import { Problem, problems } from "../problem.ts";
import { jsonAnswer } from "./access_answers.ts";

const okSchema = z.object({ status: z.literal("ok").openapi({ example: "ok" }) });

const liveRoute = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Whether the server answers",
  tags: ["System"],
  security: [],
  responses: { 200: jsonAnswer("It does", okSchema) },
});

const readyRoute = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Whether recording has told how it does",
  tags: ["System"],
  middleware: [needs("viewer")] as const,
  responses: { 200: jsonAnswer("It has", okSchema), ...problems(401, 403, 503) },
});

export function addHealthRoutes(app: WebApp, { system }: Pick<WebParts, "system">): void {
  app.openapi(liveRoute, (context) => context.json({ status: "ok" } as const, 200));
  app.openapi(readyRoute, (context) => {
    if (!system.isReady()) {
      throw new Problem(503, "not-ready", "Nothing was heard from recording for some time", {
        headers: { "retry-after": "2" },
      });
    }
    return context.json({ status: "ok" } as const, 200);
  });
}
