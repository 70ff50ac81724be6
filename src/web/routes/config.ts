/**
 * The settings file: shown without secrets, checked, applied.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { ConfigMistake, WebParts } from "../doors.ts";
import { needs, type WebApp } from "../needs.ts";
import { Problem, problems } from "../problem.ts";

/** As large as a settings file may be that a person writes, in characters. */
const LONGEST_YAML = 500_000;

const yamlBody = z.strictObject({
  yaml: z.string().max(LONGEST_YAML).openapi({
    description: 'The whole file. "***" stands for the secret that the file has at this place',
    example: "cameras:\n  - id: lab\n    source: test://1280x720@25\n",
  }),
});

const configSchema = z.object({
  path: z.string().nullable().openapi({ description: "Null where there is no file" }),
  yaml: z.string().openapi({ description: "The file, with secrets masked" }),
  schema: z.unknown().openapi({ description: "JSON Schema of the file" }),
  values: z.unknown().openapi({ description: "What is in effect, with secrets masked" }),
}).openapi("Config");

const checkSchema = z.object({
  ok: z.boolean(),
  mistakes: z.array(z.object({
    line: z.int(),
    column: z.int(),
    key: z.string().openapi({ example: "cameras[0].source" }),
    message: z.string(),
  })),
}).openapi("ConfigCheck");

const TAGS = ["system"];

export function addConfigRoutes(app: WebApp, { system }: Pick<WebParts, "system">): void {
  addShowRoute(app, system);
  addApplyRoute(app, system);
  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/config/check",
      summary: "What is wrong with a settings file",
      tags: TAGS,
      middleware: [needs("administrator")] as const,
      request: { body: { required: true, content: { "application/json": { schema: yamlBody } } } },
      responses: {
        200: {
          description: "Every mistake with its place",
          content: { "application/json": { schema: checkSchema } },
        },
        ...problems(400, 401, 403),
      },
    }),
    async (context) => {
      const mistakes = await system.checkConfig(context.req.valid("json").yaml);
      return context.json({ ok: mistakes.length === 0, mistakes: [...mistakes] }, 200);
    },
  );
}

/** Whoever sends a whole file says which one it is made of: another change is not lost by it. */
function addApplyRoute(app: WebApp, system: WebParts["system"]): void {
  app.openapi(
    createRoute({
      method: "put",
      path: "/api/v1/config",
      summary: "Put a settings file in place and have it read",
      description:
        "`If-Match` names the `ETag` of the file that was edited: 412 if it was changed " +
        "meanwhile, 428 without. The file before is kept beside it, with .before behind its name.",
      tags: TAGS,
      middleware: [needs("administrator")] as const,
      request: {
        headers: z.object({
          "if-match": z.string().optional().openapi({
            description: 'What GET said as `ETag`; "*" replaces whatever is there',
            example: "*",
          }),
        }),
        body: { required: true, content: { "application/json": { schema: yamlBody } } },
      },
      responses: {
        200: {
          description: "It is in effect",
          content: {
            "application/json": {
              schema: z.object({
                text: z.string().openapi({ example: "1 started, 0 restarted, 3 kept" }),
              }),
            },
          },
        },
        ...problems(400, 401, 403, 412, 422, 428),
      },
    }),
    async (context) => {
      const { "if-match": ifMatch } = context.req.valid("header");
      if (ifMatch === undefined) throw unnamed();
      const outcome = await system.applyConfig(context.req.valid("json").yaml, ifMatch);
      if (outcome.kind === "changed-meanwhile") throw changedMeanwhile();
      if (outcome.kind === "wrong") throw wrong(outcome.mistakes);
      const { text } = outcome;
      context.get("audit")("config-changed", "config", text);
      return context.json({ text }, 200);
    },
  );
}

function wrong(mistakes: readonly ConfigMistake[]): Problem {
  return new Problem(422, "config-invalid", `Found ${mistakes.length} mistakes`, {
    fix: mistakes.slice(0, 20).map(({ line, column, key, message }) =>
      `line ${line}, column ${column}: ${key} ${message}`
    ),
  });
}

function changedMeanwhile(): Problem {
  return new Problem(412, "config-changed", "Somebody else has changed the settings meanwhile", {
    fix: ["load them again, and make the change there"],
  });
}

function unnamed(): Problem {
  return new Problem(428, "if-match-missing", "Need the header If-Match", {
    fix: ['give the ETag of GET /api/v1/config, or "*" to replace whatever is there'],
  });
}

function addShowRoute(app: WebApp, system: WebParts["system"]): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/config",
      summary: "The settings file, its schema, and what is in effect",
      tags: TAGS,
      middleware: [needs("administrator")] as const,
      responses: {
        200: {
          description: "Without secrets",
          headers: z.object({
            etag: z.string().openapi({
              description: "Of the file's text, for If-Match",
              example: '"q1Rr7ZkUhjV0gRfdE2c0bA"',
            }),
          }),
          content: { "application/json": { schema: configSchema } },
        },
        ...problems(401, 403),
      },
    }),
    async (context) => {
      const { etag, ...facts } = await system.config();
      context.header("etag", etag);
      return context.json(facts, 200);
    },
  );
}
