/**
 * The cameras: what they are, how they do, and what is recorded of them.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { ArchiveCamera, CameraNews, LiveStreamFacts, WebParts } from "../doors.ts";
import { maySee, needs, type WebApp } from "../needs.ts";
import { cameraUnknown, problems } from "../problem.ts";
import { instantInAnswer, isoOrNull } from "../query_times.ts";

/** `cameraId` of a path, for all routes that have one. */
export const cameraParams = z.object({
  cameraId: z.string().max(64).openapi({
    param: { name: "cameraId", in: "path" },
    example: "front",
  }),
});

const streamSchema = z.object({
  codec: z.string().openapi({ example: "avc1" }),
  mime: z.string().openapi({ example: 'video/mp4; codecs="avc1.64001f"' }),
  width: z.int().openapi({ example: 1920 }),
  height: z.int().openapi({ example: 1080 }),
  hasAudio: z.boolean(),
  hasBFrames: z.boolean().nullable().openapi({ description: "Null until it is known" }),
}).openapi("CameraStream");

const iceServerSchema = z.object({
  urls: z.string().openapi({ example: "stun:stun.example.org:3478" }),
  username: z.string().optional(),
  credential: z.string().optional(),
}).openapi("IceServer");

export const cameraSchema = z.object({
  id: z.string().openapi({ example: "front" }),
  name: z.string().openapi({ example: "Front door" }),
  enabled: z.boolean(),
  geoLocation: z.object({ lat: z.number(), lon: z.number() }).nullable(),
  state: z.string().openapi({ example: "recording" }),
  cause: z.string().nullable().openapi({ description: "Why it is not recorded" }),
  detail: z.string(),
  fps: z.number().openapi({ example: 25 }),
  bitsPerSecond: z.number().openapi({ example: 4_000_000 }),
  stream: streamSchema.nullable().openapi({ description: "Null while nothing comes" }),
  firstRecorded: instantInAnswer.nullable(),
  lastRecorded: instantInAnswer.nullable(),
  coverage24h: z.number().min(0).max(1).nullable().openapi({
    description: "Share of the last 24 hours that is on the disk",
  }),
  protocols: z.array(z.string()).openapi({
    description: "How it can be watched, best first",
    example: ["whep", "mse", "hls", "still"],
  }),
  renditions: z.array(z.string()).openapi({ example: ["720p"] }),
  iceServers: z.array(iceServerSchema).openapi({
    description: "STUN and TURN servers for WebRTC, as browsers take them",
  }),
}).openapi("Camera");

type CameraAnswer = z.infer<typeof cameraSchema>;

const listRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras",
  summary: "All cameras that may be seen",
  tags: ["Cameras"],
  middleware: [needs("viewer")] as const,
  responses: {
    200: {
      description: "In the order of the settings",
      content: { "application/json": { schema: z.object({ cameras: z.array(cameraSchema) }) } },
    },
    ...problems(401, 403),
  },
});

const oneRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}",
  summary: "One camera",
  tags: ["Cameras"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams },
  responses: {
    200: {
      description: "The camera",
      content: { "application/json": { schema: cameraSchema } },
    },
    ...problems(401, 403, 404),
  },
});

type CameraParts = Pick<WebParts, "archive" | "live" | "system">;

export function addCameraRoutes(app: WebApp, parts: CameraParts): void {
  app.openapi(listRoute, async (context) => {
    const actor = context.get("actor");
    const news = await newsOf(parts);
    const seen = parts.archive.cameras().filter(({ cameraId }) => maySee(actor, cameraId));
    const cameras: CameraAnswer[] = [];
    for (const camera of seen) {
      const coverage24h = await parts.archive.coverage24h(camera.cameraId);
      const stream = parts.live.streamOf(camera.cameraId);
      cameras.push(toAnswer(camera, { news: news.get(camera.cameraId), stream, coverage24h }));
    }
    return context.json({ cameras }, 200);
  });
  app.openapi(oneRoute, async (context) => {
    const { cameraId } = context.req.valid("param");
    const camera = parts.archive.cameras().find((each) => each.cameraId === cameraId);
    if (camera === undefined) throw cameraUnknown(cameraId);
    const news = (await newsOf(parts)).get(cameraId);
    const stream = parts.live.streamOf(cameraId);
    const coverage24h = await parts.archive.coverage24h(cameraId);
    return context.json(toAnswer(camera, { news, stream, coverage24h }), 200);
  });
}

async function newsOf({ system }: CameraParts): Promise<ReadonlyMap<string, CameraNews>> {
  const { cameras } = await system.facts();
  return new Map(cameras.map((camera) => [camera.cameraId, camera]));
}

function toAnswer(
  camera: ArchiveCamera,
  { news, stream, coverage24h }: {
    readonly news: CameraNews | undefined;
    readonly stream: LiveStreamFacts | undefined;
    readonly coverage24h: number | null;
  },
): CameraAnswer {
  const { cameraId, name, enabled, geoLocation, firstMs, lastMs } = camera;
  return {
    id: cameraId,
    name,
    enabled,
    geoLocation,
    state: news?.state ?? (enabled ? "starting" : "off"),
    cause: news?.cause ?? null,
    detail: news?.detail ?? "",
    fps: news?.fps ?? 0,
    bitsPerSecond: news?.bitsPerSecond ?? 0,
    stream: stream === undefined ? null : {
      codec: stream.codec,
      mime: stream.mime,
      width: stream.width,
      height: stream.height,
      hasAudio: stream.hasAudio,
      hasBFrames: stream.hasBFrames ?? null,
    },
    firstRecorded: isoOrNull(firstMs),
    lastRecorded: isoOrNull(lastMs),
    coverage24h,
    protocols: [...stream?.protocols ?? []],
    renditions: [...stream?.renditions ?? []],
    iceServers: [...stream?.iceServers ?? []],
  };
}
