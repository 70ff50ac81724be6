/**
 * Live views over HTTP: WHEP, Media Source Extensions over a WebSocket, live HLS, and
 * stills that follow each other.
 *
 * In:   requests. Out: what the {@linkcode LiveDoor} answers, or why it does not.
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import { OperatorError } from "../../base/errors.ts";
import type { LiveRefusal, WebParts } from "../doors.ts";
import { needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problemOf, problems } from "../problem.ts";
import { cameraParams } from "./cameras.ts";

/** Longest offer that is read, in characters: browsers send 2000 to 8000. */
const MAX_SDP = 64 * 1024;

/** Wall time of RTP's tick 0, in Unix milliseconds. */
const ORIGIN_HEADER = "x-lookback-origin-ms";

const rendition = z.string().max(10).optional().openapi({
  description: "A smaller stream, or one in H.264; absent: the camera's own",
  example: "720p",
});

const binary = { schema: { type: "string", format: "binary" } } as const;

const mseRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/live/mse",
  summary: "Live fragments over a WebSocket",
  description: 'Text `{"type":"start","mime":…}`, then a binary init segment, text ' +
    '`{"type":"clock","originMs":…,"timescale":…}`, then binary fragments. All of it again ' +
    "whenever the stream begins anew. Nothing is expected from the client.",
  tags: ["Live"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams, query: z.object({ rendition }) },
  responses: {
    101: { description: "The WebSocket" },
    ...problems(400, 401, 403, 404, 426, 503),
  },
});

const mjpegRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/live/mjpeg",
  summary: "The newest stills, one after the other",
  tags: ["Live"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams },
  responses: {
    200: {
      description: "Goes on until the reader leaves",
      content: { "multipart/x-mixed-replace": binary },
    },
    ...problems(401, 403, 404, 503),
  },
});

const hlsRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/live/{file}",
  summary: "Live HLS",
  description: "`index.m3u8` is the camera's own stream, `master.m3u8` all that there are. " +
    "`_HLS_msn` and `_HLS_part` wait until the playlist holds that segment and part.",
  tags: ["Live"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: {
    params: cameraParams.extend({
      file: z.string().max(64).openapi({
        param: { name: "file", in: "path" },
        example: "master.m3u8",
      }),
    }),
  },
  responses: {
    200: {
      description: "A playlist, segment or part",
      content: { "application/vnd.apple.mpegurl": binary, "video/mp4": binary },
    },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** WHEP clients are given the short path; the API has its own. */
const WHEP_PATHS = ["/api/v1", "/api"] as const;

function whepRoutes(top: typeof WHEP_PATHS[number]) {
  const tags = ["Live"];
  const offer = createRoute({
    method: "post",
    path: `${top}/cameras/{cameraId}/whep`,
    summary: "Watch over WebRTC (WHEP, RFC 9725)",
    tags,
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
        description: "The answer; `location` is where to DELETE, `x-lookback-origin-ms` the wall " +
          "time of RTP's tick 0 in Unix milliseconds",
        content: { "application/sdp": { schema: z.string() } },
      },
      ...problems(400, 401, 403, 404, 413, 415, 422, 503),
    },
  });
  const end = createRoute({
    method: "delete",
    path: `${top}/whep/{id}`,
    summary: "Stop watching over WebRTC",
    tags,
    middleware: [needs("viewer")] as const,
    request: {
      params: z.object({
        id: z.string().max(64).openapi({ param: { name: "id", in: "path" }, example: "0f3c" }),
      }),
    },
    responses: { 204: { description: "It has ended" }, ...problems(401, 403, 404) },
  });
  return { offer, end };
}

type LiveParts = Pick<WebParts, "live">;

export function addLiveRoutes(app: WebApp, parts: LiveParts): void {
  const { live } = parts;
  app.openapi(mseRoute, (context) => {
    const { cameraId } = context.req.valid("param");
    return met(live.mse(cameraId, context.req.raw, context.get("granted")()), cameraId);
  });
  app.openapi(mjpegRoute, (context) => {
    const { cameraId } = context.req.valid("param");
    return met(live.mjpeg(cameraId, context.req.raw, context.get("granted")()), cameraId);
  });
  for (const top of WHEP_PATHS) addWhepRoutes(app, parts, top);
  // Behind those that would fit its pattern.
  app.openapi(hlsRoute, async (context) => {
    const { cameraId, file } = context.req.valid("param");
    return met(await live.hls(cameraId, file, context.req.raw), cameraId);
  });
}

function addWhepRoutes(
  app: WebApp,
  { live }: LiveParts,
  top: typeof WHEP_PATHS[number],
): void {
  const { offer, end } = whepRoutes(top);
  app.openapi(offer, async (context) => {
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
    return new Response(answer, {
      status: 201,
      headers: {
        "content-type": "application/sdp",
        "cache-control": "no-store",
        location: `${top}/whep/${id}`,
        ...(originMs === undefined ? {} : { [ORIGIN_HEADER]: originMs.toFixed(3) }),
      },
    });
  });
  app.openapi(end, (context) => {
    const { id } = context.req.valid("param");
    if (!live.whepEnd(id)) throw new Problem(404, "viewer-unknown", "Nobody watches by this id");
    return context.body(null, 204);
  });
}

/** What was asked for; throws a {@linkcode Problem} where there is no such stream, or not now. */
function met<T extends object>(answer: T | LiveRefusal | undefined, cameraId: string): T {
  if (answer === undefined) throw cameraUnknown(cameraId);
  if (!isRefusal(answer)) return answer;
  const { status, code, detail } = answer;
  throw new Problem(status, code, detail, {
    headers: status === 426 ? { upgrade: "websocket" } : {},
  });
}

function isRefusal(answer: object): answer is LiveRefusal {
  return !(answer instanceof Response) && "status" in answer && "detail" in answer;
}
