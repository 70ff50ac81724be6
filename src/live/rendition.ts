/**
 * A camera's stream in another size, or as H.264 where it is something else: encoded
 * while somebody watches it, and a little longer.
 *
 * In:   the camera's stream. Out: a {@linkcode LiveSource} like any other.
 * Not here: the process (rendition_encoder.ts), which sizes there are (rendition_args.ts).
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { joined } from "../base/bytes.ts";
import type { Logger } from "../base/log.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import type { Fragment, StreamStart } from "../media/fragment_stream.ts";
import { type LiveTimeline, liveTimeline, moveFragment } from "../media/live_timeline.ts";
import {
  type EncoderKind,
  RENDITION_KEY_S,
  type RenditionSize,
  renditionSizes,
} from "../media/rendition_args.ts";
import type { LiveSource, StreamFragment, StreamInfo, StreamShape, Viewer } from "../model/live.ts";
import type { EncoderChoice } from "./encoder_choice.ts";
import { type EncoderPlaces, restartPauseMs } from "./encoder_places.ts";
import { FanOut } from "./fan_out.ts";
import { infoOf, LINGER_MS } from "./live_stream.ts";
import type { PipedEncoder } from "./piped_encoder.ts";
import { startRenditionEncoder } from "./rendition_encoder.ts";

/** An encoder that gave so many fragments was well: the next failure is a new one. */
const HEALTHY_FRAGMENTS = 50;

/**
 * Frames after which an encoder is replaced: ffmpeg's MP4 reader remembers some 150 bytes
 * of each for ever, so this is 75 MB. Five hours of 25 a second.
 */
const MAX_FED_FRAMES = 500_000;

