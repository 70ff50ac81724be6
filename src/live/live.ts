/**
 * Live views as the web server asks for them: every protocol over the same streams.
 *
 * In:   the cameras' taps, requests. Out: whole answers.
 * Not here: who may watch what (src/web), the streams (live_hub.ts), each protocol.
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { RenditionSize } from "../media/rendition_args.ts";
import type {
  IceServer,
  LiveCounts,
  LiveRefusal,
  LiveSource,
  LiveStreamFacts,
  WhepAnswer,
} from "../model/live.ts";
import type { EncoderPlaces } from "./encoder_places.ts";
import { masterPlaylist, parseFileName, type Variant } from "./hls_playlist.ts";
import { HlsShelf } from "./hls_shelf.ts";
import { readIceFragment } from "./ice_candidates.ts";
import { LiveHub } from "./live_hub.ts";
import { mjpegResponse, type NewestStill } from "./mjpeg.ts";
import { MseSession } from "./mse_session.ts";
import { SignalSession } from "./signal_session.ts";
import type { Whep } from "./whep.ts";
import { unsuitedReason } from "./whep_feed.ts";

export interface LiveParts {
  readonly ffmpegPath: string;
  readonly clock: Clock;
  /** The newest still of a camera. */
  readonly newestStill: (cameraId: string) => ReturnType<NewestStill>;
  /** Undefined where WebRTC is off. */
  readonly whep: Whep | undefined;
  /** Viewers at once, of all protocols but HLS, which costs next to nothing. */
  readonly maxViewers: number;
  /** Encoders at once; 0 offers no renditions. */
  readonly maxRenditions: number;
  /** Their places, where recorded footage is encoded too. */
  readonly renditionPlaces?: EncoderPlaces;
}

/** A WebSocket whose other end says nothing for so long is dead, in seconds. */
const SOCKET_IDLE_S = 30;

/** How long an encoder may take until a viewer over WebRTC can be answered, in milliseconds. */
const ENCODER_WAIT_MS = 5_000;

/** The most that a stream is, over what it was in the newest group of pictures. */
const PEAK = 1.5;

/** Of a stream of which nothing is learnt yet. */
const USUAL_BITS_PER_SECOND = 4_000_000;

/** What the hasty encoder makes of up to 1080p: constrained baseline, level 4. */
const RENDITION_CODEC = "avc1.42c028";

const NOTHING_BY_WHEP = { missedFrames: 0, missedSounds: 0, unheardFragments: 0, soundEncoders: 0 };

/** A viewer whose connection is held here. */
interface Held {
  readonly cameraId: string;
  /** "signals": what is to become a viewer over WebRTC, and is counted there then. */
  readonly protocol: "mse" | "mjpeg" | "signals";
  readonly end: () => void;
}

interface WhepOffer {
  readonly sdp: string;
  readonly rendition: string | undefined;
  readonly granted: AbortSignal;
  readonly isTrickled?: boolean;
  readonly onEnd?: () => void;
  /** The place that the asker has already. */
  readonly held?: Held;
}

