/**
 * What the web server asks of the other rooms: live streams, the archive, exports,
 * events and the system. src/app opens these doors.
 *
 * Design: docs/design/web.md
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { UnixMs } from "../base/units.ts";
import type {
  IceServer,
  LiveCounts,
  LiveRefusal,
  LiveStreamFacts,
  WhepAnswer,
} from "../model/live.ts";
import type { TimeWindow } from "../model/window.ts";
import type { EventDoor } from "./doors_events.ts";
import type { ExportDoor } from "./doors_exports.ts";
import type { SystemDoor } from "./doors_system.ts";
import type { NewsHub } from "./news.ts";

export type { IceServer, LiveCounts, LiveRefusal, LiveStreamFacts } from "../model/live.ts";
export type * from "./doors_events.ts";
export type * from "./doors_exports.ts";
export type * from "./doors_system.ts";

/** Live views (src/live/live.ts). Answers are whole HTTP responses where a protocol asks for it. */
export interface LiveDoor {
  /**
   * Undefined where no such camera or rendition is live. Upgrades to a WebSocket, which
   * ends when `granted` is aborted.
   */
  mse(
    cameraId: string,
    request: Request,
    granted: AbortSignal,
  ): Response | LiveRefusal | undefined;
  /** A file of a live playlist: "index.m3u8", "master.m3u8", "720p.m3u8", segments and parts. */
  hls(
    cameraId: string,
    file: string,
    request: Request,
  ): Promise<Response | LiveRefusal | undefined>;
  mjpeg(
    cameraId: string,
    request: Request,
    granted: AbortSignal,
  ): Response | LiveRefusal | undefined;
  /**
   * Undefined where no such camera or rendition is live.
   *
   * @throws {OperatorError} Where it can't be watched so; the reason is for the page.
   */
  whepOffer(
    cameraId: string,
    offer: {
      readonly sdp: string;
      readonly rendition: string | undefined;
      readonly granted: AbortSignal;
    },
  ): Promise<WhepAnswer | LiveRefusal | undefined>;
  whepEnd(id: string): boolean;
  /** Takes addresses of a viewer, as a fragment of SDP; undefined where that is done. */
  whepTrickle(id: string, fragment: string): LiveRefusal | undefined;
  /**
   * The same as `whepOffer`, by messages over a WebSocket. Undefined where no such camera
   * or rendition is live. It ends when `granted` is aborted.
   */
  webrtc(
    cameraId: string,
    request: Request,
    granted: AbortSignal,
  ): Response | LiveRefusal | undefined;
  /** STUN and TURN servers, with passwords: for who may watch. */
  iceServers(): readonly IceServer[];
  /** What a camera's stream is, and how it can be watched; undefined while there is none. */
  streamOf(cameraId: string): LiveStreamFacts | undefined;
  /** Numbers for /metrics. */
  counts(): LiveCounts;
}

export interface ArchiveCamera {
  readonly cameraId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly geoLocation: { readonly lat: number; readonly lon: number } | null;
  readonly firstMs: UnixMs | null;
  readonly lastMs: UnixMs | null;
}

export interface Timeline {
  readonly spans: readonly TimeWindow[];
  readonly gaps: readonly (TimeWindow & { readonly cause: string; readonly detail: string })[];
  /** Share of each bucket's time in which something was seen, 0 to 1. */
  readonly motion: readonly number[];
  readonly events: readonly TimelineEvent[];
  /** There are more events than fit: these are the surest of each class, bucket by bucket. */
  readonly isThinned: boolean;
}

export interface TimelineEvent {
  readonly eventId: string;
  readonly kind: string;
  readonly class: string | null;
  readonly startMs: UnixMs;
  readonly endMs: UnixMs | null;
  readonly score: number;
}

/** Bytes of known length that can be read from any place. */
export interface ByteBody {
  readonly totalBytes: number;
  /** Strong: other bytes have another one. */
  readonly etag: string;
  read(from: number, to: number, signal: AbortSignal): ReadableStream<Uint8Array>;
}

