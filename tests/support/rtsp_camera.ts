/**
 * A network camera for tests: an RTSP server on 127.0.0.1, fed by one ffmpeg,
 * that can be told to fail the way cameras do.
 *
 * In:   what it shows (ffmpeg's input arguments) and who may see it.
 * Out:  H.264, with AAC where wanted, as RTP inside the RTSP connection (TCP
 *       only; UDP is answered with 461). Each client starts at a key frame.
 * Not here: H.265, UDP, sender reports.
 *
 * @module
 */

import type { Credentials } from "./rtsp/digest.ts";
import { Feed, feedArgs, type FeedOptions } from "./rtsp/feed.ts";
import type { FlvEvent } from "./rtsp/flv.ts";
import { type ParameterSets, RtspMedia } from "./rtsp/media.ts";
import { Session, type SessionHost } from "./rtsp/session.ts";

export type { Credentials, ParameterSets };

export interface RtspCameraOptions {
  /**
   * ffmpeg's input arguments, for example `["-re", "-stream_loop", "-1", "-i", clip]`. A live
   * camera needs "-re": a client that can't follow is dropped.
   */
  readonly input: readonly string[];
  /** "copy" for H.264 as it is in the file, else encoder arguments. Default: {@linkcode ENCODE}. */
  readonly video?: "copy" | readonly string[];
  /** Default "none". "encode" makes AAC; a second input may bring the sound. */
  readonly audio?: FeedOptions["audio"];
  /** Asks for them by Digest authentication; `url` then carries them. */
  readonly credentials?: Credentials;
  /** Where clients find SPS and PPS. Default "both". */
  readonly parameterSets?: ParameterSets;
  /**
   * Plays the input once, from its first frame, when the first client plays. Frames wait for
   * slow clients and for the end of a stall. After the end clients are disconnected and DESCRIBE
   * is answered with 404.
   */
  readonly startOnPlay?: boolean;
}

/** A running camera, and what can go wrong with it. */
export interface RtspCamera extends AsyncDisposable {
  /** With user and password, where it asks for them. */
  readonly url: string;
  /** Connections accepted so far. */
  readonly clientsSeen: number;
  /** PLAY requests granted so far. */
  readonly playsSeen: number;
  /** Resolves at the next PLAY that is granted; fails after `limitMs` (10 s if not given). */
  nextPlay(limitMs?: number): Promise<void>;
  /** Sends no more media, but keeps connections and answers requests. Live frames are lost. */
  stall(): void;
  /** Ends a stall; clients go on at the next key frame. */
  resume(): void;
  /** Disconnects all clients at once. */
  dropClients(): void;
  /** Closes the port to new clients (`true`), or opens the same port again (`false`). */
  refuse(refusing: boolean): void;
  /** Disconnects everybody and kills ffmpeg. Throws if ffmpeg had failed by itself. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** H.264 as cheap as it gets, a key frame each second at 25 fps; one thread, so one slice a frame. */
export const ENCODE: readonly string[] = [
  ...["-c:v", "libx264", "-threads", "1", "-preset", "ultrafast", "-tune", "zerolatency"],
  ...["-pix_fmt", "yuv420p", "-g", "25", "-keyint_min", "25"],
];

/** How long a test waits for a client before it is wrong to wait on. */
const PLAY_LIMIT_MS = 10_000;

/** How long the camera's end waits for clients: they are told at once, so this is plenty. */
const END_LIMIT_MS = 5_000;

/** Eight seconds of a camera at 8 Mbit/s. */
const MAX_QUEUED_BYTES = 8_000_000;

/**
 * Starts a camera; it can be read when this resolves.
 *
 * @throws {Error} With ffmpeg's own words, if the input can't be shown.
 *
 * @example A client that is starved while it reads
 * ```ts
 * import { runFfmpeg } from "./clips.ts";
 *
 * const input = ["-re", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=100"];
 * await using camera = await startRtspCamera({ input });
 * const played = camera.nextPlay();
 * const reading = runFfmpeg(["-i", camera.url, "-frames:v", "30", "-f", "null", "-"]);
 * await played;
 * camera.stall();
 * camera.resume();
 * await reading;
 * ```
 */
export async function startRtspCamera(options: RtspCameraOptions): Promise<RtspCamera> {
  const camera = new Camera(options);
  try {
    await camera.start();
  } catch (error) {
    await camera[Symbol.asyncDispose]();
    throw error;
  }
  return camera;
}

class Camera implements RtspCamera {
  clientsSeen = 0;
  playsSeen = 0;

  readonly #options: RtspCameraOptions;
  readonly #args: readonly string[];
  readonly #media: RtspMedia;
  readonly #nonce = crypto.randomUUID();
  readonly #sessions = new Set<Session>();
  readonly #playWaiters = new Set<PromiseWithResolvers<void>>();
  /** What must have ended before the camera is gone. */
  readonly #tasks = new Set<Promise<void>>();
  #listener: Deno.TcpListener | undefined;
  #port = 0;
  #feed: Feed | undefined;
  #feedFailure: string | undefined;
  #over = false;
  #disposed = false;
  #stall: PromiseWithResolvers<void> | undefined;

