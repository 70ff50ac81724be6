/**
 * Shares: a link that shows one camera's footage of one stretch of time to whoever
 * has it, until it expires or is taken back. Its page works without a script.
 *
 * A share counts as long as its maker may show that camera (accounts.ts, `isBacked`).
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Clock } from "../../base/clock.ts";
import { type UnixMs, unixMs } from "../../base/units.ts";
import type { TimeWindow } from "../../model/window.ts";
import type { Access } from "../access/access.ts";
import { withoutShare, withShare } from "../access/accounts.ts";
import type { Share } from "../access/records.ts";
import { hashOf, newId, newToken } from "../access/secret_texts.ts";
import { serveBytes } from "../byte_body.ts";
import type { WebParts } from "../doors.ts";
import { type Actor, hasRole, maySee, needs, type WebApp, type WebEnv } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { checkedWindow, instantSchema } from "../query_times.ts";
import { GONE_PAGE, SHARE_STYLE, sharePage } from "../share_page.ts";
import { idParams, iso, isoSchema, jsonAnswer, jsonBody, orProblem } from "./access_answers.ts";
import { filmName } from "./film.ts";

/** As long as a film that is made while it is read may be. */
const LONGEST = { ms: 4 * 3_600_000, words: "4 hours" } as const;

/** Longest life of a link. */
const LONGEST_LIFE_MS = 366 * 86_400_000;

/** A share that is looked at is noted in the audit trail so often at most. */
const NOTE_EVERY_MS = 3_600_000;

/** Where strangers find the style of {@linkcode sharePage}. */
export const SHARE_STYLE_PATH = "/share.css";

const cameraSchema = z.string().min(1).max(64).openapi({ example: "front" });

const shareSchema = z.object({
  id: idParams.shape.id,
  camera: cameraSchema,
  from: isoSchema,
  to: isoSchema,
  expires: isoSchema,
  created: isoSchema,
  by: z.string().openapi({ example: "anna" }),
}).openapi("Share");

const common = { tags: ["Access"], middleware: needs("operator") };

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/api/v1/shares",
  summary: "Share a stretch of footage",
  description: "Whoever has the link can watch and download it without a log-in.",
  request: {
    body: jsonBody(
      z.strictObject({
        camera: cameraSchema,
        from: instantSchema,
        to: instantSchema,
        expires: instantSchema,
      }).openapi({
        example: {
          camera: "front",
          from: "2026-11-21T20:57:00.000Z",
          to: "2026-11-21T20:58:00.000Z",
          expires: "2026-11-28T00:00:00.000Z",
        },
      }),
    ),
  },
  responses: {
    201: jsonAnswer(
      "The share, with its link, which is said this once",
      shareSchema.extend({
        url: z.string().openapi({ example: "https://192.0.2.1:8480/share/mH2…" }),
      }).openapi("NewShare"),
    ),
    ...problems(400, 401, 403, 404, 409, 413, 415),
  },
});

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/api/v1/shares",
  summary: "Shares",
  description: "One's own; administrators see all.",
  responses: {
    200: jsonAnswer("The shares", z.object({ shares: z.array(shareSchema) })),
    ...problems(401, 403),
  },
});

const removeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/api/v1/shares/{id}",
  summary: "Take a share back",
  request: { params: idParams },
  responses: { 204: { description: "Taken back" }, ...problems(400, 401, 403, 404) },
});

const params = z.object({
  token: z.string().regex(/^[\w-]{20,100}$/).openapi({ example: "mH2bC8kQz0aT4vW9yR1eU5" }),
});

const pageRoute = createRoute({
  method: "get",
  path: "/share/{token}",
  summary: "The page of a share",
  tags: ["Shares"],
  security: [],
  request: { params },
  responses: {
    200: { description: "The page", content: { "text/html": { schema: { type: "string" } } } },
    404: {
      description: "The link does not count, or no longer",
      content: { "text/html": { schema: { type: "string" } } },
    },
  },
});

const filmRoute = createRoute({
  method: "get",
  path: "/share/{token}/film.mp4",
  summary: "The footage of a share",
  tags: ["Shares"],
  security: [],
  request: { params },
  responses: {
    200: {
      description: "The film; ranges of it are served",
      content: { "video/mp4": { schema: { type: "string", format: "binary" } } },
    },
    206: {
      description: "The range asked for",
      content: { "video/mp4": { schema: { type: "string", format: "binary" } } },
    },
    304: { description: "The asker has it" },
    ...problems(400, 404, 412, 416, 422, 503),
  },
});

