/**
 * How everything does, and the last lines of the log.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import { isoUtc } from "../../base/units.ts";
import type { SystemFacts, WebParts } from "../doors.ts";
import { type Actor, hasRole, maySee, needs, type WebApp } from "../needs.ts";
import { logJson } from "../news_json.ts";
import { problems } from "../problem.ts";
import { instantInAnswer } from "../query_times.ts";

const cameraSchema = z.object({
  id: z.string().openapi({ example: "front" }),
  name: z.string(),
  state: z.string().openapi({ example: "recording" }),
  cause: z.string().nullable(),
  detail: z.string(),
  fps: z.number(),
  bitsPerSecond: z.number(),
  frames: z.int(),
  batches: z.int(),
  bytes: z.int(),
  stills: z.int(),
  stillsLost: z.int(),
  restarts: z.int(),
  rowsPending: z.int(),
  queuedBytes: z.int(),
  usedBytes: z.int().nullable(),
  forecastDays: z.number().nullable(),
}).openapi("CameraNumbers", { description: "Counters count since the camera's Worker began" });

const visionSchema = z.object({
  camera: z.string(),
  pictures: z.int(),
  movingPictures: z.int(),
  detected: z.int(),
  skipped: z.int(),
  openEvents: z.int(),
  restarts: z.int(),
  hangs: z.int(),
}).openapi("VisionNumbers");

const systemSchema = z.object({
  version: z.string().openapi({ example: "0.1.0" }),
  started: instantInAnswer,
  root: z.string().nullable().openapi({ description: "Storage root; administrators see it" }),
  cameras: z.array(cameraSchema),
  disk: z.object({
    totalBytes: z.int(),
    freeBytes: z.int(),
    forecastDays: z.number().nullable().openapi({
      description: "How long footage is kept at this rate, of the camera that reaches back least",
    }),
  }),
  writer: z.object({
    rows: z.int(),
    commits: z.int(),
    lastCommitMs: z.number(),
    waiting: z.int(),
    restarts: z.int(),
  }),
  vision: z.array(visionSchema),
  detection: z.object({
    picturesLost: z.int(),
    picturesLeftOut: z.int(),
    detectorRestarts: z.int(),
  }),
  clock: z.object({ now: instantInAnswer, state: z.string() }),
  workerFailures: z.object({ vision: z.int(), upkeep: z.int(), web: z.int() }),
  health: z.array(z.object({
    component: z.string().openapi({ example: "camera front" }),
    state: z.enum(["ok", "warning", "fault"]),
    detail: z.string(),
  })),
}).openapi("System");

const logSchema = z.object({
  at: instantInAnswer,
  level: z.string().openapi({ example: "warning" }),
  category: z.string().openapi({ example: "capture front" }),
  message: z.string(),
}).openapi("LogLine");

const TAGS = ["system"];

export function addSystemRoutes(app: WebApp, parts: Pick<WebParts, "system" | "version">): void {
  const { system, version } = parts;
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/system",
      summary: "How everything does",
      tags: TAGS,
      middleware: [needs("viewer")] as const,
      responses: {
        200: {
          description: "State and counters of every part",
          content: { "application/json": { schema: systemSchema } },
        },
        ...problems(401, 403),
      },
    }),
    async (context) => {
      const facts = seenBy(context.get("actor"), await system.facts());
      return context.json({ version, ...systemJson(facts) }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/system/logs",
      summary: "The last lines of the log",
      tags: TAGS,
      middleware: [needs("administrator")] as const,
      request: {
        query: z.object({
          level: z.enum(["trace", "debug", "info", "warning", "error"]).optional().openapi({
            description: "The least grave lines",
          }),
          limit: z.coerce.number().int().min(1).max(2_000).default(200),
        }),
      },
      responses: {
        200: {
          description: "The newest last",
          content: { "application/json": { schema: z.object({ lines: z.array(logSchema) }) } },
        },
        ...problems(400, 401, 403),
      },
    }),
    (context) => {
      const { level = null, limit } = context.req.valid("query");
      return context.json({ lines: system.logs({ level, limit }).map(logJson) }, 200);
    },
  );
}

/** Before a camera's id in the name of its part (src/app/web/health.ts). */
const CAMERA = "camera ";

/** What of it somebody may know. */
export function seenBy(
  actor: Actor,
  facts: SystemFacts,
): Omit<SystemFacts, "root"> & { readonly root: string | null } {
  const isSeen = ({ cameraId }: { readonly cameraId: string }) => maySee(actor, cameraId);
  const isLimited = actor.cameras !== "all";
  // By what may be seen, not by what may not: a camera that the settings no longer have counts too.
  const isOthers = (component: string) =>
    component.startsWith(CAMERA) && !maySee(actor, component.slice(CAMERA.length));
  return {
    ...facts,
    root: hasRole(actor, "administrator") ? facts.root : null,
    cameras: facts.cameras.filter(isSeen),
    vision: facts.vision.filter(isSeen),
    health: facts.health.filter(({ component }) => !isOthers(component))
      // What is not of one camera may name others' cameras.
      .map((fact) =>
        isLimited && !fact.component.startsWith(CAMERA) ? { ...fact, detail: "" } : fact
      ),
  };
}

function systemJson(
  facts: ReturnType<typeof seenBy>,
): Omit<z.infer<typeof systemSchema>, "version"> {
  const { startedMs, root, cameras, disk, writer, vision, clock, workerFailures, health } = facts;
  const { rows, commits, lastCommitMs, waiting, restarts } = writer;
  return {
    started: isoUtc(startedMs),
    root,
    cameras: cameras.map(({ cameraId: id, ...camera }) => ({ id, ...camera })),
    disk,
    writer: { rows, commits, lastCommitMs, waiting, restarts },
    vision: vision.map(({ cameraId: camera, ...rest }) => ({
      camera,
      pictures: rest.pictures,
      movingPictures: rest.movingPictures,
      detected: rest.detected,
      skipped: rest.skipped,
      openEvents: rest.openEvents,
      restarts: rest.restarts,
      hangs: rest.hangs,
    })),
    detection: facts.detection,
    clock: { now: isoUtc(clock.nowMs), state: clock.state },
    workerFailures,
    health: [...health],
  };
}
