/**
 * Cameras over HTTP that send MPEG-TS as it would come from a lens, second by
 * second, from pieces that a test puts one behind the other.
 *
 * @module
 */

import { runFfmpeg } from "./clips.ts";
import { pause } from "./pause.ts";
import { silence, startTcpServer, type TcpServer } from "./tcp_server.ts";

/** What a piece shows. */
export interface PieceOptions {
  readonly seconds: number;
  /** Time stamp of its first frame. Default 0. */
  readonly fromSeconds?: number;
  /** Default "160x90". */
  readonly size?: string;
  /** Default "h264". */
  readonly codec?: "h264" | "h265";
}

/** A stretch of MPEG-TS and how long it takes to send it. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly seconds: number;
}

/** What a camera does on one connection, step by step; then it closes. */
export type Step =
  | Piece
  /** Sends bytes at once. */
  | { readonly noise: Uint8Array }
  /** Sends nothing for so long; "forever" until the client goes. */
  | { readonly silentSeconds: number | "forever" };

/** Frames per second of every piece; a key frame each second. */
export const PIECE_FPS = 25;

const ENCODERS = {
  h264: ["libx264"],
  h265: ["libx265", "-x265-params", "log-level=error:bframes=0:keyint=25:min-keyint=25"],
} as const;

/** How often a camera sends, in milliseconds. */
const SEND_EVERY_MS = 40;

/** Makes a piece with a picture that moves. */
export async function makePiece(path: string, options: PieceOptions): Promise<Piece> {
  const { seconds, fromSeconds = 0, size = "160x90", codec = "h264" } = options;
  await runFfmpeg([
    ...["-y", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${PIECE_FPS}`, "-t", `${seconds}`],
    ...["-c:v", ...ENCODERS[codec], "-preset", "ultrafast", "-tune", "zerolatency"],
    ...["-g", `${PIECE_FPS}`, "-pix_fmt", "yuv420p", "-output_ts_offset", `${fromSeconds}`],
    ...["-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts", path],
  ]);
  return { bytes: await Deno.readFile(path), seconds };
}

/** @param steps What the camera does on its `number`th connection, from 1. */
export function startLiveCamera(steps: (number: number) => readonly Step[]): TcpServer {
  return startTcpServer(async (conn, number) => {
    await conn.read(new Uint8Array(4_096));
    const head = "HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n";
    await send(conn, new TextEncoder().encode(head));
    for (const step of steps(number)) await take(conn, step);
  });
}

async function take(conn: Deno.TcpConn, step: Step): Promise<void> {
  if ("noise" in step) return await send(conn, step.noise);
  if (!("silentSeconds" in step)) return await sendLive(conn, step);
  if (step.silentSeconds === "forever") return await silence(conn);
  await pause(step.silentSeconds * 1_000);
}

/** Spreads a piece evenly over its time: what a camera does, with less jitter than most. */
async function sendLive(conn: Deno.TcpConn, { bytes, seconds }: Piece): Promise<void> {
  const startedAt = performance.now();
  for (let sent = 0; sent < bytes.length;) {
    await pause(SEND_EVERY_MS);
    const part = Math.min(1, (performance.now() - startedAt) / (seconds * 1_000));
    const due = Math.floor(bytes.length * part);
    await send(conn, bytes.subarray(sent, due));
    sent = due;
  }
}

async function send(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}