  constructor(options: RtspCameraOptions) {
    const { input, video = ENCODE, audio = "none", parameterSets = "both" } = options;
    this.#options = options;
    this.#args = feedArgs({ input, video, audio });
    this.#media = new RtspMedia(parameterSets);
  }

  get url(): string {
    const { credentials } = this.#options;
    const login = credentials === undefined
      ? ""
      : `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`;
    return `rtsp://${login}127.0.0.1:${this.#port}/stream`;
  }

  async start(): Promise<void> {
    const feed = new Feed(this.#args);
    this.#feed = feed;
    const events = feed.events();
    await this.#readSetUp(feed, events);
    if (this.#options.startOnPlay) {
      // This ffmpeg was only asked how its film begins; the first client gets another.
      await feed.stop();
      this.#feed = undefined;
    } else {
      this.#own(this.#show(feed, events));
    }
    this.#listen();
  }

  nextPlay(limitMs = PLAY_LIMIT_MS): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => waiter.reject(new Error(`Cannot wait on for PLAY: none came within ${limitMs} ms`)),
      limitMs,
    );
    this.#playWaiters.add(waiter);
    const done = waiter.promise.finally(() => {
      clearTimeout(timer);
      this.#playWaiters.delete(waiter);
    });
    // A test that fails before it awaits this must show its own failure, not this one.
    done.catch(() => {});
    return done;
  }

  stall(): void {
    this.#stall ??= Promise.withResolvers();
  }

  resume(): void {
    // Frames of a film that waits are all there; live ones are missing.
    if (!this.#options.startOnPlay) this.#sessions.forEach((session) => session.awaitKey());
    this.#stall?.resolve();
    this.#stall = undefined;
  }

  dropClients(): void {
    this.#sessions.forEach((session) => session.drop());
  }

  refuse(refusing: boolean): void {
    if (!refusing && this.#listener === undefined) return this.#listen();
    if (!refusing) return;
    this.#listener?.close();
    this.#listener = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.refuse(true);
    this.#stall?.resolve();
    this.dropClients();
    for (const waiter of this.#playWaiters) waiter.reject(new Error("The test camera was closed"));
    await this.#feed?.stop();
    await this.#tasksEnded();
    if (this.#feedFailure !== undefined) throw new Error(this.#feedFailure);
  }

  /** Reads until picture and sound are known; the first frames come after that. */
  async #readSetUp(feed: Feed, events: AsyncGenerator<FlvEvent, void>): Promise<void> {
    const audio = (this.#options.audio ?? "none") !== "none";
    while (!this.#media.isReady({ audio })) {
      const { value: event, done } = await events.next();
      if (done || event.type === "picture" || event.type === "sound") {
        const found = done ? await feed.failure() : "frames came before their set-up";
        const wanted = audio ? "H.264 and AAC" : "H.264";
        throw new Error(`Cannot start the test camera: need ${wanted}, found: ${found}`);
      }
      this.#media.take(event);
    }
  }

  #listen(): void {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: this.#port });
    this.#listener = listener;
    this.#port = listener.addr.port;
    this.#own(this.#accept(listener));
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    for await (const conn of listener) {
      this.clientsSeen += 1;
      const session = new Session(conn, this.#host);
      this.#sessions.add(session);
      this.#own(session.run().finally(() => this.#sessions.delete(session)));
    }
  }

  get #host(): SessionHost {
    return {
      credentials: this.#options.credentials,
      nonce: this.#nonce,
      maxQueuedBytes: MAX_QUEUED_BYTES,
      media: () => this.#over ? undefined : this.#media,
      played: () => this.#played(),
    };
  }

  #played(): void {
    this.playsSeen += 1;
    this.#playWaiters.forEach((waiter) => waiter.resolve());
    if (this.#feed !== undefined || this.#disposed) return;
    this.#feed = new Feed(this.#args);
    this.#own(this.#show(this.#feed, this.#feed.events()));
  }

  /** Sends what the feed brings, until it ends. */
  async #show(feed: Feed, events: AsyncGenerator<FlvEvent, void>): Promise<void> {
    for await (const event of events) {
      if (this.#options.startOnPlay) await this.#resumed();
      const frame = event.type === "picture" || event.type === "sound";
      if (frame && this.#stall !== undefined) continue;
      const unit = this.#media.take(event);
      if (unit === undefined) continue;
      this.#sessions.forEach((session) => session.send(unit));
      if (this.#options.startOnPlay) await this.#flushed();
    }
    this.#over = true;
    this.#feedFailure = await feed.failure();
    await Promise.all([...this.#sessions].map((session) => session.finish(this.#media.streams)));
  }

  /** Resolves outside a stall, and at the camera's end. */
  async #resumed(): Promise<void> {
    while (this.#stall !== undefined && !this.#disposed) await this.#stall.promise;
  }

  async #flushed(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.flushed()));
  }

  async #tasksEnded(): Promise<void> {
    const tooLate = Promise.withResolvers<never>();
    const timer = setTimeout(
      () =>
        tooLate.reject(new Error("Cannot close the test camera: a client neither reads nor goes")),
      END_LIMIT_MS,
    );
    await Promise.race([Promise.all(this.#tasks), tooLate.promise])
      .finally(() => clearTimeout(timer));
  }

  #own(task: Promise<void>): void {
    const owned = task.finally(() => this.#tasks.delete(owned));
    this.#tasks.add(owned);
  }
}
