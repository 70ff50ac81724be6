/**
 * The whole API and the page as one function from request to answer.
 *
 * Nothing is open that isn't in {@linkcode OPEN_ROUTES} or a file of the page: each
 * other route begins with a guard (src/web/needs.ts), and {@linkcode createWebApp}
 * refuses a table of routes where one doesn't.
 *
 * In:   the doors to the other rooms (src/web/doors.ts), accounts, the page's files.
 * Out:  a {@linkcode WebApp}; src/web/server.ts gives it requests.
 * Not here: connections, TLS, headers of every answer (src/web/server.ts).
 *
 * Design: docs/design/security.md
 *
 * @module
 */

import type { OpenAPIHono } from "@hono/zod-openapi";
import { InvariantError } from "../base/errors.ts";
import type { Access } from "./access/access.ts";
import { bareApp, pathUnknown } from "./bare_app.ts";
import type { WebParts } from "./doors.ts";
import { front } from "./front.ts";
import { isGuard, needs, type WebApp, type WebEnv } from "./needs.ts";
import { openapiDocument } from "./openapi_document.ts";
import { Problem } from "./problem.ts";
import { addAssetRoutes, assetPaths, type Assets } from "./routes/assets.ts";
import { addAuditRoutes } from "./routes/audit.ts";
import { addCameraRoutes } from "./routes/cameras.ts";
import { addCaseRoutes } from "./routes/cases.ts";
import { addConfigRoutes } from "./routes/config.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addExportRoutes } from "./routes/exports.ts";
import { addFilmRoutes } from "./routes/film.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addLiveRoutes } from "./routes/live.ts";
import { addMetricsRoutes } from "./routes/metrics.ts";
import { addRecordedRoutes } from "./routes/recorded.ts";
import { addSessionRoutes } from "./routes/session.ts";
import { addShareRoutes, SHARE_STYLE_PATH } from "./routes/shares.ts";
import { addStillRoutes } from "./routes/stills.ts";
import { addStreamRoutes } from "./routes/stream.ts";
import { addSystemRoutes } from "./routes/system.ts";
import { addTimelineRoutes } from "./routes/timeline.ts";
import { addTokenRoutes } from "./routes/tokens.ts";
import { addUserRoutes } from "./routes/users.ts";

/** All that the app is made of. */
export interface AppParts extends WebParts {
  readonly access: Access;
  readonly assets: Assets;
}

/** Routes for everybody, beside the page's files. */
export const OPEN_ROUTES: readonly string[] = [
  "GET /healthz",
  "POST /api/v1/session",
  "GET /share/:token",
  "GET /share/:token/film.mp4",
  `GET ${SHARE_STYLE_PATH}`,
];

/** A route as it stands in the table. */
export interface TableRow {
  readonly method: string;
  /** With placeholders such as ":cameraId". */
  readonly path: string;
}

/** @throws {InvariantError} If a route is neither guarded nor one of the open ones. */
export function createWebApp(parts: AppParts): WebApp {
  const app = bareApp();
  const open = new Set([
    ...OPEN_ROUTES,
    ...assetPaths(parts.assets).map((path) => `GET ${path}`),
  ]);
  const isOpen = openPaths(open);
  app.use(front({ access: parts.access, isOpen }));
  addAllRoutes(app, parts);
  addDocumentRoute(app, parts.version);
  refuseUnguarded(app, open);
  refuseOptionalBodies(app);
  const table = routeTable(app);
  app.notFound((context) => {
    const { method, path } = context.req;
    throw otherMethod(table, { method, path }) ?? pathUnknown(path);
  });
  return app;
}

function addAllRoutes(app: WebApp, parts: AppParts): void {
  addAssetRoutes(app, parts);
  addHealthRoutes(app, parts);
  addSessionRoutes(app, parts);
  addUserRoutes(app, parts);
  addTokenRoutes(app, parts);
  addAuditRoutes(app, parts);
  addShareRoutes(app, parts);
  addCameraRoutes(app, parts);
  addLiveRoutes(app, parts);
  addTimelineRoutes(app, parts);
  addStillRoutes(app, parts);
  addRecordedRoutes(app, parts);
  addFilmRoutes(app, parts);
  addEventRoutes(app, parts);
  addExportRoutes(app, parts);
  addCaseRoutes(app, parts);
  addSystemRoutes(app, parts);
  addConfigRoutes(app, parts);
  addStreamRoutes(app, parts);
  addMetricsRoutes(app, parts);
}

/** Made when it is asked for first: it takes a while. */
function addDocumentRoute(app: WebApp, version: string): void {
  let text: string | undefined;
  app.get("/api/openapi.json", needs("viewer"), (context) => {
    text ??= JSON.stringify(openapiDocument(app, version));
    return context.body(text, 200, { "content-type": "application/json" });
  });
}

/** Every route, once. Of what is for all methods (this app's own front) nothing is in it. */
export function routeTable(app: OpenAPIHono<WebEnv>): readonly TableRow[] {
  const rows = new Map<string, TableRow>();
  for (const { method, path } of app.routes) {
    if (method !== "ALL") rows.set(`${method} ${path}`, { method, path });
  }
  return [...rows.values()];
}

function refuseUnguarded(app: WebApp, open: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (const { method, path, handler } of app.routes) {
    const row = `${method} ${path}`;
    if (method === "ALL" || seen.has(row)) continue;
    seen.add(row);
    // The first handler of a row is the one that a request meets first.
    if (!open.has(row) && !isGuard(handler)) {
      throw new InvariantError(`The route "${row}" does not say what it needs`);
    }
  }
}

/** A body that need not be there is not checked when it comes as another kind. */
function refuseOptionalBodies(app: WebApp): void {
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { method, path, request } = definition.route;
    if (request?.body !== undefined && request.body.required !== true) {
      throw new InvariantError(`The body of "${method} ${path}" is not required`);
    }
  }
}

/** Whether a request may pass without a log-in. HEAD is a GET without its body. */
function openPaths(open: ReadonlySet<string>): (method: string, path: string) => boolean {
  const rows = [...open].map((row) => {
    const [method = "", path = ""] = row.split(" ");
    return { method, pattern: patternOf(path) };
  });
  return (method, path) =>
    rows.some((row) =>
      row.pattern.test(path) && row.method === (method === "HEAD" ? "GET" : method)
    );
}

/** 405 where the path is right and the method isn't. */
function otherMethod(
  table: readonly TableRow[],
  { method, path }: TableRow,
): Problem | undefined {
  const methods = table.filter((row) => patternOf(row.path).test(path)).map((row) => row.method);
  if (methods.length === 0) return undefined;
  const allow = [...new Set(methods.flatMap((each) => each === "GET" ? ["GET", "HEAD"] : [each]))];
  return new Problem(405, "method-not-allowed", `"${method}" is not possible here`, {
    headers: { allow: allow.join(", ") },
  });
}

/** A path of the table as a regular expression: ":name" stands for one segment. */
function patternOf(path: string): RegExp {
  const parts = path.split("/").map((part) => {
    const [, pattern] = /^:\w+(?:\{(.+)\})?$/.exec(part) ?? [];
    if (part.startsWith(":")) return pattern ?? "[^/]+";
    return part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("/")}$`);
}
