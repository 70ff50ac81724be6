/**
 * Live views over HTTP: Media Source Extensions over a WebSocket, live HLS, and stills
 * that follow each other.
 *
 * In:   requests. Out: what the {@linkcode LiveDoor} answers, or why it does not.
 * Not here: WebRTC (webrtc.ts).
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { WebParts } from "../doors.ts";
import { met } from "../live_answers.ts";
import { needs, type WebApp } from "../needs.ts";
import { problems } from "../problem.ts";
import { cameraParams } from "./cameras.ts";
import { addWebrtcRoutes, rendition } from "./webrtc.ts";

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

export function addLiveRoutes(app: WebApp, parts: Pick<WebParts, "live">): void {
  const { live } = parts;
  app.openapi(mseRoute, (context) => {
    const { cameraId } = context.req.valid("param");
    return met(live.mse(cameraId, context.req.raw, context.get("granted")()), cameraId);
  });
  app.openapi(mjpegRoute, (context) => {
    const { cameraId } = context.req.valid("param");
    return met(live.mjpeg(cameraId, context.req.raw, context.get("granted")()), cameraId);
  });
  addWebrtcRoutes(app, parts);
  // Behind those that would fit its pattern.
  app.openapi(hlsRoute, async (context) => {
    const { cameraId, file } = context.req.valid("param");
    return met(await live.hls(cameraId, file, context.req.raw), cameraId);
  });
}
