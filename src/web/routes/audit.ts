/**
 * The audit trail, to be read by administrators.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Access } from "../access/access.ts";
import { needs, type WebApp } from "../needs.ts";
import { problems } from "../problem.ts";
import { isoSchema, jsonAnswer } from "./access_answers.ts";

const entrySchema = z.object({
  at: isoSchema,
  actor: z.string().openapi({ example: "user:anna" }),
  action: z.string().openapi({ example: "log-in" }),
  subject: z.string().openapi({ example: "user:anna" }),
  detail: z.string().openapi({ example: "from 192.0.2.7" }),
}).openapi("AuditEntry");

const route = createRoute({
  method: "get",
  path: "/api/v1/audit",
  summary: "Who did what",
  description: "Log-ins, exports, shares and changes; the newest first.",
  tags: ["Access"],
  middleware: [needs("administrator")] as const,
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1_000).default(200).openapi({
        description: "Entries at most",
        example: 200,
      }),
    }),
  },
  responses: {
    200: jsonAnswer("The entries", z.object({ entries: z.array(entrySchema) })),
    ...problems(400, 401, 403),
  },
});

export function addAuditRoutes(app: WebApp, { access }: { readonly access: Access }): void {
  app.openapi(route, async (context) => {
    const { limit } = context.req.valid("query");
    return context.json({ entries: await access.audit.newest(limit) }, 200);
  });
}
