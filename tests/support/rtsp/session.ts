/**
 * One client of the camera: answers its RTSP requests and sends it packets
 * over the same TCP connection.
 *
 * In:   the connection, and what the camera tells about itself.
 * Out:  replies; from PLAY on, packets from the next key frame.
 * Not here: listening, feeding (rtsp_camera.ts).
 *
 * Source: RFC 2326, of which a camera that only plays needs seven methods.
 *
 * @module
 */

import { ByteSource, concat } from "./byte_source.ts";
import { type Credentials, digestChallenge, provesPassword } from "./digest.ts";
import { type MediaUnit, type RtspMedia, TRACK_CONTROLS, type TrackName } from "./media.ts";
import {
  interleave,
  readRequest,
  replyBytes,
  type RtspReply,
  type RtspRequest,
} from "./message.ts";
import { Outbox } from "./outbox.ts";

/** What a session asks of its camera. */
export interface SessionHost {
  readonly credentials: Credentials | undefined;
  readonly nonce: string;
  readonly maxQueuedBytes: number;
  /** Nothing when the film is over. */
  media(): RtspMedia | undefined;
  /** A client has begun to play. */
  played(): void;
}

const SESSION_ID = "7e57";
const METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN";

/** Methods that tell nothing about the stream, and so need no password. */
const OPEN_METHODS: readonly string[] = ["OPTIONS"];

export class Session {
  readonly #outbox: Outbox;
  /** Channels and addresses of the tracks that were set up. */
  readonly #tracks = new Map<TrackName, { readonly channel: number; readonly url: string }>();
  #playing = false;
  #waitingForKey = true;

  readonly #handlers: Readonly<Record<string, (request: RtspRequest) => RtspReply>> = {
    OPTIONS: () => ({ status: 200, headers: { Public: METHODS } }),
    DESCRIBE: (request) => this.#describe(request),
    SETUP: (request) => this.#setup(request),
    PLAY: () => this.#play(),
    GET_PARAMETER: () => ({ status: 200, headers: { Session: SESSION_ID } }),
    TEARDOWN: () => ({ status: 200, headers: { Session: SESSION_ID } }),
  };

  constructor(readonly conn: Deno.TcpConn, readonly host: SessionHost) {
    this.#outbox = new Outbox(conn, host.maxQueuedBytes);
  }

  /** Answers requests until the client leaves or is dropped. */
  async run(): Promise<void> {
    const source = new ByteSource(async () => {
      const chunk = new Uint8Array(4_096);
      const sizeBytes = await this.conn.read(chunk);
      return sizeBytes === null ? undefined : chunk.subarray(0, sizeBytes);
    });
    try {
      for (;;) {
        const request = await readRequest(source);
        if (request === undefined) break;
        this.#push(replyBytes(request, this.#reply(request)));
        if (request.method === "PLAY" && this.#playing) this.host.played();
        if (request.method === "TEARDOWN") break;
      }
      await this.#outbox.flushed();
    } catch {
      // A connection that breaks, or talks no RTSP, ends here and is closed.
    } finally {
      this.drop();
      await this.#outbox.flushed();
    }
  }

  /** Sends a frame, if the client plays and has seen a key frame. */
  send(unit: MediaUnit): void {
    const track = this.#tracks.get(unit.track);
    if (!this.#playing || track === undefined) return;
    if (this.#waitingForKey && !unit.key) return;
    this.#waitingForKey = false;
    this.#push(concat(unit.packets.map((packet) => interleave(track.channel, packet))));
  }

  /** Lets the client wait for a key frame again, because frames were left out. */
  awaitKey(): void {
    this.#waitingForKey = true;
  }

  /** Resolves when the client has taken all that was sent, or is gone. */
  flushed(): Promise<void> {
    return this.#outbox.flushed();
  }

  /**
   * Ends the film: says goodbye on each track and closes our side. The client
   * closes the other; if we closed both, a report of the client's that is
   * under way would make the kernel throw away frames it has not read yet.
   */
  async finish(streams: RtspMedia["streams"]): Promise<void> {
    for (const [name, { channel }] of this.#playing ? this.#tracks : []) {
      const stream = streams[name];
      if (stream !== undefined) this.#push(interleave(channel + 1, stream.goodbye()));
    }
    await this.#outbox.flushed();
    try {
      await this.conn.closeWrite();
    } catch {
      // The client was quicker.
    }
  }

  /**
   * Sends no more and closes the connection. Deno lets go of a socket only when
   * a write that has begun has ended: a client that takes nothing sees the
   * close when it reads on.
   */
  drop(): void {
    this.#playing = false;
    this.#outbox.abandon();
    try {
      this.conn.close();
    } catch {
      // It is closed.
    }
  }

  #push(bytes: Uint8Array): void {
    if (!this.#outbox.push(bytes)) this.drop();
  }

  #reply(request: RtspRequest): RtspReply {
    const handler = this.#handlers[request.method];
    if (handler === undefined) return { status: 405, headers: { Allow: METHODS } };
    const { credentials, nonce } = this.host;
    const open = credentials === undefined || OPEN_METHODS.includes(request.method);
    if (open || provesPassword(request, { nonce, credentials })) return handler(request);
    return { status: 401, headers: { "WWW-Authenticate": digestChallenge(nonce) } };
  }

  #describe(request: RtspRequest): RtspReply {
    const body = this.host.media()?.sdp();
    if (body === undefined) return { status: 404 };
    const base = `${request.url.replace(/\/$/, "")}/`;
    return {
      status: 200,
      headers: { "Content-Type": "application/sdp", "Content-Base": base },
      body,
    };
  }

  #setup(request: RtspRequest): RtspReply {
    const wanted = request.headers.get("transport") ?? "";
    const channel = /RTP\/AVP\/TCP.*interleaved=(\d+)/.exec(wanted)?.[1];
    if (channel === undefined) return { status: 461 };
    const track = trackOf(request.url);
    if (track === undefined) return { status: 404 };
    this.#tracks.set(track, { channel: Number(channel), url: request.url });
    const transport = `RTP/AVP/TCP;unicast;interleaved=${channel}-${Number(channel) + 1}`;
    return { status: 200, headers: { Transport: transport, Session: SESSION_ID } };
  }

  #play(): RtspReply {
    const media = this.host.media();
    if (media === undefined) return { status: 404 };
    if (this.#tracks.size === 0) return { status: 455 };
    this.#playing = true;
    // The same instant on each track's own clock: what keeps sound and picture
    // together when no sender reports come.
    const info = [...this.#tracks].map(([name, { url }]) =>
      `url=${url};rtptime=${media.streams[name]?.timestamp(media.newestMs) ?? 0}`
    );
    return { status: 200, headers: { Session: SESSION_ID, "RTP-Info": info.join(",") } };
  }
}

function trackOf(url: string): TrackName | undefined {
  const names = Object.keys(TRACK_CONTROLS) as TrackName[];
  return names.find((name) => url.endsWith(`/${TRACK_CONTROLS[name]}`));
}
