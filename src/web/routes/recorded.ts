/**
 * Recorded footage for players: an HLS playlist of any window, and the recordings
 * that it names by byte range.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import { serveBytes } from "../byte_body.ts";
import type { WebParts } from "../doors.ts";
import { maySee, needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { checkedWindow, windowQuery } from "../query_times.ts";
import { recordedPlaylist } from "../recorded_playlist.ts";
import { cameraParams } from "./cameras.ts";

/** A day has 8640 batches of the usual length: a playlist of 1 MB. */
const LONGEST = { ms: 86_400_000, words: "24 hours" } as const;

/** RFC 8216, section 4. */
const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

const binary = { schema: { type: "string", format: "binary" } } as const;

const playlistRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/recorded.m3u8",
  summary: "HLS playlist of recorded footage",
  description: "Byte ranges of recordings, nothing encoded. While the window's end has not been " +
    "recorded, the playlist has the type EVENT and grows as batches are closed.",
  tags: ["Recorded"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams, query: z.object(windowQuery) },
  responses: {
    200: {
      description: "The playlist",
      content: { [PLAYLIST_TYPE]: { schema: { type: "string" } } },
    },
    ...problems(400, 401, 403, 404),
  },
});

const recordingRoute = createRoute({
  method: "get",
  path: "/api/v1/recordings/{recording}",
  summary: "A recording, whole or a byte range of it",
  tags: ["Recorded"],
  middleware: [needs("viewer")] as const,
  request: {
    params: z.object({
      recording: z.string().regex(/^\d{1,15}\.mp4$/).openapi({
        param: { name: "recording", in: "path" },
        description: 'A number that a playlist names, and ".mp4"',
        example: "17.mp4",
      }),
    }),
  },
  responses: {
    200: { description: "The recording", content: { "video/mp4": binary } },
    206: { description: "The range asked for", content: { "video/mp4": binary } },
    304: { description: "The asker has it" },
    ...problems(400, 401, 403, 404, 412, 416, 503),
  },
});

export function addRecordedRoutes(
  app: WebApp,
  { archive, clock }: Pick<WebParts, "archive" | "clock">,
): void {
  app.openapi(playlistRoute, async (context) => {
    const { cameraId } = context.req.valid("param");
    if (!archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
    const window = checkedWindow(context.req.valid("query"), LONGEST);
    const recorded = await archive.recorded(cameraId, window);
    if (recorded.parts.length === 0) {
      throw new Problem(404, "no-footage", "Nothing is recorded of that time");
    }
    const text = recordedPlaylist(recorded, (batchId) => `../../recordings/${batchId}.mp4`);
    return new Response(text, {
      headers: { "content-type": PLAYLIST_TYPE, "cache-control": "no-store" },
    });
  });
  app.openapi(recordingRoute, async (context) => {
    const { recording } = context.req.valid("param");
    const found = await archive.batchFile(recording.slice(0, -".mp4".length));
    if (found === undefined || !maySee(context.get("actor"), found.cameraId)) {
      throw new Problem(404, "recording-unknown", "There is no such recording");
    }
    // Not to be kept unasked, though a recording never changes: after `lookback rebuild` its
    // number is another recording's.
    return serveBytes(context.req.raw, found.body, {
      contentType: "video/mp4",
      fileName: `${found.cameraId}-${recording}`,
      clock,
    });
  });
}
