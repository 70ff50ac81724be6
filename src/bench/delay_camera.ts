/**
 * A camera whose frames leave it at known moments: sends an FLV film over HTTP on
 * 127.0.0.1, each frame when it is due.
 *
 * FLV, because each of its frames carries its length: its reader hands a frame on
 * when its last byte is there, and does not wait for the next one, as with MPEG-TS.
 *
 * @module
 */

import { CLIP_FPS } from "./clip.ts";
import { pause } from "./lookback_process.ts";

/** Head of an FLV film, and the length in front of its first tag. */
const HEAD_BYTES = 9 + 4;

/** Head of a tag; behind its content stands its length again. */
const TAG_HEAD_BYTES = 11;
const TAG_END_BYTES = 4;

const VIDEO_TAG = 9;

/** In front of a frame: kind of frame and codec, kind of packet, and its shift in time. */
const FRAME_HEAD_BYTES = 5;

/** A packet that is a frame; others carry how to decode and the stream's end. */
const FRAME_PACKET = 1;

/** An FLV film, cut into what is sent. */
export interface FlvFilm {
  /** All that comes before the first frame. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** A tag each, whole. */
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
  /** Bytes of each frame, as a recording has it. */
  readonly sizes: readonly number[];
}

/** Cuts a film with H.264 alone. */
export function cutFlv(bytes: Uint8Array<ArrayBuffer>): FlvFilm {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Uint8Array<ArrayBuffer>[] = [];
  const sizes: number[] = [];
  let headEnd = HEAD_BYTES;
  for (let at = HEAD_BYTES; at + TAG_HEAD_BYTES <= bytes.length;) {
    const contentBytes = view.getUint32(at) & 0xff_ffff;
    const end = at + TAG_HEAD_BYTES + contentBytes + TAG_END_BYTES;
    const isFrame = view.getUint8(at) === VIDEO_TAG &&
      view.getUint8(at + TAG_HEAD_BYTES + 1) === FRAME_PACKET;
    if (isFrame) {
      frames.push(bytes.subarray(at, end));
      sizes.push(contentBytes - FRAME_HEAD_BYTES);
    } else if (frames.length === 0) headEnd = end;
    at = end;
  }
  return { head: bytes.subarray(0, headEnd), frames, sizes };
}

export interface TimedCamera extends AsyncDisposable {
  readonly url: string;
  /** When each frame left, as wall time in milliseconds with fractions. */
  readonly leftAtMs: readonly number[];
  /** How often somebody came to watch. */
  readonly viewers: number;
}

/** Wall time that does not step while the bench runs, in milliseconds with fractions. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Each viewer gets the film from its start. */
export function startTimedCamera(film: FlvFilm): TimedCamera {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stopping = new AbortController();
  const sending: Promise<void>[] = [];
  let leftAtMs: number[] = [];
  let viewers = 0;
  const accepting = (async () => {
    for await (const conn of listener) {
      viewers += 1;
      leftAtMs = [];
      sending.push(show(conn, film, { leftAtMs, signal: stopping.signal }));
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/camera.flv`,
    get leftAtMs() {
      return leftAtMs;
    },
    get viewers() {
      return viewers;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      listener.close();
      await accepting;
      await Promise.all(sending);
    },
  };
}

async function show(
  conn: Deno.TcpConn,
  film: FlvFilm,
  { leftAtMs, signal }: { readonly leftAtMs: number[]; readonly signal: AbortSignal },
): Promise<void> {
  using viewer = conn;
  try {
    await viewer.read(new Uint8Array(4_096));
    const head = "HTTP/1.0 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n";
    await send(viewer, new TextEncoder().encode(head));
    await send(viewer, film.head);
    const startedAt = performance.now();
    for (const [index, frame] of film.frames.entries()) {
      await pause(Math.max(0, startedAt + index * 1_000 / CLIP_FPS - performance.now()));
      if (signal.aborted) return;
      // Before it is sent: what the wire takes is part of the delay.
      leftAtMs.push(nowMs());
      await send(viewer, frame);
    }
  } catch (error) {
    // The viewer went, as it does at the end of the measurement.
    const isGone = error instanceof Deno.errors.BrokenPipe ||
      error instanceof Deno.errors.ConnectionReset;
    if (!isGone) throw error;
  }
}

async function send(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}