export class Live {
  readonly #parts: LiveParts;
  readonly #hub: LiveHub;
  readonly #shelf: HlsShelf;
  readonly #held = new Set<Held>();

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#hub = new LiveHub(parts);
    this.#shelf = new HlsShelf(parts.clock);
  }

  /** Takes a camera's tap, of kind "live"; the one before is given up, and viewers go on. */
  listen(cameraId: string, port: MessagePort): void {
    this.#hub.listen(cameraId, port);
  }

  /** Ends the views of all other cameras: these are the ones that are recorded. */
  keepOnly(cameraIds: readonly string[]): void {
    const wanted = new Set(cameraIds);
    for (const cameraId of this.#hub.cameraIds) {
      if (wanted.has(cameraId)) continue;
      for (const held of this.#held) if (held.cameraId === cameraId) held.end();
      for (const source of this.#hub.sources(cameraId)) this.#parts.whep?.endAllOf(source);
      this.#shelf.drop((key) => key.startsWith(`${cameraId}/`));
      this.#hub.forget(cameraId);
    }
  }

  mse(
    cameraId: string,
    request: Request,
    granted: AbortSignal,
  ): Response | LiveRefusal | undefined {
    if (!isUpgrade(request)) return upgradeNeeded();
    const source = this.#source(cameraId, renditionOf(request));
    if (source === undefined || "status" in source) return source;
    if (this.#isFull) return this.#fullRefusal();
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: SOCKET_IDLE_S });
    const end = () => session.close();
    const held: Held = { cameraId, protocol: "mse", end };
    this.#held.add(held);
    const session: MseSession = new MseSession(socket, {
      source,
      onEnd: () => {
        granted.removeEventListener("abort", end);
        this.#held.delete(held);
      },
    });
    granted.addEventListener("abort", end);
    return response;
  }

  async hls(
    cameraId: string,
    file: string,
    request: Request,
  ): Promise<Response | LiveRefusal | undefined> {
    const stream = this.#hub.stream(cameraId);
    if (stream === undefined) return undefined;
    if (file === "master.m3u8") return this.#master(cameraId);
    // "720p.m3u8" and "720p_s7.m4s" belong to a rendition, "index.m3u8" and "s7.m4s" do not.
    const [, name, rest] = /^(?:(\d{1,5}p)(?:_|(?=\.m3u8$)))?(.+)$/s.exec(file) ?? [];
    const key = `${cameraId}/${name ?? ""}`;
    const isPlaylist = name === undefined ? file === "index.m3u8" : rest === ".m3u8";
    if (!isPlaylist) {
      const parsed = parseFileName(rest ?? "");
      return parsed === undefined ? undefined : await this.#shelf.file(key, parsed, request.signal);
    }
    const source = this.#source(cameraId, name);
    if (source === undefined || "status" in source) return source;
    const prefix = name === undefined ? "" : `${name}_`;
    return await this.#shelf.playlist({ key, source, prefix }, request);
  }

  mjpeg(
    cameraId: string,
    request: Request,
    granted: AbortSignal,
  ): Response | LiveRefusal | undefined {
    if (this.#hub.stream(cameraId) === undefined) return undefined;
    if (this.#isFull) return this.#fullRefusal();
    const ending = new AbortController();
    const held: Held = { cameraId, protocol: "mjpeg", end: () => ending.abort() };
    this.#held.add(held);
    return mjpegResponse(() => this.#parts.newestStill(cameraId), {
      clock: this.#parts.clock,
      signal: AbortSignal.any([ending.signal, request.signal, granted]),
      onEnd: () => this.#held.delete(held),
    });
  }

  async whepOffer(
    cameraId: string,
    { held = signalling(cameraId), ...offer }: WhepOffer,
  ): Promise<WhepAnswer | LiveRefusal | undefined> {
    const source = this.#source(cameraId, offer.rendition);
    if (source === undefined || "status" in source) return source;
    const { whep } = this.#parts;
    if (whep === undefined) return whepOff();
    // Its place counts here until it counts there.
    this.#held.delete(held);
    if (this.#isFull) return this.#fullRefusal();
    this.#held.add(held);
    try {
      return await this.#whepAnswer(whep, source, offer);
    } finally {
      this.#held.delete(held);
    }
  }

  async #whepAnswer(
    whep: Whep,
    source: LiveSource,
    { sdp, rendition, granted, isTrickled = false, onEnd }: Omit<WhepOffer, "held">,
  ): Promise<WhepAnswer> {
    // What it is says a rendition only once its encoder runs, which it does for viewers.
    using _place = rendition === undefined ? undefined : await this.#begun(source);
    const over = new AbortController();
    const options = { isTrickled, onEnd: () => (over.abort(), onEnd?.()) };
    const answered = await whep.offer(source, sdp, options);
    const end = () => void whep.end(answered.id);
    if (granted.aborted) end();
    // The log-in outlives its viewers, and remembers none that is over.
    granted.addEventListener("abort", end, { signal: over.signal });
    return answered;
  }

  whepEnd(id: string): boolean {
    return this.#parts.whep?.end(id) ?? false;
  }

  whepTrickle(id: string, fragment: string): LiveRefusal | undefined {
    const read = readIceFragment(fragment);
    if (read === undefined) {
      const detail = "This is no fragment of SDP with addresses";
      return { status: 400, code: "request-invalid", detail };
    }
    switch (this.#parts.whep?.addCandidates(id, read) ?? "unknown") {
      case "taken":
        return undefined;
      case "unknown":
        return { status: 404, code: "viewer-unknown", detail: "Nobody watches by this id" };
      case "too-many":
        return { status: 422, code: "request-invalid", detail: "These are too many addresses" };
      case "other-connection":
        return {
          ...{ status: 422, code: "restart-unsupported" },
          detail: "A connection is not begun anew: end it, and offer again",
        };
    }
  }

  /** Makes a connection over WebRTC by messages of a WebSocket (signals.ts). */
  webrtc(
    cameraId: string,
    request: Request,
    granted: AbortSignal,
  ): Response | LiveRefusal | undefined {
    if (!isUpgrade(request)) return upgradeNeeded();
    const rendition = renditionOf(request);
    const source = this.#source(cameraId, rendition);
    if (source === undefined || "status" in source) return source;
    const { whep, clock } = this.#parts;
    if (whep === undefined) return whepOff();
    if (this.#isFull) return this.#fullRefusal();
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: SOCKET_IDLE_S });
    const end = () => session.close();
    const held: Held = { cameraId, protocol: "signals", end };
    this.#held.add(held);
    const session: SignalSession = new SignalSession(socket, {
      ...{ cameraId, iceServers: whep.iceServers },
      offer: async (sdp, onEnd) => {
        const offer = { sdp, rendition, granted, isTrickled: true, onEnd, held };
        return await this.whepOffer(cameraId, offer) ?? unavailable("The camera is gone");
      },
      follow: (id, onFound) => whep.follow(id, onFound),
      addCandidate: (id, line) => whep.addCandidates(id, { ufrag: undefined, candidates: [line] }),
      end: (id) => void whep.end(id),
      onEnd: () => {
        granted.removeEventListener("abort", end);
        this.#held.delete(held);
      },
    }, clock);
    granted.addEventListener("abort", end);
    return response;
  }

  iceServers(): readonly IceServer[] {
    return this.#parts.whep?.iceServers ?? [];
  }

  streamOf(cameraId: string): LiveStreamFacts | undefined {
    const stream = this.#hub.stream(cameraId);
    const info = stream?.info;
    if (stream === undefined || info === undefined) return undefined;
    const { codec, mime, width, height, hasAudio } = info;
    const { hasBFrames } = stream;
    const isForWhep = this.#parts.whep !== undefined &&
      unsuitedReason({ codec, hasBFrames }) === undefined;
    return {
      ...{ codec, mime, width, height, hasAudio, hasBFrames },
      protocols: [...(isForWhep ? ["whep"] : []), "mse", "hls", "still"],
      renditions: this.#sizes(cameraId).map(({ name }) => name),
      ...(isForWhep ? { iceServers: this.iceServers() } : {}),
    };
  }

  counts(): LiveCounts {
    const { whep } = this.#parts;
    const viewers = this.#hub.cameraIds.flatMap((cameraId) => {
      const held = [...this.#held].filter((each) => each.cameraId === cameraId);
      const sources = this.#hub.sources(cameraId);
      const counts = {
        whep: sources.reduce((sum, source) => sum + (whep?.viewersOf(source) ?? 0), 0),
        mse: held.filter(({ protocol }) => protocol === "mse").length,
        // One for each playlist: how many load it is not known.
        hls: this.#shelf.keys.filter((key) => key.startsWith(`${cameraId}/`)).length,
        mjpeg: held.filter(({ protocol }) => protocol === "mjpeg").length,
      };
      return Object.entries(counts).map(([protocol, count]) => ({ cameraId, protocol, count }));
    });
    const { missed: missedFragments, encoders, refusedPieces } = this.#hub;
    const counts = { viewers, missedFragments, encoders, refusedPieces };
    if (whep === undefined) return { ...counts, ...NOTHING_BY_WHEP };
    const { missedFrames, missedSounds, unheardFragments, soundEncoders } = whep.counts;
    return { ...counts, missedFrames, missedSounds, unheardFragments, soundEncoders };
  }

  /** Ends all views. */
  async close(): Promise<void> {
    for (const held of this.#held) held.end();
    this.#shelf[Symbol.dispose]();
    await Promise.all([this.#hub.close(), this.#parts.whep?.close()]);
  }

  /** Watches until the stream has begun, at most for a while; then the caller does. */
  async #begun(source: LiveSource): Promise<Disposable> {
    const began = Promise.withResolvers<void>();
    const place = source.join({ begin: () => began.resolve(), take: () => true });
    const limit = new AbortController();
    const late = this.#parts.clock.sleep(ENCODER_WAIT_MS, limit.signal);
    await Promise.race([began.promise, late]);
    limit.abort();
    return place;
  }

  get #isFull(): boolean {
    return this.#held.size + (this.#parts.whep?.counts.viewers ?? 0) >= this.#parts.maxViewers;
  }

  #fullRefusal(): LiveRefusal {
    return unavailable(`${this.#parts.maxViewers} watch already, which is the most`);
  }

  #sizes(cameraId: string): readonly RenditionSize[] {
    return this.#parts.maxRenditions === 0 ? [] : this.#hub.sizes(cameraId);
  }

  #source(cameraId: string, rendition: string | undefined): LiveSource | LiveRefusal | undefined {
    if (rendition === undefined) return this.#hub.stream(cameraId);
    if (this.#parts.maxRenditions === 0) return undefined;
    const source = this.#hub.rendition(cameraId, rendition);
    if (source !== "full") return source;
    return unavailable(`${this.#parts.maxRenditions} renditions are encoded, which is the most`);
  }

  #master(cameraId: string): Response | LiveRefusal {
    const stream = this.#hub.stream(cameraId);
    const info = stream?.info;
    if (info === undefined) return unavailable("The camera's stream has nothing to play now");
    const codecs = /codecs="([^"]*)"/.exec(info.mime)?.[1] ?? info.codec;
    const own = {
      uri: "index.m3u8",
      bitsPerSecond: PEAK * (stream?.shape?.bitsPerSecond ?? USUAL_BITS_PER_SECOND),
      codecs,
      width: info.width,
      height: info.height,
    };
    const audio = codecs.split(",").slice(1);
    const others = this.#sizes(cameraId).map(({ name, bitsPerSecond, width, height }): Variant => ({
      uri: `${name}.m3u8`,
      codecs: [RENDITION_CODEC, ...audio].join(","),
      ...{ bitsPerSecond, width, height },
    }));
    return new Response(masterPlaylist([own, ...others]), {
      headers: { "content-type": "application/vnd.apple.mpegurl", "cache-control": "no-store" },
    });
  }
}

/** The place of who is about to be answered over WebRTC: `whep` ends him with his camera. */
function signalling(cameraId: string): Held {
  return { cameraId, protocol: "signals", end: () => {} };
}

function unavailable(detail: string): LiveRefusal {
  return { status: 503, code: "live-unavailable", detail };
}

function whepOff(): LiveRefusal {
  return unavailable("WebRTC is off in the settings");
}

function isUpgrade(request: Request): boolean {
  const isSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  return isSocket && request.method === "GET";
}

function upgradeNeeded(): LiveRefusal {
  return { status: 426, code: "websocket-needed", detail: "This is a WebSocket" };
}

function renditionOf(request: Request): string | undefined {
  return new URL(request.url).searchParams.get("rendition") ?? undefined;
}