export interface RenditionParts {
  readonly source: LiveSource;
  readonly size: RenditionSize;
  readonly ffmpegPath: string;
  readonly choice: EncoderChoice;
  readonly places: EncoderPlaces;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Rendition implements LiveSource, Disposable {
  readonly #parts: RenditionParts;
  readonly #fan: FanOut;
  readonly shape: StreamShape;
  readonly hasBFrames = false;
  #size: RenditionSize;
  #linger: AbortController | undefined;
  /** While there is a place for an encoder. */
  #running: { place?: Disposable; hasEnded: boolean } | undefined;
  #encoderKind: EncoderKind = "libx264";
  #encoder: PipedEncoder | undefined;
  #sourceInfo: StreamInfo | undefined;
  #sourceOriginMs: UnixMs | undefined;
  #timeline: LiveTimeline | undefined;
  #run = 0;
  #fedFrames = 0;
  #fragments = 0;
  #failures = 0;
  #restartAtMs = 0;
  /** Encoders that are ending. */
  readonly #ending = new Set<Promise<unknown>>();

  constructor(parts: RenditionParts) {
    this.#parts = parts;
    this.#size = parts.size;
    this.#fan = new FanOut({ onFirst: () => this.#begin(), onLast: () => this.#endLater() });
    const { bitsPerSecond } = parts.size;
    this.shape = { hasBFrames: false, keyEveryMs: RENDITION_KEY_S * 1_000, bitsPerSecond };
  }

  get cameraId(): string {
    return this.#parts.source.cameraId;
  }

  get info(): StreamInfo | undefined {
    return this.#fan.info;
  }

  get viewers(): number {
    return this.#fan.viewers;
  }

  get missed(): number {
    return this.#fan.missed;
  }

  get size(): RenditionSize {
    return this.#size;
  }

  /** The encoder's process, for those who test what becomes of it. */
  get pid(): number | undefined {
    return this.#encoder?.pid;
  }

  /** Whether somebody who joins gets pictures: it runs already, or there is a place for it. */
  get isOpen(): boolean {
    const { places } = this.#parts;
    return this.#running !== undefined || places.taken < places.most;
  }

  join(viewer: Viewer): Disposable {
    const place = this.#fan.join(viewer);
    // Those before it may have found no place for an encoder, which there is now.
    if (this.#fan.viewers > 0) this.#begin();
    return place;
  }

  /** Ends the encoder at once. */
  [Symbol.dispose](): void {
    this.#linger?.abort();
    this.#end();
  }

  /** Resolves when no process is left. */
  async closed(): Promise<void> {
    this[Symbol.dispose]();
    await Promise.allSettled(this.#ending);
  }

  #begin(): void {
    this.#linger?.abort();
    this.#linger = undefined;
    if (this.#running !== undefined || !this.isOpen) return;
    const running: { place?: Disposable; hasEnded: boolean } = { hasEnded: false };
    this.#running = running;
    this.#parts.places.take();
    this.#parts.choice.get().then((encoder) => {
      if (running.hasEnded) return;
      this.#encoderKind = encoder;
      running.place = this.#parts.source.join({
        begin: (info) => this.#beginEncoder(info),
        take: (fragment) => this.#feed(fragment),
      });
    });
  }

  #endLater(): void {
    const linger = this.#linger = new AbortController();
    this.#parts.clock.sleep(LINGER_MS, linger.signal).then(() => {
      if (!linger.signal.aborted) this.#end();
    });
  }

  #end(): void {
    const running = this.#running;
    if (running === undefined) return;
    running.hasEnded = true;
    running.place?.[Symbol.dispose]();
    this.#running = undefined;
    this.#parts.places.giveBack();
    this.#retire();
    this.#sourceInfo = undefined;
    this.#fan.rest();
  }

  #beginEncoder(info: StreamInfo): void {
    this.#retire();
    this.#sourceInfo = info;
    // The camera may have another picture size now: who watches goes on with the like of it.
    this.#size = renditionSizes(info).find(({ name }) => name === this.#size.name) ?? this.#size;
    this.#startEncoder(info);
  }

  #feed({ bytes, isKey, frames, originMs }: StreamFragment): boolean {
    this.#sourceOriginMs = originMs;
    const info = this.#sourceInfo;
    if (isKey && this.#fedFrames > MAX_FED_FRAMES) this.#retire();
    if (this.#encoder === undefined && isKey && info !== undefined) this.#startEncoder(info);
    if (!this.#encoder?.offer(bytes)) return false;
    this.#fedFrames += frames;
    return true;
  }

  #startEncoder(info: StreamInfo): void {
    const { ffmpegPath, clock, log } = this.#parts;
    const size = this.#size;
    if (clock.monotonic() < this.#restartAtMs) return;
    try {
      const encoder: PipedEncoder = startRenditionEncoder({
        ...{ ffmpegPath, size, info, encoder: this.#encoderKind },
        onPart: (part) => {
          if (encoder === this.#encoder) this.#take(part);
        },
      });
      this.#encoder = encoder;
      this.#fedFrames = 0;
      this.#fragments = 0;
      encoder.ended.then((reason) => this.#encoderEnded(encoder, reason));
    } catch (error) {
      this.#failures += 1;
      this.#delayRestart();
      log.error("Cannot start the encoder of {name}: {reason}", {
        name: size.name,
        reason: messageOf(error),
      });
    }
  }

  #encoderEnded(encoder: PipedEncoder, reason: string): void {
    if (encoder !== this.#encoder) return;
    this.#encoder = undefined;
    const { choice, log } = this.#parts;
    if (this.#fragments === 0) {
      choice.distrust(this.#encoderKind);
      this.#encoderKind = "libx264";
    }
    this.#failures = this.#fragments >= HEALTHY_FRAGMENTS ? 0 : this.#failures + 1;
    this.#delayRestart();
    log.warning("The encoder of {name} ended, another follows: {reason}", {
      name: this.#size.name,
      reason,
    });
  }

  #delayRestart(): void {
    this.#restartAtMs = this.#parts.clock.monotonic() + restartPauseMs(this.#failures);
  }

  /** Ends the encoder; another begins with the next key frame. */
  #retire(): void {
    const encoder = this.#encoder;
    this.#encoder = undefined;
    if (encoder === undefined) return;
    const ending = encoder.close();
    this.#ending.add(ending);
    ending.finally(() => this.#ending.delete(ending));
  }

  #take(part: StreamStart | Fragment): void {
    if (part.type === "init") {
      this.#timeline = liveTimeline(joined([part.ftyp, part.moov]));
      this.#run = Math.max(this.#parts.clock.now(), this.#run + 1);
      return this.#fan.begin(infoOf(this.#run, this.#timeline));
    }
    const [timeline, originMs] = [this.#timeline, this.#sourceOriginMs];
    if (timeline === undefined || originMs === undefined) return;
    const { bytes, samples: { video } } = part;
    moveFragment(bytes, timeline);
    this.#fragments += 1;
    this.#fan.take({
      bytes,
      isKey: video[0]?.isKey ?? false,
      frames: video.length,
      originMs: unixMs(originMs - timeline.laterMs),
    });
  }
}
