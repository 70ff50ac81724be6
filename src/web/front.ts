/**
 * What every request passes before a route sees it: who asks, whether that may be,
 * whether it comes from our own page, and its body, whole and of limited size.
 *
 * Design: docs/design/security.md, "The way of a request"
 *
 * @module
 */

import type { Context, MiddlewareHandler } from "hono";
import { joined } from "../base/bytes.ts";
import type { Access } from "./access/access.ts";
import { type Actor, notLoggedIn, type WebEnv } from "./needs.ts";
import { Problem } from "./problem.ts";

export const SESSION_COOKIE = "lookback_session";

/** Largest body of a request, in bytes: a settings file of many cameras has 100 kB. */
export const MOST_BODY_BYTES = 1_000_000;

/** The same of strangers: a log-in has no more, and many may send one at the same time. */
const MOST_STRANGERS_BODY_BYTES = 16_384;

/** How long a body may take to arrive, in milliseconds. */
const BODY_LIMIT_MS = 20_000;

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Kinds of bodies that a form of another site can't send without asking first. */
const BODY_KINDS = new Set([
  "application/json",
  "application/sdp",
  "application/merge-patch+json",
  "application/trickle-ice-sdpfrag",
]);

export interface FrontParts {
  readonly access: Access;
  /** Whether a path is for everybody. */
  readonly isOpen: (method: string, path: string) => boolean;
  readonly bodyLimitMs?: number;
}

export function front({ access, isOpen, bodyLimitMs }: FrontParts): MiddlewareHandler<WebEnv> {
  return async (context, next) => {
    const { req } = context;
    const token = bearerOf(req.header("authorization"));
    const cookie = token === undefined ? cookieOf(req.header("cookie")) : undefined;
    const actor = access.actorOf({
      ...(token === undefined ? {} : { token }),
      ...(cookie === undefined ? {} : { cookie }),
    });
    if (actor !== undefined) {
      context.set("actor", actor);
      context.env.welcome();
    } else if (!isOpen(req.method, req.path)) throw notLoggedIn();
    // A token is never sent by a browser on its own: only cookies can be abused.
    refuseOtherSites(context, { hasCookie: token === undefined && cookie !== undefined });
    if (!SAFE_METHODS.has(req.method)) {
      req.raw = await withWholeBody(req.raw, {
        limitMs: bodyLimitMs ?? BODY_LIMIT_MS,
        mostBytes: actor === undefined ? MOST_STRANGERS_BODY_BYTES : MOST_BODY_BYTES,
      });
    }
    const client = context.env.client;
    context.set("audit", (action, subject, detail = "") => {
      access.audit.note({ actor: actorText(actor), action, subject, detail: from(detail, client) });
    });
    if (actor !== undefined) context.set("granted", () => access.granted(actor));
    await next();
    // The body of what GET would answer is dropped: whatever feeds it must hear of that.
    if (req.method === "HEAD") await context.res.body?.cancel();
  };
}

export function actorText(actor: Actor | undefined): string {
  return actor === undefined ? "nobody" : `${actor.kind}:${actor.name}`;
}

function from(detail: string, client: string): string {
  return detail === "" ? `from ${client}` : `${detail}, from ${client}`;
}

/** Undefined without such a header; a wrong one is a token that nobody has. */
function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return /^Bearer ([\w.~+/=-]{1,512})$/i.exec(header)?.[1] ?? "";
}

function cookieOf(header: string | undefined): string | undefined {
  for (const part of header?.split(";") ?? []) {
    const [name, value] = part.split("=", 2);
    if (name?.trim() === SESSION_COOKIE && value) return value.trim().slice(0, 512);
  }
  return undefined;
}

/**
 * Refuses what another site makes a browser do in the name of whoever is logged in.
 * SameSite=Strict keeps the cookie from other sites already; ports of one host are
 * one site to it, so what the browser says about the origin counts as well.
 */
function refuseOtherSites(
  context: Context<WebEnv>,
  { hasCookie }: { readonly hasCookie: boolean },
): void {
  const { req, env } = context;
  const site = req.header("sec-fetch-site");
  const origin = req.header("origin");
  const isUpgrade = req.header("upgrade") !== undefined;
  const isSafe = SAFE_METHODS.has(req.method) && !isUpgrade;
  const isForeign = (site !== undefined && site !== "same-origin" && site !== "none") ||
    (origin !== undefined && !isOwn(origin, { host: env.host, isSecure: env.isSecure }));
  if (isSafe) {
    // A link from elsewhere opens a page; a picture or script elsewhere shows nothing of ours.
    if (isForeign && hasCookie && req.header("sec-fetch-mode") !== "navigate") throw otherSite();
    return;
  }
  if (isForeign) throw otherSite();
  const isProven = site === "same-origin" || origin !== undefined;
  if (hasCookie && !isProven) throw otherSite();
}

/** Whether an origin is the one that the request was sent to. */
function isOwn(
  origin: string,
  own: { readonly host: string; readonly isSecure: boolean },
): boolean {
  const url = URL.parse(origin);
  const scheme = own.isSecure ? "https:" : "http:";
  return url !== null && url.protocol === scheme && url.host === hostOf(scheme, own.host);
}

/** Without the port that the scheme implies. */
function hostOf(scheme: string, host: string): string | undefined {
  return URL.parse(`${scheme}//${host}`)?.host;
}

function otherSite(): Problem {
  return new Problem(403, "other-site", "This must come from Lookback's own page", {
    fix: ["programs send a token, not a cookie"],
  });
}

interface BodyLimits {
  readonly limitMs: number;
  readonly mostBytes: number;
}

/** The request with its body read: of a kind that we take, in time, not too large. */
async function withWholeBody(request: Request, limits: BodyLimits): Promise<Request> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limits.mostBytes) throw tooLarge(limits);
  // Deno hands out a body for a DELETE that has none: what has one says its length or its kind.
  const saysNothing = ["content-length", "transfer-encoding", "content-type"]
    .every((name) => !request.headers.has(name));
  if (request.body === null || length === "0" || saysNothing) return request;
  const kind = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (!BODY_KINDS.has(kind)) {
    throw new Problem(415, "body-kind", `A body of kind "${kind.slice(0, 60)}" is not taken`, {
      fix: ["send application/json"],
    });
  }
  const body = await readWhole(request.body, limits);
  return new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body,
    signal: request.signal,
  });
}

async function readWhole(
  stream: ReadableStream<Uint8Array>,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // What is read by then is given up; read() below answers that it is done.
    reader.cancel().catch(() => {});
  }, limits.limitMs);
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (isLate) throw new Problem(408, "body-slow", "The body took too long to arrive");
      if (done) return joined(chunks);
      bytes += value.length;
      if (bytes > limits.mostBytes) {
        reader.cancel().catch(() => {});
        throw tooLarge(limits);
      }
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge({ mostBytes }: BodyLimits): Problem {
  return new Problem(413, "body-too-large", `A body has at most ${mostBytes} bytes`);
}
