/**
 * The stream of news: over a WebSocket, and as Server-Sent Events for those that
 * have none. Both begin with the newest status.
 *
 * In:   news.ts, a listener for each connection. Out: one JSON object for each piece.
 * Policy: nothing is sent while the connection is behind; then the listener's queue
 *       fills, and what is lost is counted and said.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Clock } from "../../base/clock.ts";
import type { WebParts } from "../doors.ts";
import { type Actor, needs, type WebApp } from "../needs.ts";
import { NEWS_TYPES, type NewsListener, type NewsType, type NewsWish } from "../news.ts";
import { newsJson } from "../news_json.ts";
import { Problem, problems } from "../problem.ts";

/** A connection that has so much to send gets no more for now, in bytes. */
const BEHIND_BYTES = 256 * 1_024;

/** How often it is looked whether it has caught up, in milliseconds. */
const BEHIND_LOOK_MS = 50;

/** A connection that takes nothing for so long is given up, in milliseconds. */
const STALL_MS = 30_000;

/** Proxies cut connections that are silent for a minute, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** Messages that a listener may send before it is taken for a flood: none is needed. */
const MOST_MESSAGES = 100;

/** "Policy violation" (RFC 6455, 7.4.1). */
const POLICY_VIOLATION = 1008;

/** "Going away", of a server that ends; also said when a log-in ends. */
const GOING_AWAY = 1001;

type StreamParts = Pick<WebParts, "news" | "clock">;

const streamQuery = z.object({
  types: z.string().max(100).optional().openapi({
    description: `Of ${NEWS_TYPES.join(", ")}, with commas between (default: all but sights)`,
    example: "status,event",
  }),
  cameras: z.string().max(4_000).optional().openapi({
    description: "Ids with commas between (default: all)",
    example: "front,yard",
  }),
});

/** Sights are many: who wants them says so. */
const USUAL_TYPES = NEWS_TYPES.filter((type) => type !== "sight");

const TAGS = ["stream"];

export function addStreamRoutes(app: WebApp, { news, clock }: StreamParts): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/stream",
      summary: "News over a WebSocket",
      description: "One JSON object a message: type status, event, sight, alert, log, export, or " +
        "missed with the number of news that a slow listener lost.",
      tags: TAGS,
      middleware: [needs("viewer")] as const,
      request: { query: streamQuery },
      responses: {
        101: { description: "The connection is a WebSocket now" },
        ...problems(400, 401, 403, 426, 503),
      },
    }),
    (context) => {
      const wish = wishOf(context.get("actor"), context.req.valid("query"));
      if (context.req.header("upgrade")?.toLowerCase() !== "websocket") throw upgradeNeeded();
      const listener = listen(news, wish);
      try {
        const { socket, response } = Deno.upgradeWebSocket(context.req.raw);
        serveSocket(socket, { listener, clock, granted: context.get("granted")() });
        return response as never;
      } catch (error) {
        listener[Symbol.dispose]();
        throw error instanceof TypeError ? upgradeNeeded() : error;
      }
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/stream/sse",
      summary: "News as Server-Sent Events",
      tags: TAGS,
      middleware: [needs("viewer")] as const,
      request: { query: streamQuery },
      responses: {
        200: {
          description: "Events named after their type; the data is JSON",
          content: { "text/event-stream": { schema: z.string() } },
        },
        ...problems(400, 401, 503),
      },
    }),
    (context) => {
      const listener = listen(news, wishOf(context.get("actor"), context.req.valid("query")));
      const body = eventStream(listener, { clock, granted: context.get("granted")() });
      const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
      return new Response(body, { status: 200, headers }) as never;
    },
  );
}

function listen(news: WebParts["news"], wish: NewsWish): NewsListener {
  const listener = news.listen(wish);
  if (listener !== undefined) return listener;
  throw new Problem(503, "busy", "Too many listen at once", { headers: { "retry-after": "10" } });
}

function upgradeNeeded(): Problem {
  return new Problem(426, "websocket-needed", "This is a WebSocket", {
    fix: ["connect with a WebSocket, or read /api/v1/stream/sse"],
    headers: { upgrade: "websocket" },
  });
}

