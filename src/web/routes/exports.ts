/**
 * Films to take away: what there is, asking for one, how far it is, the film and its
 * receipt.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import { isoUtc } from "../../base/units.ts";
import { serveBytes } from "../byte_body.ts";
import type { AskedRange, ExportFacts, WebParts } from "../doors.ts";
import {
  exportIdParam,
  exportJson,
  exportSchema,
  previewAnswer,
  previewJson,
} from "../export_answers.ts";
import { type Actor, maySee, needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { checkedWindow, windowQuery } from "../query_times.ts";

/** One export covers any calendar month, as at the prompt. */
const LONGEST = { ms: 31 * 86_400_000, words: "31 days" } as const;

const cameraField = z.string().max(64).openapi({ example: "front" });

/** Words of the prompt, or two instants. */
const wordsFields = {
  camera: cameraField,
  at: z.string().max(100).openapi({
    description: "As at the prompt: a date and time, `yesterday 14:05`, `10 minutes ago`",
    example: "2026-11-21 20:57:09",
  }),
  duration: z.string().max(100).openapi({ example: "1m30s" }),
};
const windowFields = { camera: cameraField, ...windowQuery };

const wishFields = {
  mode: z.enum(["exact", "strict", "keyframe"]).default("exact").openapi({
    description: "exact: copied, shown to the frame; strict: nothing else in the file; keyframe: " +
      "begins at the key frame before",
  }),
  gaps: z.enum(["keep", "join"]).default("join"),
  overlay: z.array(z.enum(["boxes", "clock", "name"])).max(3).default([]).openapi({
    description: "What is burnt in; every frame is then encoded anew",
  }),
};

const rangeBody = z.union([z.strictObject(wordsFields), z.strictObject(windowFields)]);
const wishBody = z.union([
  z.strictObject({ ...wordsFields, ...wishFields }),
  z.strictObject({ ...windowFields, ...wishFields }),
]);

type ExportParts = Pick<WebParts, "exports" | "archive" | "clock">;

const TAGS = ["exports"];

export function addExportRoutes(app: WebApp, parts: ExportParts): void {
  addAskingRoutes(app, parts);
  addExportListRoutes(app, parts);
  addFilmRoutes(app, parts);
}

function addAskingRoutes(app: WebApp, { exports, archive }: ExportParts): void {
  const requireCamera = (actor: Actor, cameraId: string) => {
    if (!maySee(actor, cameraId) || !archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
  };
  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/exports/preview",
      summary: "What there is for an export",
      tags: TAGS,
      // Reads times in words, which the page needs to go to one; takes nothing away.
      middleware: [needs("viewer")] as const,
      request: {
        body: { required: true, content: { "application/json": { schema: rangeBody } } },
      },
      responses: {
        200: {
          description: "What was understood, and what is recorded of it",
          content: { "application/json": { schema: previewAnswer } },
        },
        ...problems(400, 401, 403, 404, 422, 503),
      },
    }),
    async (context) => {
      const body = context.req.valid("json");
      requireCamera(context.get("actor"), body.camera);
      const { signal } = context.req.raw;
      const preview = await exports.preview(body.camera, rangeOf(body), signal);
      return context.json(previewJson(preview), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/exports",
      summary: "Ask for a film",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { body: { required: true, content: { "application/json": { schema: wishBody } } } },
      responses: {
        202: {
          description: "It waits for its turn, or is being made",
          content: { "application/json": { schema: exportSchema } },
        },
        ...problems(400, 401, 403, 404, 422, 503),
      },
    }),
    async (context) => {
      const body = context.req.valid("json");
      const actor = context.get("actor");
      requireCamera(actor, body.camera);
      const { camera: cameraId, mode, gaps, overlay } = body;
      const wish = { cameraId, mode, gaps, overlay, range: rangeOf(body) };
      const facts = await exports.start(wish, actor.name);
      context.get("audit")("export-asked", `camera:${cameraId}`, spanText(facts));
      return context.json(exportJson(facts), 202);
    },
  );
}

