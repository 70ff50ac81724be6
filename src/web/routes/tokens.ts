/**
 * Tokens: how programs ask. Each has a role and cameras of its own.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Access } from "../access/access.ts";
import { withoutToken, withToken } from "../access/accounts.ts";
import type { Token } from "../access/records.ts";
import { hashOf, newId, newToken } from "../access/secret_texts.ts";
import { needs, type WebApp } from "../needs.ts";
import { Problem, problems } from "../problem.ts";
import { instantSchema } from "../query_times.ts";
import {
  camerasSchema,
  idParams,
  iso,
  isoSchema,
  jsonAnswer,
  jsonBody,
  orProblem,
  roleSchema,
} from "./access_answers.ts";
import { rightsText } from "./users.ts";

/** So that a token is known as one, wherever it turns up. */
const TOKEN_PREFIX = "lbt_";

const nameSchema = z.string().min(1).max(64)
  .refine((name) => !/\p{Cc}/u.test(name), { error: "without control characters" })
  .openapi({ description: "What it is for", example: "home automation" });

const tokenSchema = z.object({
  id: idParams.shape.id,
  name: nameSchema,
  role: roleSchema,
  cameras: camerasSchema,
  created: isoSchema,
  expires: isoSchema.nullable(),
  by: z.string().openapi({ description: "Who made it", example: "anna" }),
}).openapi("Token");

const common = { tags: ["Access"], middleware: needs("administrator") };

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/api/v1/tokens",
  summary: "All tokens",
  responses: {
    200: jsonAnswer("The tokens", z.object({ tokens: z.array(tokenSchema) })),
    ...problems(401, 403),
  },
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/api/v1/tokens",
  summary: "Make a token",
  request: {
    body: jsonBody(z.strictObject({
      name: nameSchema,
      role: roleSchema,
      cameras: camerasSchema,
      expires: instantSchema.optional().openapi({
        description: "By default it never ends",
        example: "2027-12-31T00:00:00.000Z",
      }),
    })),
  },
  responses: {
    201: jsonAnswer(
      "The token, which is said this once",
      tokenSchema.extend({
        token: z.string().openapi({
          description: 'To be sent as "Authorization: Bearer TOKEN"',
          example: "lbt_mH2…",
        }),
      }).openapi("NewToken"),
    ),
    ...problems(400, 401, 403, 409, 413, 415),
  },
});

const removeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/api/v1/tokens/{id}",
  summary: "Take a token back",
  description: "Ends all that goes on with it, and the shares that it made.",
  request: { params: idParams },
  responses: { 204: { description: "Taken back" }, ...problems(400, 401, 403, 404) },
});

export function addTokenRoutes(app: WebApp, { access, clock }: {
  readonly access: Access;
  readonly clock: { now(): number };
}): void {
  app.openapi(
    listRoute,
    (context) => context.json({ tokens: access.data.tokens.map(answerOf) }, 200),
  );
  app.openapi(addRoute, async (context) => {
    const { name, role, cameras, expires } = context.req.valid("json");
    const createdMs = clock.now();
    if (expires !== undefined && expires <= createdMs) {
      throw new Problem(400, "request-invalid", "The token would have ended already");
    }
    const text = `${TOKEN_PREFIX}${newToken()}`;
    const token: Token = {
      ...{ id: newId(), name, role, cameras, hash: hashOf(text), createdMs },
      expiresMs: expires ?? null,
      by: context.var.actor.name,
    };
    await orProblem(() => access.change((before) => withToken(before, token)));
    context.var.audit("token-added", `token:${name}`, rightsText({ role, cameras }));
    return context.json({ ...answerOf(token), token: text }, 201);
  });
  app.openapi(removeRoute, async (context) => {
    const { id } = context.req.valid("param");
    const name = access.data.tokens.find((each) => each.id === id)?.name ?? id;
    await orProblem(() => access.change((before) => withoutToken(before, id)));
    context.var.audit("token-removed", `token:${name}`);
    return context.body(null, 204);
  });
}

function answerOf(token: Token): z.infer<typeof tokenSchema> {
  const { id, name, role, cameras, createdMs, expiresMs, by } = token;
  const expires = expiresMs === null ? null : iso(expiresMs);
  return { id, name, role, cameras, created: iso(createdMs), expires, by };
}
