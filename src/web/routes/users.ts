/**
 * Users: who may log in, with which role, for which cameras.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Access } from "../access/access.ts";
import {
  USER_NAME_NEED,
  USER_NAME_PATTERN,
  userNamed,
  withoutUser,
  withPassword,
  withRights,
  withUser,
} from "../access/accounts.ts";
import type { User } from "../access/records.ts";
import { needs, type WebApp } from "../needs.ts";
import { Problem, problems } from "../problem.ts";
import {
  camerasSchema,
  iso,
  isoSchema,
  jsonAnswer,
  jsonBody,
  nothingSchema,
  orProblem,
  roleSchema,
} from "./access_answers.ts";

const nameSchema = z.string().regex(USER_NAME_PATTERN, { error: USER_NAME_NEED })
  .openapi({ example: "anna" });

const userSchema = z.object({
  name: nameSchema,
  role: roleSchema,
  cameras: camerasSchema,
  mustChangePassword: z.boolean().openapi({ example: false }),
  created: isoSchema,
}).openapi("User");

const passwordSchema = z.string().openapi({
  description: "Said this once. It must be changed at the next log-in",
  example: "k7mf-2xq9-dh3t-08va",
});

const params = z.object({ name: z.string().min(1).max(64).openapi({ example: "anna" }) });

const common = { tags: ["Access"], middleware: needs("administrator") };

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/api/v1/users",
  summary: "All users",
  responses: {
    200: jsonAnswer("The users", z.object({ users: z.array(userSchema) })),
    ...problems(401, 403),
  },
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/api/v1/users",
  summary: "Add a user",
  request: {
    body: jsonBody(
      z.strictObject({ name: nameSchema, role: roleSchema, cameras: camerasSchema }),
    ),
  },
  responses: {
    201: jsonAnswer(
      "The user, with the password for the first log-in",
      userSchema.extend({ password: passwordSchema }).openapi("NewUser"),
    ),
    ...problems(400, 401, 403, 409, 413, 415),
  },
});

const changeRoute = createRoute({
  ...common,
  method: "patch",
  path: "/api/v1/users/{name}",
  summary: "Change a user's rights",
  description: "Ends the user's log-ins.",
  request: {
    params,
    body: jsonBody(
      z.strictObject({ role: roleSchema.optional(), cameras: camerasSchema.optional() }),
    ),
  },
  responses: {
    200: jsonAnswer("The user", userSchema),
    ...problems(400, 401, 403, 404, 409, 413, 415),
  },
});

const removeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/api/v1/users/{name}",
  summary: "Remove a user",
  description: "Ends the user's log-ins, and the shares that the user made.",
  request: { params },
  responses: { 204: { description: "Removed" }, ...problems(401, 403, 404, 409) },
});

const passwordRoute = createRoute({
  ...common,
  method: "post",
  path: "/api/v1/users/{name}/password",
  summary: "Give a user a new password",
  description: "Ends the user's log-ins.",
  request: { params, body: jsonBody(nothingSchema) },
  responses: {
    200: jsonAnswer("The password", z.object({ password: passwordSchema })),
    ...problems(400, 401, 403, 404, 413, 415),
  },
});

export function addUserRoutes(app: WebApp, { access, clock }: {
  readonly access: Access;
  readonly clock: { now(): number };
}): void {
  app.openapi(
    listRoute,
    (context) => context.json({ users: access.data.users.map(answerOf) }, 200),
  );
  app.openapi(addRoute, async (context) => {
    const { name, role, cameras } = context.req.valid("json");
    const { text, record } = await access.makePassword();
    const user = { name, role, cameras, password: record, createdMs: clock.now() };
    const data = await orProblem(() => access.change((before) => withUser(before, user)));
    context.var.audit("user-added", `user:${name}`, rightsText({ role, cameras }));
    return context.json({ ...answerOf(userNamed(data, name)), password: text }, 201);
  });
  app.openapi(changeRoute, async (context) => {
    const { name } = context.req.valid("param");
    const rights = context.req.valid("json");
    const data = await orProblem(() => access.change((before) => withRights(before, name, rights)));
    const user = userNamed(data, name);
    context.var.audit("user-changed", `user:${name}`, rightsText(user));
    return context.json(answerOf(user), 200);
  });
  app.openapi(removeRoute, async (context) => {
    const { name } = context.req.valid("param");
    await orProblem(() => access.change((before) => withoutUser(before, name)));
    context.var.audit("user-removed", `user:${name}`);
    return context.body(null, 204);
  });
  app.openapi(passwordRoute, async (context) => {
    const { name } = context.req.valid("param");
    if (!access.data.users.some((each) => each.name === name)) {
      throw new Problem(404, "unknown", `There is no user "${name}"`);
    }
    const { text, record: password } = await access.makePassword();
    await orProblem(() =>
      access.change((before) => withPassword(before, name, { password, mustChange: true }))
    );
    context.var.audit("password-given", `user:${name}`);
    return context.json({ password: text }, 200);
  });
}

function answerOf(user: User): z.infer<typeof userSchema> {
  const { name, role, cameras, mustChangePassword, createdMs } = user;
  return { name, role, cameras, mustChangePassword, created: iso(createdMs) };
}

/** For the audit trail. */
export function rightsText(
  { role, cameras }: { readonly role: string; readonly cameras: "all" | readonly string[] },
): string {
  return `${role}, cameras: ${cameras === "all" ? "all" : cameras.join(" ") || "none"}`;
}
