/**
 * The settings file: shown without secrets, checked, applied.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { WebParts } from "../doors.ts";
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
  app.openapi(
    createRoute({
      method: "put",
      path: "/api/v1/config",
      summary: "Put a settings file in place and have it read",
      description: "The file before is kept beside it, with .before behind its name.",
      tags: TAGS,
      middleware: [needs("administrator")] as const,
      request: { body: { required: true, content: { "application/json": { schema: yamlBody } } } },
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
        ...problems(400, 401, 403, 422),
      },
    }),
    async (context) => {
      const { yaml } = context.req.valid("json");
      const mistakes = await system.checkConfig(yaml);
      const [first] = mistakes;
      if (first !== undefined) {
        throw new Problem(422, "config-invalid", `Found ${mistakes.length} mistakes`, {
          fix: mistakes.slice(0, 20).map(({ line, column, key, message }) =>
            `line ${line}, column ${column}: ${key} ${message}`
          ),
        });
      }
      const { text } = await system.applyConfig(yaml);
      context.get("audit")("config-changed", "config", text);
      return context.json({ text }, 200);
    },
  );
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
          content: { "application/json": { schema: configSchema } },
        },
        ...problems(401, 403),
      },
    }),
    async (context) => context.json({ ...await system.config() }, 200),
  );
}