export interface StillPicture {
  readonly jpeg: Uint8Array;
  readonly atMs: UnixMs;
}

/** A stretch of one batch file, for a playlist. */
export interface RecordedPart {
  readonly batchId: string;
  /** The init segment, in the batch's file. Parts with equal keys have equal ones. */
  readonly initBytes: { readonly offset: number; readonly length: number };
  readonly initKey: string;
  readonly stream: RecordedStream;
  /** Each begins with a key frame; in order, at least one. */
  readonly groups: readonly RecordedGroup[];
  /** The stream begins anew here, or frames are missing before it. */
  readonly isBroken: boolean;
}

/** What a recording's tracks are. */
export interface RecordedStream {
  /** Four letters: "avc1", "hvc1". */
  readonly codec: string;
  /** As players ask for them (RFC 6381): the pictures' first, then the sound's if there is any. */
  readonly codecs: readonly string[];
  readonly width: number;
  readonly height: number;
}

/** One group of pictures or several: the fragments that they lie in. */
export interface RecordedGroup {
  readonly offset: number;
  readonly length: number;
  readonly startMs: UnixMs;
  readonly durationMs: number;
}

/** What is recorded of a window, for a playlist. */
export interface RecordedStretch {
  /** In order of time. */
  readonly parts: readonly RecordedPart[];
  /** False while more of the window may be closed later: what comes is appended. */
  readonly isEnded: boolean;
}

/** A recording in another size. */
export interface RecordedRendition {
  readonly cameraId: string;
  /**
   * The init segment, the same for all recordings of a run. Undefined where it has no such size.
   *
   * @throws {Problem} As `piece`.
   */
  init(signal: AbortSignal): Promise<ByteBody | undefined>;
  /**
   * A piece, encoded when it is asked for. Undefined where it is none: only the pieces that
   * playlists name are made.
   *
   * @throws {Problem} 404 where the recording is gone, 422 where it can't be decoded, 503 where too
   * many wait, 504 where it takes too long.
   */
  piece(
    range: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
  ): Promise<ByteBody | undefined>;
}

/** What is recorded. */
export interface ArchiveDoor {
  /** Whether recordings are given in other sizes. */
  readonly hasRenditions: boolean;
  /** Those of the settings in their order, then those that are gone and have footage. */
  cameras(): readonly ArchiveCamera[];
  /** Whether `cameras()` has it; costs next to nothing. */
  hasCamera(cameraId: string): boolean;
  /** How much of the last 24 hours is recorded, 0 to 1; null before anything was. */
  coverage24h(cameraId: string): Promise<number | null>;
  timeline(cameraId: string, window: TimeWindow, buckets: number): Promise<Timeline>;
  /** The newest still at or before an instant; without one the newest of all. */
  still(cameraId: string, atMs: UnixMs | undefined): Promise<StillPicture | undefined>;
  /** The frame that was on show at an instant, decoded. */
  picture(
    cameraId: string,
    atMs: UnixMs,
    signal: AbortSignal,
  ): Promise<StillPicture | undefined>;
  recorded(cameraId: string, window: TimeWindow): Promise<RecordedStretch>;
  /** The file of a closed batch, and whose it is. */
  batchFile(
    batchId: string,
  ): Promise<{ readonly cameraId: string; readonly body: ByteBody } | undefined>;
  /** A closed batch in another size; undefined where there is no such batch, or no encoder. */
  rendition(batchId: string, name: string): RecordedRendition | undefined;
  /** Exactly that footage as one MP4, not written anywhere. */
  film(
    cameraId: string,
    window: TimeWindow,
    gaps: "keep" | "join",
  ): Promise<ByteBody | undefined>;
}

/** Parts that routes are made of; src/app/web/worker.ts puts them together. */
export interface WebParts {
  readonly version: string;
  readonly clock: Clock;
  readonly live: LiveDoor;
  readonly archive: ArchiveDoor;
  readonly exports: ExportDoor;
  readonly events: EventDoor;
  readonly system: SystemDoor;
  readonly news: NewsHub;
}
