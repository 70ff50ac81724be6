/**
 * Who asks, and what a route needs of them.
 *
 * Every route names what it needs: `middleware: [needs("viewer", "cameraId")] as const`.
 * One that doesn't, and isn't in OPEN_PATHS of src/web/app.ts, stops the server at
 * its start, and a test walks the table of routes without a log-in.
 *
 * Paths of routes are written whole (`/api/v1/cameras/{cameraId}/still`). A
 * placeholder fills a whole segment: `/api/v1/recordings/{file}` with a pattern
 * for `file`, never `{batchId}.mp4`, which the router takes for a name.
 *
 * Design: docs/design/security.md
 *
 * @module
 */

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { cameraUnknown, Problem } from "./problem.ts";

/** Each may do what those before it may. */
export const ROLES = ["viewer", "operator", "administrator"] as const;

export type Role = (typeof ROLES)[number];

/** Whoever asks: a person who is logged in, or a program with a token. */
export interface Actor {
  readonly kind: "user" | "token";
  readonly name: string;
  readonly role: Role;
  /** Ids of the cameras that may be seen; cameras that are gone may be among them. */
  readonly cameras: "all" | readonly string[];
  /** May do nothing but set an own password. */
  readonly mustChangePassword: boolean;
  /** Id of the session or of the token: what ends when it is taken back. */
  readonly grantId: string;
}

/** What src/web/server.ts knows of a request beside the request. */
export interface Arrival {
  /** Address of the client, as far as it can be trusted: see docs/design/security.md. */
  readonly client: string;
  /** Host and port that the client asked for. */
  readonly host: string;
  /** Whether the client's way to us is encrypted, here or by the proxy before us. */
  readonly isSecure: boolean;
  /** The connection belongs to somebody who is logged in: it is not closed for a stranger's. */
  readonly welcome: () => void;
}

export type WebEnv = {
  Bindings: Arrival;
  Variables: {
    /** Only after `needs()`; the other routes know nobody. */
    actor: Actor;
    /** Writes a line of the audit trail in the name of the actor. */
    audit: (action: string, subject: string, detail?: string) => void;
    /**
     * Its signal is aborted when the log-in ends or its rights change. Whatever goes on
     * for long (WebSocket, events, live pictures) ends then. Only after `needs()`.
     */
    granted: () => AbortSignal;
  };
};

/**
 * Routes with a body say `required: true` of it: else one of another kind is not
 * checked. Tests of single routes start from bareApp() (src/web/bare_app.ts) and set
 * `actor`, `audit` and `granted` in a middleware.
 */
export type WebApp = OpenAPIHono<WebEnv>;

const guards = new WeakSet<object>();

/**
 * Lets a request pass whose actor has the role (or a higher one) and, with
 * `camera`, may see the camera that the path names.
 *
 * @throws {Problem} 401 without a log-in, 403 without the role, 404 for a camera
 * that the actor may not see.
 */
export function needs(role: Role, camera?: "cameraId"): MiddlewareHandler<WebEnv> {
  const guard: MiddlewareHandler<WebEnv> = async (context, next) => {
    const actor: Actor | undefined = context.get("actor");
    if (actor === undefined) throw notLoggedIn();
    if (actor.mustChangePassword) throw passwordChangeNeeded();
    if (!hasRole(actor, role)) throw roleMissing(role);
    const cameraId = camera === undefined ? undefined : context.req.param(camera);
    if (cameraId !== undefined && !maySee(actor, cameraId)) throw cameraUnknown(cameraId);
    await next();
  };
  guards.add(guard);
  return guard;
}

/** For the two routes of somebody who has yet to set a password of their own. */
export function needsOnlyLogIn(): MiddlewareHandler<WebEnv> {
  const guard: MiddlewareHandler<WebEnv> = async (context, next) => {
    const actor: Actor | undefined = context.get("actor");
    if (actor === undefined) throw notLoggedIn();
    await next();
  };
  guards.add(guard);
  return guard;
}

/** Whether a handler of the table of routes came from {@linkcode needs}. */
export function isGuard(handler: object): boolean {
  return guards.has(handler);
}

export function hasRole(actor: Pick<Actor, "role">, role: Role): boolean {
  return ROLES.indexOf(actor.role) >= ROLES.indexOf(role);
}

/** For what names its camera elsewhere than in the path: bodies, queries, ids of batches. */
export function maySee(actor: Pick<Actor, "cameras">, cameraId: string): boolean {
  return actor.cameras === "all" || actor.cameras.includes(cameraId);
}

export function notLoggedIn(): Problem {
  return new Problem(401, "not-logged-in", "This needs a log-in", {
    fix: ["log in at /login", 'or send a token: "Authorization: Bearer TOKEN"'],
    headers: { "www-authenticate": "Bearer" },
  });
}

function passwordChangeNeeded(): Problem {
  return new Problem(
    403,
    "password-change-needed",
    "The password was given by somebody else and must be changed first",
    { fix: ["POST /api/v1/session/password with the old and a new one"] },
  );
}

function roleMissing(role: Role): Problem {
  return new Problem(403, "role-missing", `This needs the role "${role}"`);
}
