/**
 * Logging in and out, and one's own password.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Clock } from "../../base/clock.ts";
import type { Access, LogInRefusal } from "../access/access.ts";
import { LONGEST_PASSWORD } from "../access/passwords.ts";
import { SESSION_COOKIE } from "../front.ts";
import { type Actor, needsOnlyLogIn, type WebApp, type WebEnv } from "../needs.ts";
import { Problem, problems } from "../problem.ts";
import {
  camerasSchema,
  iso,
  isoSchema,
  jsonAnswer,
  jsonBody,
  orProblem,
  roleSchema,
} from "./access_answers.ts";

const sessionSchema = z.object({
  user: z.string().openapi({ example: "anna" }),
  role: roleSchema,
  cameras: camerasSchema,
  mustChangePassword: z.boolean().openapi({
    description: "Everything else is refused until the password is changed",
    example: false,
  }),
  expires: isoSchema.nullable().openapi({ description: "When the log-in ends" }),
}).openapi("Session");

/** Longer ones than anybody has are refused before they cost anything. */
const typed = z.string().max(LONGEST_PASSWORD * 4);

const logInRoute = createRoute({
  method: "post",
  path: "/api/v1/session",
  summary: "Log in",
  description: "Sets a cookie for browsers. Programs use a token instead.",
  tags: ["Access"],
  security: [],
  request: {
    body: jsonBody(
      z.object({ user: typed.min(1).max(256), password: typed }).openapi({
        example: { user: "anna", password: "correct horse battery" },
      }),
    ),
  },
  responses: {
    200: jsonAnswer("Logged in; the cookie is set", sessionSchema),
    ...problems(400, 401, 403, 413, 415, 429, 503),
  },
});

const readRoute = createRoute({
  method: "get",
  path: "/api/v1/session",
  summary: "Who is logged in",
  tags: ["Access"],
  middleware: [needsOnlyLogIn()] as const,
  responses: { 200: jsonAnswer("The log-in", sessionSchema), ...problems(401) },
});

const logOutRoute = createRoute({
  method: "delete",
  path: "/api/v1/session",
  summary: "Log out",
  description: "Ends the log-in and all that goes on under it.",
  tags: ["Access"],
  middleware: [needsOnlyLogIn()] as const,
  responses: { 204: { description: "Logged out" }, ...problems(401, 403) },
});

const passwordRoute = createRoute({
  method: "post",
  path: "/api/v1/session/password",
  summary: "Change one's own password",
  description: "Ends all other log-ins of the user.",
  tags: ["Access"],
  middleware: [needsOnlyLogIn()] as const,
  request: {
    body: jsonBody(
      z.object({ old: typed, new: typed }).openapi({
        example: { old: "k7mf-2xq9-dh3t-08va", new: "correct horse battery" },
      }),
    ),
  },
  responses: {
    204: { description: "Changed" },
    ...problems(400, 401, 403, 413, 415, 422, 429, 503),
  },
});

export function addSessionRoutes(app: WebApp, { access, clock }: {
  readonly access: Access;
  readonly clock: Pick<Clock, "now">;
}): void {
  const notes = new FailureNotes();
  app.openapi(logInRoute, async (context) => {
    const { user, password } = context.req.valid("json");
    const { client } = context.env;
    const outcome = await access.logIn({ user, password, client });
    if (outcome.kind !== "in") {
      notes.add(outcome.kind, (detail) =>
        access.audit.note({
          actor: "nobody",
          action: "log-in-failed",
          subject: `user:${user.trim().toLowerCase().slice(0, 64)}`,
          detail: `${detail}from ${client}`,
        }));
      throw logInRefused(outcome);
    }
    access.audit.note({
      actor: `user:${outcome.actor.name}`,
      action: "log-in",
      subject: `user:${outcome.actor.name}`,
      detail: `from ${client}`,
    });
    context.env.welcome();
    // A browser that was logged in before is not logged in twice.
    const before: Actor | undefined = context.get("actor");
    if (before?.kind === "user") await access.logOut(before);
    setCookie(context, outcome.cookie, outcome.expiresMs - clock.now());
    return context.json(sessionOf(outcome.actor, outcome.expiresMs), 200);
  });
  app.openapi(readRoute, (context) => {
    const { actor } = context.var;
    return context.json(sessionOf(actor, access.expiresMs(actor)), 200);
  });
  app.openapi(logOutRoute, async (context) => {
    await access.logOut(context.var.actor);
    context.var.audit("log-out", `user:${context.var.actor.name}`);
    setCookie(context, "", 0);
    return context.body(null, 204);
  });
  app.openapi(passwordRoute, async (context) => {
    const { actor } = context.var;
    if (actor.kind !== "user") throw new Problem(403, "no-password", "A token has no password");
    const { old, new: fresh } = context.req.valid("json");
    const { client } = context.env;
    const outcome = await orProblem(() => access.changeOwnPassword(actor, { old, fresh, client }));
    if (outcome.kind === "wrong") {
      throw new Problem(403, "password-wrong", "The present password is another one");
    }
    if (outcome.kind !== "changed") throw logInRefused(outcome);
    context.var.audit("password-changed", `user:${actor.name}`);
    return context.body(null, 204);
  });
}

function sessionOf(actor: Actor, expiresMs: number | null): z.infer<typeof sessionSchema> {
  const { name, role, cameras, mustChangePassword } = actor;
  return {
    user: name,
    role,
    cameras: cameras === "all" ? "all" : [...cameras],
    mustChangePassword,
    expires: expiresMs === null ? null : iso(expiresMs),
  };
}

function logInRefused(outcome: LogInRefusal): Problem {
  switch (outcome.kind) {
    case "wrong":
      return new Problem(401, "log-in-wrong", "There is no such user with that password");
    case "wait": {
      const seconds = Math.max(1, Math.ceil(outcome.waitMs / 1_000));
      return new Problem(429, "log-in-wait", "Too many log-ins have failed", {
        fix: [`try again in ${seconds} s`],
        headers: { "retry-after": String(seconds) },
      });
    }
    case "busy":
      return new Problem(503, "busy", "Too many log in at the same time", {
        headers: { "retry-after": "2" },
      });
  }
}

/** Never readable by a script, never sent for another site, over TLS only where there is some. */
function setCookie(context: Context<WebEnv>, value: string, lengthMs: number): void {
  const secure = context.env.isSecure ? "; Secure" : "";
  const seconds = Math.max(0, Math.floor(lengthMs / 1_000));
  context.header(
    "set-cookie",
    `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`,
  );
}

/** Failed log-ins in the audit trail: each one, until they come too thick. */
class FailureNotes {
  #minute = 0;
  #noted = 0;
  #left = 0;

  add(kind: LogInRefusal["kind"], note: (detail: string) => void): void {
    const minute = Math.floor(performance.now() / 60_000);
    if (minute !== this.#minute) this.#noted = 0;
    this.#minute = minute;
    // Those that had to wait were not looked at: they are only counted.
    if (kind !== "wrong" || this.#noted >= MOST_NOTES) {
      this.#left += 1;
      return;
    }
    this.#noted += 1;
    note(this.#left === 0 ? "" : `and ${this.#left} further ones before, `);
    this.#left = 0;
  }
}

/** Failed log-ins that are noted in a minute: a flood must not push out what else is there. */
const MOST_NOTES = 20;