/** @throws {Problem} 400 for a type that there is not. */
export function wishOf(
  actor: Actor,
  query: { readonly types?: string | undefined; readonly cameras?: string | undefined },
): NewsWish {
  const types = query.types?.split(",").map((type) => type.trim()) ?? USUAL_TYPES;
  const wrong = types.find((type) => !isNewsType(type));
  if (wrong !== undefined) {
    throw new Problem(400, "request-invalid", `There is no news of type "${wrong}"`, {
      fix: [`ask for some of these: ${NEWS_TYPES.join(",")}`],
    });
  }
  return {
    name: `${actor.kind}:${actor.name}`,
    role: actor.role,
    cameras: actor.cameras,
    onlyCameras: query.cameras?.split(",").map((id) => id.trim()) ?? null,
    types: types.filter(isNewsType),
  };
}

function isNewsType(text: string): text is NewsType {
  return (NEWS_TYPES as readonly string[]).includes(text);
}

interface Connection {
  readonly listener: NewsListener;
  readonly clock: Clock;
  /** Aborted when the log-in ends, or the rights change. */
  readonly granted: AbortSignal;
}

function serveSocket(socket: WebSocket, { listener, clock, granted }: Connection): void {
  let messages = 0;
  const closed = new AbortController();
  const leave = (code: number, reason: string) => {
    if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
    end();
  };
  const end = () => {
    closed.abort();
    granted.removeEventListener("abort", onEnd);
    listener[Symbol.dispose]();
  };
  const onEnd = () => leave(GOING_AWAY, "the log-in has ended");
  granted.addEventListener("abort", onEnd);
  socket.onclose = end;
  // Whatever it is, the connection closes next.
  socket.onerror = (event) => event.preventDefault();
  socket.onmessage = () => {
    messages += 1;
    if (messages > MOST_MESSAGES) leave(POLICY_VIOLATION, "nothing is expected here");
  };
  socket.onopen = async () => {
    if (granted.aborted) return onEnd();
    const hasGivenUp = await pump(socket, { listener, clock, signal: closed.signal });
    // Not closed with a word: it would wait behind all that is not taken.
    if (hasGivenUp) end();
    leave(GOING_AWAY, "no more news");
  };
}

/** Sends what comes until either side ends. True when the other side takes nothing. */
async function pump(
  socket: WebSocket,
  { listener, clock, signal }: {
    readonly listener: NewsListener;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  for (;;) {
    const news = await listener.next();
    if (news === undefined || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(newsJson(news)));
    const behindAt = clock.monotonic();
    while (socket.bufferedAmount > BEHIND_BYTES && !signal.aborted) {
      if (clock.monotonic() - behindAt > STALL_MS) return true;
      await clock.sleep(BEHIND_LOOK_MS, signal);
    }
  }
}

/** Server-Sent Events: what comes, and a word now and then while nothing does. */
function eventStream(
  listener: NewsListener,
  { clock, granted }: Omit<Connection, "listener">,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const close = () => listener[Symbol.dispose]();
  granted.addEventListener("abort", close);
  if (granted.aborted) close();
  const ended = () => granted.removeEventListener("abort", close);
  let waiting: ReturnType<NewsListener["next"]> | undefined;
  return new ReadableStream({
    async pull(controller) {
      // Kept over a word in between: one caller at a time.
      waiting ??= listener.next();
      const quiet = new AbortController();
      const silence = clock.sleep(KEEP_ALIVE_MS, quiet.signal).then(() => "silence" as const);
      const news = await Promise.race([waiting, silence]);
      quiet.abort();
      if (news === "silence") return controller.enqueue(encoder.encode(": still here\n\n"));
      waiting = undefined;
      if (news === undefined) {
        ended();
        return controller.close();
      }
      const { type, ...rest } = newsJson(news);
      const data = JSON.stringify({ type, ...rest });
      controller.enqueue(encoder.encode(`event: ${type}\ndata: ${data}\n\n`));
    },
    cancel() {
      ended();
      close();
    },
  }, { highWaterMark: 1 });
}
