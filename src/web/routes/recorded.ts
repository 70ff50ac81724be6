/**
 * Recorded footage for players: an HLS playlist of any window, and the recordings
 * that it names by byte range; the same footage in other sizes, encoded piece by piece
 * when it is asked for.
 *
 * @module
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { TimeWindow } from "../../model/window.ts";
import { serveBytes } from "../byte_body.ts";
import type { ByteBody, RecordedRendition, RecordedStretch, WebParts } from "../doors.ts";
import { maySee, needs, type WebApp } from "../needs.ts";
import { cameraUnknown, Problem, problems } from "../problem.ts";
import { checkedWindow, windowQuery } from "../query_times.ts";
import { recordedMaster, recordedSizes, recordedVariants } from "../recorded_master.ts";
import { byteRangeLines, recordedPlaylist, renditionLines } from "../recorded_playlist.ts";
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

const playlistAnswer = {
  description: "The playlist",
  content: { [PLAYLIST_TYPE]: { schema: { type: "string" } } },
} as const;

const masterRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/recorded-master.m3u8",
  summary: "HLS playlist of playlists of recorded footage",
  description: "The camera's own stream first, as `recorded.m3u8` has it, then the sizes that it " +
    "can be had in, as H.264. Those cost encoding.",
  tags: ["Recorded"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: { params: cameraParams, query: z.object(windowQuery) },
  responses: { 200: playlistAnswer, ...problems(400, 401, 403, 404) },
});

const renditionPlaylistRoute = createRoute({
  method: "get",
  path: "/api/v1/cameras/{cameraId}/renditions/{playlist}",
  summary: "HLS playlist of recorded footage in another size",
  description: "The pieces, times and discontinuities of `recorded.m3u8`; each piece is encoded " +
    "when it is asked for.",
  tags: ["Recorded"],
  middleware: [needs("viewer", "cameraId")] as const,
  request: {
    params: cameraParams.extend({
      playlist: z.string().regex(/^\d{1,5}p\.m3u8$/).openapi({
        param: { name: "playlist", in: "path" },
        description: 'A size that the master playlist names, and ".m3u8"',
        example: "720p.m3u8",
      }),
    }),
    query: z.object(windowQuery),
  },
  responses: { 200: playlistAnswer, ...problems(400, 401, 403, 404) },
});

const pieceRoute = createRoute({
  method: "get",
  path: "/api/v1/recordings/{batch}/renditions/{rendition}/{piece}",
  summary: "A piece of a recording in another size, or its init segment",
  tags: ["Recorded"],
  middleware: [needs("viewer")] as const,
  request: {
    params: z.object({
      batch: z.string().regex(/^\d{1,15}$/).openapi({
        param: { name: "batch", in: "path" },
        description: "A number that a playlist names",
        example: "17",
      }),
      rendition: z.string().regex(/^\d{1,5}p$/).openapi({
        param: { name: "rendition", in: "path" },
        example: "720p",
      }),
      piece: z.string().regex(/^(?:init\.mp4|\d{1,15}-\d{1,15}\.m4s)$/).openapi({
        param: { name: "piece", in: "path" },
        description: '"init.mp4", or place and length in bytes as a playlist names them',
        example: "init.mp4",
      }),
    }),
  },
  responses: {
    200: { description: "The piece", content: { "video/mp4": binary } },
    206: { description: "The range asked for", content: { "video/mp4": binary } },
    304: { description: "The asker has it" },
    ...problems(400, 401, 403, 404, 412, 416, 422, 503, 504),
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

type RecordedParts = Pick<WebParts, "archive" | "clock">;

export function addRecordedRoutes(app: WebApp, parts: RecordedParts): void {
  const { archive, clock } = parts;
  app.openapi(playlistRoute, async (context) => {
    const { cameraId } = context.req.valid("param");
    const window = windowOf(parts, cameraId, context.req.valid("query"));
    const recorded = await footageOf(parts, cameraId, window);
    return playlist(
      recordedPlaylist(recorded, byteRangeLines((batchId) => `../../recordings/${batchId}.mp4`)),
    );
  });
  addRenditionRoutes(app, parts);
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

function addRenditionRoutes(app: WebApp, parts: RecordedParts): void {
  const { archive, clock } = parts;
  app.openapi(masterRoute, async (context) => {
    const { cameraId } = context.req.valid("param");
    const window = windowOf(parts, cameraId, context.req.valid("query"));
    const recorded = await footageOf(parts, cameraId, window);
    const query = `from=${window.fromMs}&to=${window.toMs}`;
    const url = (name: string | undefined) =>
      name === undefined ? `recorded.m3u8?${query}` : `renditions/${name}.m3u8?${query}`;
    return playlist(recordedMaster(recordedVariants(recorded.parts, archive), url));
  });
  app.openapi(renditionPlaylistRoute, async (context) => {
    const { cameraId, playlist: file } = context.req.valid("param");
    const window = windowOf(parts, cameraId, context.req.valid("query"));
    const recorded = await footageOf(parts, cameraId, window);
    const name = file.slice(0, -".m3u8".length);
    if (!archive.hasRenditions || recordedSizes(recorded.parts).every((s) => s.name !== name)) {
      throw new Problem(404, "rendition-unknown", `There is no rendition "${name}" of that time`);
    }
    const url = (batchId: string) => `../../../recordings/${batchId}/renditions/${name}/`;
    return playlist(recordedPlaylist(recorded, renditionLines(url)));
  });
  app.openapi(pieceRoute, async (context) => {
    const { batch, rendition, piece } = context.req.valid("param");
    const found = archive.rendition(batch, rendition);
    if (found === undefined || !maySee(context.get("actor"), found.cameraId)) {
      throw new Problem(404, "recording-unknown", "There is no such recording");
    }
    const body = await pieceOf(found, piece, context.req.raw.signal);
    if (body === undefined) throw new Problem(404, "piece-unknown", "This is no piece of it");
    return serveBytes(context.req.raw, body, { contentType: "video/mp4", clock });
  });
}

function pieceOf(
  rendition: RecordedRendition,
  piece: string,
  signal: AbortSignal,
): Promise<ByteBody | undefined> {
  const [, offset, length] = /^(\d+)-(\d+)\./.exec(piece) ?? [];
  if (offset === undefined) return rendition.init(signal);
  return rendition.piece({ offset: Number(offset), length: Number(length) }, signal);
}

function windowOf(
  { archive }: RecordedParts,
  cameraId: string,
  query: Parameters<typeof checkedWindow>[0],
): TimeWindow {
  if (!archive.hasCamera(cameraId)) throw cameraUnknown(cameraId);
  return checkedWindow(query, LONGEST);
}

/** At least one part of it. */
async function footageOf(
  { archive }: RecordedParts,
  cameraId: string,
  window: TimeWindow,
): Promise<RecordedStretch> {
  const recorded = await archive.recorded(cameraId, window);
  if (recorded.parts.length === 0) {
    throw new Problem(404, "no-footage", "Nothing is recorded of that time");
  }
  return recorded;
}

function playlist(text: string): Response {
  return new Response(text, {
    headers: { "content-type": PLAYLIST_TYPE, "cache-control": "no-store" },
  });
}
