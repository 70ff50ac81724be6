/**
 * A camera whose every picture says when it was made (clock_picture.ts): what is
 * shown, live or recorded, can be asked for its time, and live for its delay.
 *
 * It sends FLV over HTTP on 127.0.0.1, each frame as soon as it is encoded: FLV says
 * how long each frame is, so that its reader need not wait for the next one.
 *
 * @module
 */

import { clockHeight, grayScene, type PictureSize, stampClock } from "./clock_picture.ts";
import { startTcpServer } from "./tcp_server.ts";

export interface ClockCameraOptions {
  /** Default 320 x 180. */
  readonly size?: PictureSize;
  /** Frames from one key frame to the next. Default 25, a second. */
  readonly keyEvery?: number;
  /** Adds an AAC tone. */
  readonly hasAudio?: boolean;
  /** With it, the picture has the noise of a sensor, and the encoder keeps to so many bits. */
  readonly bitsPerSecond?: number;
}

export interface ClockCamera extends AsyncDisposable {
  readonly url: string;
}

/** Frames per second of every such camera. */
export const CLOCK_FPS = 25;

/** Each reader gets pictures from its own encoder. */
export function startClockCamera(options: ClockCameraOptions = {}): ClockCamera {
  const size = options.size ?? { width: 320, height: 180 };
  const stopping = new AbortController();
  const server = startTcpServer((conn) => show(conn, { size, options, signal: stopping.signal }));
  return {
    url: `http://${server.host}/camera.flv`,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

interface Showing {
  readonly size: PictureSize;
  readonly options: ClockCameraOptions;
  readonly signal: AbortSignal;
}

async function show(conn: Deno.TcpConn, { size, options, signal }: Showing): Promise<void> {
  conn.setNoDelay(true);
  await conn.read(new Uint8Array(4_096));
  await using encoder = startEncoder(encoderArgs(size, options));
  const filming = film(encoder.stdin, { size, signal });
  try {
    const head = "HTTP/1.0 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n";
    await send(conn, new TextEncoder().encode(head));
    for await (const bytes of encoder.stdout) await send(conn, bytes);
  } catch (error) {
    if (!isGone(error)) throw error;
  } finally {
    encoder.kill();
    await filming;
  }
}

function startEncoder(args: readonly string[]) {
  const child = new Deno.Command("ffmpeg", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let isKilled = false;
  const kill = () => {
    if (isKilled) return;
    isKilled = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    kill,
    async [Symbol.asyncDispose]() {
      kill();
      await child.status;
      await child.stdout.cancel().catch(() => {});
    },
  };
}

/** Makes a picture whenever one is due, until nobody takes them. */
async function film(
  to: WritableStream<Uint8Array<ArrayBuffer>>,
  { size, signal }: Pick<Showing, "size" | "signal">,
): Promise<void> {
  const writer = to.getWriter();
  const picture = grayScene(size);
  const startedAt = performance.now();
  try {
    for (let index = 0; !signal.aborted; index += 1) {
      await pause(startedAt + index * 1_000 / CLOCK_FPS - performance.now());
      drawMark(picture, size, index);
      // Last: what drawing takes is no delay.
      stampClock(picture, size, Date.now());
      await writer.write(picture);
    }
    await writer.close();
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** A bar that moves a little with each frame: no two frames look alike. */
function drawMark(picture: Uint8Array, size: PictureSize, index: number): void {
  const { width, height } = size;
  const y = clockHeight(size) + 2 + index % Math.max(1, height - clockHeight(size) - 4);
  picture.fill(index % 2 === 0 ? 220 : 30, y * width, y * width + width / 8);
}

function encoderArgs(size: PictureSize, options: ClockCameraOptions): string[] {
  const { keyEvery = CLOCK_FPS, hasAudio = false, bitsPerSecond } = options;
  const rate = bitsPerSecond === undefined ? [] : [
    ...["-b:v", `${bitsPerSecond}`, "-maxrate", `${bitsPerSecond}`],
    ...["-bufsize", `${Math.round(bitsPerSecond / 2)}`],
  ];
  // The clock itself has no noise, or a low rate would make it hard to read.
  const noise = `split[a][b];[a]crop=iw:${clockHeight(size)}:0:0[clock];[b]noise=alls=12:allf=t` +
    "[scene];[scene][clock]overlay=0:0,format=yuv420p";
  return [
    ...["-hide_banner", "-loglevel", "error", "-fflags", "nobuffer"],
    ...["-probesize", "32", "-analyzeduration", "0", "-f", "rawvideo", "-pix_fmt", "gray"],
    ...[
      "-video_size",
      `${size.width}x${size.height}`,
      "-framerate",
      `${CLOCK_FPS}`,
      "-i",
      "pipe:0",
    ],
    ...(hasAudio ? ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"] : []),
    ...(bitsPerSecond === undefined ? ["-pix_fmt", "yuv420p"] : ["-filter_complex", noise]),
    // One thread: several make several slices of a picture.
    ...["-c:v", "libx264", "-threads", "1", "-preset", "ultrafast", "-tune", "zerolatency"],
    ...["-profile:v", "baseline", "-g", `${keyEvery}`, "-keyint_min", `${keyEvery}`],
    ...["-sc_threshold", "0", ...rate, ...(hasAudio ? ["-c:a", "aac", "-b:a", "64k"] : [])],
    ...["-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1", "pipe:1"],
  ];
}

async function send(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** The reader went, or the encoder was ended: that is how it ends. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
