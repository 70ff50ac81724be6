/**
 * Cases: one stretch of several cameras, taken away as one archive.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import { isoUtc } from "../../base/units.ts";
import { serveBytes } from "../byte_body.ts";
import type { CaseFacts, WebParts } from "../doors.ts";
import { caseIdParam, caseJson, caseSchema, maySeeCase } from "../export_answers.ts";
import { type Actor, maySee, needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { checkedWindow, windowQuery } from "../query_times.ts";
import { beginsAtStart } from "./exports.ts";

const LONGEST = { ms: 31 * 86_400_000, words: "31 days" } as const;

const caseBody = z.strictObject({
  title: z.string().trim().min(1).max(200)
    .refine((title) => !/\p{Cc}/u.test(title), { error: "without control characters" })
    .openapi({ example: "Parcel, 21 November" }),
  cameras: z.array(z.string().max(64)).min(1).max(64)
    .refine((ids) => new Set(ids).size === ids.length, { error: "each camera once" })
    .openapi({ example: ["front", "yard"] }),
  ...windowQuery,
});

type CaseParts = Pick<WebParts, "exports" | "archive" | "clock">;

const TAGS = ["exports"];

export function addCaseRoutes(app: WebApp, parts: CaseParts): void {
  addCaseAskingRoute(app, parts);
  addCaseListRoutes(app, parts);
  addArchiveRoute(app, parts);
}

function addCaseAskingRoute(app: WebApp, { exports, archive }: CaseParts): void {
  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/cases",
      summary: "Ask for the films of several cameras as one archive",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { body: { required: true, content: { "application/json": { schema: caseBody } } } },
      responses: {
        202: {
          description: "The films are being made",
          content: { "application/json": { schema: caseSchema } },
        },
        ...problems(400, 401, 403, 404, 503),
      },
    }),
    async (context) => {
      const { title, cameras: cameraIds, ...range } = context.req.valid("json");
      const actor = context.get("actor");
      for (const id of cameraIds) {
        if (!maySee(actor, id) || !archive.hasCamera(id)) throw cameraUnknown(id);
      }
      const window = checkedWindow(range, LONGEST);
      const facts = await exports.startCase({ title, cameraIds, window }, actor.name);
      const span = `${isoUtc(window.fromMs)}/${isoUtc(window.toMs)}`;
      context.get("audit")("case-asked", facts.caseId, `${cameraIds.join(",")} ${span}`);
      return context.json(caseJson(facts), 202);
    },
  );
}

function addCaseListRoutes(app: WebApp, { exports }: CaseParts): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/cases",
      summary: "Cases, the newest first",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      responses: {
        200: {
          description: "All of whose cameras the asker may see every one",
          content: { "application/json": { schema: z.object({ cases: z.array(caseSchema) }) } },
        },
        ...problems(401, 403),
      },
    }),
    (context) => {
      const actor = context.get("actor");
      const seen = exports.cases().filter((each) => maySeeCase(actor, each));
      return context.json({ cases: seen.map(caseJson) }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/cases/{caseId}",
      summary: "One case",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { params: caseIdParam },
      responses: {
        200: {
          description: "How far its films are",
          content: { "application/json": { schema: caseSchema } },
        },
        ...problems(400, 401, 403, 404),
      },
    }),
    (context) => {
      const { caseId } = context.req.valid("param");
      return context.json(caseJson(seenCase(exports, caseId, context.get("actor"))), 200);
    },
  );
}

function addArchiveRoute(app: WebApp, { exports, clock }: CaseParts): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/cases/{caseId}/archive.zip",
      summary: "Films, receipts and a manifest as one ZIP",
      description: "Stored, not packed: its length is known, and ranges of it can be asked for.",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { params: caseIdParam },
      responses: {
        200: {
          description: "The whole archive",
          content: { "application/zip": { schema: bytesSchema } },
        },
        206: { description: "A range", content: { "application/zip": { schema: bytesSchema } } },
        304: { description: "The asker has it" },
        ...problems(400, 401, 403, 404, 409, 412, 416, 503),
      },
    }),
    async (context) => {
      const { caseId } = context.req.valid("param");
      const facts = seenCase(exports, caseId, context.get("actor"));
      const archive = await exports.caseArchive(caseId);
      if (archive === undefined) throw noArchive(facts);
      if (beginsAtStart(context.req.header("range"))) {
        context.get("audit")("case-taken", caseId, archive.name);
      }
      const { name: fileName, body } = archive;
      return serveBytes(context.req.raw, body, { contentType: "application/zip", fileName, clock });
    },
  );
}

const bytesSchema = z.string().openapi({ type: "string", format: "binary" });

function seenCase(exports: WebParts["exports"], caseId: string, actor: Actor): CaseFacts {
  const facts = exports.case(caseId);
  if (facts !== undefined && maySeeCase(actor, facts)) return facts;
  throw new Problem(404, "case-unknown", `There is no case "${caseId}"`);
}

function noArchive({ state }: CaseFacts): Problem {
  if (state === "running") {
    return new Problem(409, "case-unfinished", "Its films are not finished yet", {
      headers: { "retry-after": "5" },
    });
  }
  return new Problem(409, "case-empty", "None of its films could be made, or all are gone");
}