function addExportListRoutes(app: WebApp, { exports }: ExportParts): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/exports",
      summary: "Exports, the newest first",
      description: "Also films in output/ that were made at a prompt or by a command.",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      responses: {
        200: {
          description: "All that the asker may see",
          content: {
            "application/json": { schema: z.object({ exports: z.array(exportSchema) }) },
          },
        },
        ...problems(401, 403),
      },
    }),
    async (context) => {
      const actor = context.get("actor");
      const seen = (await exports.list()).filter(({ cameraId }) => maySee(actor, cameraId));
      return context.json({ exports: seen.map(exportJson) }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/exports/{exportId}",
      summary: "One export",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { params: exportIdParam },
      responses: {
        200: {
          description: "How far it is, or what was made",
          content: { "application/json": { schema: exportSchema } },
        },
        ...problems(400, 401, 403, 404),
      },
    }),
    async (context) => {
      const { exportId } = context.req.valid("param");
      const facts = await seenExport(exports, exportId, context.get("actor"));
      return context.json(exportJson(facts), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: "/api/v1/exports/{exportId}",
      summary: "Cancel an export, or remove its film and receipt",
      description: "Films that were made at a prompt or by a command stay.",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { params: exportIdParam },
      responses: { 204: { description: "It is gone" }, ...problems(400, 401, 403, 404, 409) },
    }),
    async (context) => {
      const { exportId } = context.req.valid("param");
      const facts = await seenExport(exports, exportId, context.get("actor"));
      if (!await exports.remove(exportId)) {
        throw new Problem(409, "export-foreign", "This film was not asked for here, so it stays", {
          fix: ["remove it by hand from the folder output/"],
        });
      }
      context.get("audit")("export-removed", `camera:${facts.cameraId}`, spanText(facts));
      return context.body(null, 204);
    },
  );
}

function addFilmRoutes(app: WebApp, { exports, clock }: ExportParts): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/exports/{exportId}/film.mp4",
      summary: "The film",
      description: "Can be interrupted and resumed by byte range.",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { params: exportIdParam },
      responses: {
        200: { description: "The whole film", content: { "video/mp4": { schema: bytesSchema } } },
        206: { description: "A range", content: { "video/mp4": { schema: bytesSchema } } },
        304: { description: "The asker has it" },
        ...problems(400, 401, 403, 404, 409, 412, 416, 503),
      },
    }),
    async (context) => {
      const { exportId } = context.req.valid("param");
      const facts = await seenExport(exports, exportId, context.get("actor"));
      const film = await exports.film(exportId);
      if (film === undefined) throw notThere(facts);
      if (beginsAtStart(context.req.header("range"))) {
        context.get("audit")("film-taken", `camera:${facts.cameraId}`, film.name);
      }
      const { raw } = context.req;
      return serveBytes(raw, film.body, { contentType: "video/mp4", fileName: film.name, clock });
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/exports/{exportId}/receipt",
      summary: "The film's receipt",
      description: "Byte for byte as it was signed.",
      tags: TAGS,
      middleware: [needs("operator")] as const,
      request: { params: exportIdParam },
      responses: {
        200: {
          description: "What was asked, what was delivered, what is missing and why",
          content: { "application/json": { schema: z.looseObject({ format: z.string() }) } },
        },
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (context) => {
      const { exportId } = context.req.valid("param");
      const facts = await seenExport(exports, exportId, context.get("actor"));
      const receipt = await exports.receipt(exportId);
      if (receipt === undefined) throw notThere(facts);
      const headers = { "content-type": "application/json", "cache-control": "private, no-cache" };
      // Its own bytes, not made anew: the signature counts for them.
      return new Response(new Uint8Array(receipt), { status: 200, headers }) as never;
    },
  );
}

const bytesSchema = z.string().openapi({ type: "string", format: "binary" });

async function seenExport(
  exports: WebParts["exports"],
  exportId: string,
  actor: Actor,
): Promise<ExportFacts> {
  const facts = await exports.get(exportId);
  if (facts !== undefined && maySee(actor, facts.cameraId)) return facts;
  throw new Problem(404, "export-unknown", `There is no export "${exportId}"`);
}

function notThere({ state, error }: ExportFacts): Problem {
  if (state === "failed") {
    return new Problem(409, error?.code ?? "export-failed", error?.text ?? "It failed");
  }
  return new Problem(409, "export-unfinished", "The film is not finished yet", {
    headers: { "retry-after": "2" },
  });
}

function rangeOf(body: z.output<typeof rangeBody>): AskedRange {
  return "at" in body
    ? { at: body.at, duration: body.duration }
    : { window: checkedWindow(body, LONGEST) };
}

function spanText({ window, exportId }: ExportFacts): string {
  return `${exportId} ${isoUtc(window.fromMs)}/${isoUtc(window.toMs)}`;
}

/** A download in pieces is one line of the audit trail, not a hundred. */
export function beginsAtStart(range: string | undefined): boolean {
  return range === undefined || /^\s*bytes\s*=\s*0-/.test(range);
}