export function addShareRoutes(
  app: WebApp,
  { access, archive, clock }: Pick<WebParts, "archive"> & {
    readonly access: Access;
    readonly clock: Clock;
  },
): void {
  app.openapi(addRoute, async (context) => {
    const { camera: cameraId, expires: expiresMs, ...query } = context.req.valid("json");
    const { actor } = context.var;
    if (!maySee(actor, cameraId) || !archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
    const { fromMs, toMs } = checkedWindow(query, LONGEST);
    refuseLife(expiresMs, clock.now());
    const token = newToken();
    const share: Share = {
      ...{ id: newId(), hash: hashOf(token), cameraId, fromMs, toMs, expiresMs },
      createdMs: clock.now(),
      ...makerOf(actor),
    };
    await orProblem(() => access.change((before) => withShare(before, share)));
    context.var.audit("share-added", `share:${share.id}`, rangeText(share));
    const { host, isSecure } = context.env;
    const url = `${isSecure ? "https" : "http"}://${host}/share/${token}`;
    return context.json({ ...answerOf(share), url }, 201);
  });
  app.openapi(listRoute, (context) => {
    const shares = access.data.shares.filter((each) => isFor(context.var.actor, each));
    return context.json({ shares: shares.map(answerOf) }, 200);
  });
  app.openapi(removeRoute, async (context) => {
    const { id } = context.req.valid("param");
    const share = access.data.shares.find((each) => each.id === id);
    if (share === undefined || !isFor(context.var.actor, share)) {
      throw new Problem(404, "unknown", `There is no share "${id}"`);
    }
    await orProblem(() => access.change((before) => withoutShare(before, id)));
    context.var.audit("share-removed", `share:${id}`, rangeText(share));
    return context.body(null, 204);
  });
  addOpenRoutes(app, { access, archive, clock });
}

/** What strangers with a link get. */
function addOpenRoutes(
  app: WebApp,
  { access, archive, clock }: Pick<WebParts, "archive"> & {
    readonly access: Access;
    readonly clock: Clock;
  },
): void {
  const noteOpened = openedNotes(access, clock);
  app.get(SHARE_STYLE_PATH, (context) =>
    context.body(SHARE_STYLE, 200, {
      "content-type": "text/css; charset=utf-8",
      "cache-control": "public, max-age=86400",
    }));
  app.openapi(pageRoute, (context) => {
    const { token } = context.req.valid("param");
    const share = access.shareOf(token);
    if (share === undefined) return context.html(GONE_PAGE, 404);
    noteOpened(share, context.var.audit);
    const { cameraId } = share;
    const camera = archive.cameras().find((each) => each.cameraId === cameraId);
    const page = sharePage({
      cameraName: camera?.name ?? cameraId,
      fromMs: share.fromMs,
      toMs: share.toMs,
      expiresMs: share.expiresMs,
      filmUrl: `/share/${token}/film.mp4`,
    });
    return context.html(page, 200);
  });
  app.openapi(filmRoute, async (context) => {
    const share = access.shareOf(context.req.valid("param").token);
    if (share === undefined) throw new Problem(404, "share-unknown", "This link counts no longer");
    // The film's address works without the page before it.
    noteOpened(share, context.var.audit);
    const window: TimeWindow = { fromMs: unixMs(share.fromMs), toMs: unixMs(share.toMs) };
    const body = await archive.film(share.cameraId, window, "keep");
    if (body === undefined) {
      throw new Problem(404, "no-footage", "The footage is not there any more");
    }
    const fileName = filmName(share.cameraId, window);
    const about = { contentType: "video/mp4", fileName, clock, isStranger: true };
    return serveBytes(context.req.raw, body, about);
  });
}

/** Notes in the audit trail that a share was looked at, not more often than helps. */
function openedNotes(
  access: Access,
  clock: Clock,
): (share: Share, audit: WebEnv["Variables"]["audit"]) => void {
  const notedMs = new Map<string, number>();
  return (share, audit) => {
    const last = notedMs.get(share.id);
    const nowMs = clock.monotonic();
    if (last !== undefined && nowMs - last < NOTE_EVERY_MS) return;
    // Shares are limited in number; those that are gone are let go of here.
    for (const id of notedMs.keys()) {
      if (!access.data.shares.some((each) => each.id === id)) notedMs.delete(id);
    }
    notedMs.set(share.id, nowMs);
    audit("share-opened", `share:${share.id}`, rangeText(share));
  };
}

function refuseLife(expiresMs: UnixMs, nowMs: UnixMs): void {
  if (expiresMs > nowMs && expiresMs - nowMs <= LONGEST_LIFE_MS) return;
  throw new Problem(400, "expiry-invalid", "A link expires within the next 366 days");
}

function makerOf(actor: Actor): Pick<Share, "by" | "byKind"> {
  return { byKind: actor.kind, by: actor.kind === "user" ? actor.name : actor.grantId };
}

function isFor(actor: Actor, share: Share): boolean {
  const { by, byKind } = makerOf(actor);
  return hasRole(actor, "administrator") || (share.by === by && share.byKind === byKind);
}

function answerOf(share: Share): z.infer<typeof shareSchema> {
  const { id, cameraId, fromMs, toMs, expiresMs, createdMs, by } = share;
  return {
    ...{ id, camera: cameraId, from: iso(fromMs), to: iso(toMs), expires: iso(expiresMs) },
    ...{ created: iso(createdMs), by },
  };
}

function rangeText({ cameraId, fromMs, toMs, expiresMs }: Share): string {
  return `${cameraId}, ${iso(fromMs)} to ${iso(toMs)}, until ${iso(expiresMs)}`;
}
