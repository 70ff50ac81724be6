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
import { pause } from "./pause.ts";
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

const FRAME_MS = 1_000 / CLOCK_FPS;

/** Noisy pictures that are shown in turns, and how far their noise goes. */
const NOISY_SCENES = 5;
const NOISE = 24;

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
  const filming = film(encoder.stdin, { size, options, signal });
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
  { size, options, signal }: Showing,
): Promise<void> {
  const writer = to.getWriter();
  const scenes = scenesOf(size, options);
  const startedMs = Date.now();
  try {
    for (let index = 0; !signal.aborted; index += 1) {
      await pause(startedMs + index * FRAME_MS - Date.now());
      const picture = scenes[index % scenes.length]!;
      drawMark(picture, size, index);
      const nowMs = Date.now();
      stampClock(picture, size, nowMs);
      await writer.write(picture);
      // As a camera does on a busy processor: frames are left out, and never late.
      index = Math.max(index, Math.floor((Date.now() - startedMs) / FRAME_MS));
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  } finally {
    // Nobody reads any more: the encoder is ended, if it has not ended by itself.
    await writer.abort().catch(() => {});
  }
}

/** Pictures that are shown in turns: one, or several that differ by a sensor's noise. */
function scenesOf(
  size: PictureSize,
  { bitsPerSecond }: ClockCameraOptions,
): Uint8Array<ArrayBuffer>[] {
  if (bitsPerSecond === undefined) return [grayScene(size)];
  return Array.from(
    { length: NOISY_SCENES },
    () => grayScene(size).map((level) => level + Math.floor(Math.random() * NOISE)),
  );
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
  return [
    ...["-hide_banner", "-loglevel", "error", "-fflags", "nobuffer"],
    // A frame's time is when it comes.
    ...["-use_wallclock_as_timestamps", "1", "-probesize", "32", "-analyzeduration", "0"],
    ...["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", `${size.width}x${size.height}`],
    ...["-framerate", `${CLOCK_FPS}`, "-i", "pipe:0"],
    ...(hasAudio ? ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"] : []),
    // One thread: several make several slices of a picture.
    ...["-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-threads", "1"],
    ...["-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "baseline"],
    ...["-g", `${keyEvery}`, "-keyint_min", `${keyEvery}`, "-sc_threshold", "0", ...rate],
    ...(hasAudio ? ["-c:a", "aac", "-b:a", "64k"] : []),
    ...["-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1", "pipe:1"],
  ];
}

async function send(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

/** The reader went, or the encoder was ended: that is how it ends. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
