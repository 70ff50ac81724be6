/**
 * Live views over WebRTC: by WHEP (draft-ietf-wish-whep, which goes by RFC 9725), and by
 * messages over a WebSocket.
 *
 * In:   requests. Out: what the {@linkcode LiveDoor} answers, or why it does not.
 *
 * Design: docs/design/live.md, "WebRTC"
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import { OperatorError } from "../../base/errors.ts";
import type { IceServer, WebParts } from "../doors.ts";
import { iceLink, met, refused } from "../live_answers.ts";
import { needs, type WebApp } from "../needs.ts";
import { Problem, problemOf, problems } from "../problem.ts";
import { cameraParams } from "./cameras.ts";

/** Of a query, for all routes that have a stream. */
export const rendition = z.string().max(10).optional().openapi({
  description: "A smaller stream, or one in H.264; absent: the camera's own",
  example: "720p",
});

/** Longest offer that is read, in characters: browsers send 2000 to 8000. */
const MAX_SDP = 64 * 1024;

/** Wall time of RTP's tick 0, in Unix milliseconds. */
const ORIGIN_HEADER = "x-lookback-origin-ms";

/** A part of SDP with addresses (RFC 8840, 9). */
const FRAGMENT_KIND = "application/trickle-ice-sdpfrag";

const TAGS = ["Live"];

/** WHEP clients are given the short path; the API has its own. */
const TOPS = ["/api/v1", "/api"] as const;

type Top = typeof TOPS[number];

const viewerParams = z.object({
  id: z.string().max(64).openapi({ param: { name: "id", in: "path" }, example: "0f3c" }),
});

const socketRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/live/webrtc",
  summary: "Watch over WebRTC, signalled over a WebSocket",
  description: "One JSON object a message. The server begins with " +
    '`{"type":"ready","iceServers":[…]}`. The client sends `{"type":"offer","sdp":…}` within ' +
    'ten seconds, and `{"type":"candidate","candidate":…}` for each address that it finds; the ' +
    'server answers `{"type":"answer","sdp":…,"originMs":…}`, then the same for its own, and ' +
    '`{"type":"end-of-candidates"}`; or `{"type":"error","code":…,"detail":…}`. Sound comes for ' +
    "an offer with a part for audio, and Opus in it. The view ends with the WebSocket.",
  tags: TAGS,
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams, query: z.object({ rendition }) },
  responses: {
    101: { description: "The WebSocket" },
    ...problems(400, 401, 403, 404, 426, 503),
  },
});

function offerRoute(top: Top) {
  return createRoute({
    method: "post",
    path: `${top}/cameras/{cameraId}/whep`,
    summary: "Watch over WebRTC (WHEP, draft-ietf-wish-whep)",
    tags: TAGS,
    middleware: [needs("viewer", "cameraId")] as const,
    request: {
      params: cameraParams,
      query: z.object({ rendition }),
      body: {
        required: true,
        content: { "application/sdp": { schema: z.string().openapi({ example: "v=0" }) } },
      },
    },
    responses: {
      201: {
        description: "The answer; `location` is where to PATCH and DELETE, `link` names STUN and " +
          "TURN servers, `x-lookback-origin-ms` is the wall time of RTP's tick 0 in Unix " +
          "milliseconds. With sound where the offer has a part for it",
        content: { "application/sdp": { schema: z.string() } },
      },
      ...problems(400, 401, 403, 404, 413, 415, 422, 503),
    },
  });
}

function trickleRoute(top: Top) {
  const example = "a=ice-ufrag:EsAw\r\na=end-of-candidates\r\n";
  return createRoute({
    method: "patch",
    path: `${top}/whep/{id}`,
    summary: "Tell addresses found after the offer (trickle ICE)",
    tags: TAGS,
    middleware: [needs("viewer")] as const,
    request: {
      params: viewerParams,
      body: {
        required: true,
        content: { [FRAGMENT_KIND]: { schema: z.string().openapi({ example }) } },
      },
    },
    responses: {
      204: { description: "They are known now" },
      ...problems(400, 401, 403, 404, 413, 415, 422),
    },
  });
}

function endRoute(top: Top) {
  return createRoute({
    method: "delete",
    path: `${top}/whep/{id}`,
    summary: "Stop watching over WebRTC",
    tags: TAGS,
    middleware: [needs("viewer")] as const,
    request: { params: viewerParams },
    responses: { 204: { description: "It has ended" }, ...problems(401, 403, 404) },
  });
}

type WebrtcParts = Pick<WebParts, "live">;

export function addWebrtcRoutes(app: WebApp, parts: WebrtcParts): void {
  app.openapi(socketRoute, (context) => {
    const { cameraId } = context.req.valid("param");
    return met(parts.live.webrtc(cameraId, context.req.raw, context.get("granted")()), cameraId);
  });
  for (const top of TOPS) {
    addOfferRoute(app, parts, top);
    addViewerRoutes(app, parts, top);
  }
}

function addOfferRoute(app: WebApp, { live }: WebrtcParts, top: Top): void {
  app.openapi(offerRoute(top), async (context) => {
    const { cameraId } = context.req.valid("param");
    const { rendition } = context.req.valid("query");
    const sdp = await context.req.text();
    if (sdp.length > MAX_SDP) throw new Problem(413, "body-too-large", "This is no usual offer");
    const granted = context.get("granted")();
    const answered = await live.whepOffer(cameraId, { sdp, rendition, granted })
      .catch((error) => {
        if (!(error instanceof OperatorError)) throw error;
        throw problemOf(error, error.code === "live-unavailable" ? 503 : 422);
      });
    const { id, answer, originMs } = met(answered, cameraId);
    const location = `${top}/whep/${id}`;
    return new Response(answer, {
      status: 201,
      headers: answerHeaders({ location, originMs, servers: live.iceServers() }),
    });
  });
}

function answerHeaders(
  facts: {
    readonly location: string;
    readonly originMs: number | undefined;
    readonly servers: readonly IceServer[];
  },
): Headers {
  const headers = new Headers({
    "content-type": "application/sdp",
    "cache-control": "no-store",
    "accept-patch": FRAGMENT_KIND,
    location: facts.location,
  });
  if (facts.originMs !== undefined) headers.set(ORIGIN_HEADER, facts.originMs.toFixed(3));
  for (const link of facts.servers.map(iceLink)) {
    if (link !== undefined) headers.append("link", link);
  }
  return headers;
}

function addViewerRoutes(app: WebApp, { live }: WebrtcParts, top: Top): void {
  app.openapi(trickleRoute(top), async (context) => {
    const { id } = context.req.valid("param");
    const kind = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (kind !== FRAGMENT_KIND) {
      throw new Problem(415, "body-kind", `Addresses come as "${FRAGMENT_KIND}"`);
    }
    const refusal = live.whepTrickle(id, await context.req.text());
    if (refusal !== undefined) throw refused(refusal);
    return context.body(null, 204);
  });
  app.openapi(endRoute(top), (context) => {
    const { id } = context.req.valid("param");
    if (!live.whepEnd(id)) throw new Problem(404, "viewer-unknown", "Nobody watches by this id");
    return context.body(null, 204);
  });
}
