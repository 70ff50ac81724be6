/**
 * The OpenAPI 3.1 document of the API, made from the schemas that requests are
 * checked with.
 *
 * @module
 */

import { SESSION_COOKIE } from "./front.ts";
import type { WebApp } from "./needs.ts";
import { PROBLEM_TYPE, problems } from "./problem.ts";

const DESCRIPTION = `See now, go back, take it with you: live pictures, recorded footage, exports.

Programs send a token with each request: \`Authorization: Bearer TOKEN\`. The page uses a cookie.
Times in answers are ISO 8601 in UTC with milliseconds; in questions they may also be milliseconds
since 1970. Every answer that is not what was asked for is a problem document (RFC 9457) with a
stable \`code\`.`;

/** What stands over the operations of each tag. */
const TAGS: Readonly<Record<string, string>> = {
  Cameras: "Which cameras there are, and how they do",
  Live: "What they show now",
  Recorded: "What they showed",
  Events: "What was seen",
  Exports: "Films to take away",
  Cases: "Films of several cameras in one archive",
  Stream: "News as they happen",
  System: "How everything does",
  Config: "The settings",
  Access: "Who may do what",
  Shares: "What strangers with a link get",
};

interface Operation {
  operationId?: string;
  tags?: string[];
  security?: readonly unknown[];
  requestBody?: unknown;
  responses?: Record<string, unknown>;
  [key: string]: unknown;
}

/** The document as plain data. */
export function openapiDocument(app: WebApp, version: string): Record<string, unknown> {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Lookback",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    servers: [{ url: "/", description: "This Lookback" }],
    security: [{ token: [] }, { session: [] }],
  });
  const used = new Set<string>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(item as Record<string, Operation>)) {
      operation.operationId ??= operationId(method, path);
      operation.tags = (operation.tags ?? []).map(capital);
      operation.responses = { ...frontAnswers(operation), ...operation.responses };
      for (const tag of operation.tags) used.add(tag);
    }
  }
  const tags = [...used].toSorted().map((name) => ({ name, description: TAGS[name] ?? name }));
  return { ...document, tags };
}

/** What is answered before a route sees a request (src/web/front.ts), or in its place. */
function frontAnswers({ security, requestBody }: Operation): Record<string, unknown> {
  const { 401: stranger, 403: forbidden, ...ofBody } = problems(400, 401, 403, 408, 413, 415);
  const isOpen = security?.length === 0;
  const answers = {
    ...(isOpen ? {} : { 401: stranger, 403: forbidden }),
    ...(requestBody === undefined ? {} : { 403: forbidden, ...ofBody }),
    ...problems(504),
  };
  const schema = { $ref: "#/components/schemas/Problem" };
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description }]) => [
      status,
      { description, content: { [PROBLEM_TYPE]: { schema } } },
    ]),
  );
}

/** "getCamerasByCameraIdStill" for `GET /api/v1/cameras/{cameraId}/still`. */
export function operationId(method: string, path: string): string {
  const words = path.replace(/^\/api\/v1\//, "/").split("/").filter((part) => part !== "")
    .map((part) => part.startsWith("{") ? `By${capital(part.slice(1, -1))}` : capital(part));
  return `${method}${words.join("") || "Page"}`;
}

function capital(word: string): string {
  return word.split(/[^A-Za-z0-9]+/).map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join("");
}
