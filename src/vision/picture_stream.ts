/**
 * One camera's small pictures: keeps a decoder for them, which gets the recorded
 * stream or reads one of its own. A decoder that ends or hangs is followed by
 * another, after pauses that grow.
 *
 * In:   the camera's stream, as it is recorded.
 * Out:  pictures, each with its frame and its wall time.
 * Not here: the decoder itself (small_picture_decoder.ts), what is seen (camera_watch.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import {
  type PictureSize,
  SOURCE_SIZE,
  type VisionInput,
  visionSize,
} from "../media/vision_args.ts";
import type { CameraSource } from "../model/camera.ts";
import type { FromTap } from "../model/tap.ts";
import type { Sight } from "../model/vision.ts";
import { type DecodedPicture, SmallPictureDecoder } from "./small_picture_decoder.ts";

/** Pauses before a decoder that ended is followed by another, in milliseconds. */
const RESTART_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** A decoder that gave so many pictures was well: the next failure is a new one. */
const HEALTHY_PICTURES = 50;

/**
 * Frames after which a decoder is replaced: ffmpeg's MP4 reader remembers some
 * 150 bytes of each for ever, so this is 30 MB. Two hours of 25 a second.
 */
const MAX_FED_FRAMES = 200_000;

export type TapStart = Extract<FromTap, { readonly type: "start" }>;
export type TapFragment = Extract<FromTap, { readonly type: "fragment" }>;

/** When a picture was, and which frame it shows. */
export type PictureTime = Pick<Sight, "atMs" | "frame">;

export interface PictureStreamParts {
  /** A stream of its own; null for the recorded one. */
  readonly source: CameraSource | null;
  readonly fps: number;
  readonly ffmpegPath: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onPicture: (picture: DecodedPicture, time: PictureTime) => void;
}

/** A stream as it was begun, and who hears what of it is done with. */
interface Begun {
  readonly start: TapStart;
  readonly onTaken: (bytes: number) => void;
}

export class PictureStream {
  readonly #parts: PictureStreamParts;
  readonly #closing = new AbortController();
  /** Decoders that end, and the reading of a stream of its own. */
  readonly #under = new Set<Promise<unknown>>();
  #ffmpegPath: string;
  #begun: Begun | undefined;
  #originMs: UnixMs | undefined;
  #decoder: SmallPictureDecoder | undefined;
  #decoderPictures = 0;
  #fedFrames = 0;
  #failures = 0;
  #restartAtMs = 0;
  #counts = { restarts: 0, hangs: 0 };

  constructor(parts: PictureStreamParts) {
    this.#parts = parts;
    this.#ffmpegPath = parts.ffmpegPath;
    if (parts.source !== null) this.#until(this.#readSource(parts.source));
  }

  /** How often a decoder ended by itself, and how often because it gave no pictures. */
  get counts(): { readonly restarts: number; readonly hangs: number } {
    return this.#counts;
  }

  /** The recorded stream begins anew. `onTaken` hears how many bytes of its fragments are done with. */
  begin(start: TapStart, onTaken: (bytes: number) => void): void {
    // Pictures from a stream of their own go on.
    if (this.#parts.source === null) this.#retire();
    this.#begun = { start, onTaken };
  }

  /** The next piece of the recorded stream. */
  offer({ bytes, isKey, frames, originMs }: TapFragment): void {
    this.#originMs = originMs;
    if (isKey && this.#fedFrames > MAX_FED_FRAMES) this.#retire();
    // Pictures come from a stream of their own: nothing of this one is needed.
    const isWanted = this.#parts.source === null;
    const isFed = isWanted && this.#readyDecoder(isKey) && this.#decoder!.offer(bytes);
    if (isFed) this.#fedFrames += frames;
    else this.#begun?.onTaken(bytes.length);
  }

  /** Decodes with another program from now on. */
  useFfmpeg(path: string): void {
    if (path === this.#ffmpegPath) return;
    this.#ffmpegPath = path;
    // What was wrong with the other one says nothing of this one.
    this.#failures = 0;
    this.#restartAtMs = 0;
    this.#retire();
  }

  /** Resolves when there is no decoder any more; no picture comes after that. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#decoder?.close();
    await Promise.allSettled(this.#under);
  }

  /** Lets the decoder finish what it has; another one begins with the next key frame. */
  #retire(): void {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    this.#fedFrames = 0;
    if (decoder !== undefined) this.#until(decoder.close());
  }

  /** Makes sure of a decoder. A new one can only begin with a key frame. */
  #readyDecoder(isKey: boolean): boolean {
    if (this.#decoder !== undefined && !this.#decoder.hasEnded) return true;
    const begun = this.#begun;
    const isTooEarly = this.#parts.clock.monotonic() < this.#restartAtMs;
    if (!isKey || begun === undefined || isTooEarly) return false;
    const { start, onTaken } = begun;
    const decoder = this.#startDecoder({
      input: { kind: "fragments", timescale: start.timescale },
      size: visionSize(start),
      onTaken,
      onPicture: (picture) => this.#giveFrame(picture, start),
    });
    decoder?.begin(start.initSegment);
    this.#fedFrames = 0;
    return decoder !== undefined;
  }

  /** Reads a stream of its own, again and again, until it is closed. */
  async #readSource(source: CameraSource): Promise<void> {
    const { clock, onPicture } = this.#parts;
    while (!this.#closing.signal.aborted) {
      const decoder = this.#startDecoder({
        input: { kind: "source", source },
        size: SOURCE_SIZE,
        onTaken: () => {},
        onPicture: (picture) => onPicture(picture, { atMs: clock.now(), frame: null }),
      });
      await decoder?.ended;
      const pauseMs = Math.max(0, this.#restartAtMs - clock.monotonic());
      await clock.sleep(pauseMs, this.#closing.signal);
    }
  }

  /** A decoder that is looked after; undefined where it can't be started now. */
  #startDecoder(
    how: {
      readonly input: VisionInput;
      readonly size: PictureSize;
      readonly onTaken: (bytes: number) => void;
      readonly onPicture: (picture: DecodedPicture) => void;
    },
  ): SmallPictureDecoder | undefined {
    const { fps, clock, log } = this.#parts;
    const ffmpegPath = this.#ffmpegPath;
    const onPicture = (picture: DecodedPicture) => {
      this.#decoderPictures += 1;
      how.onPicture(picture);
    };
    try {
      const decoder = new SmallPictureDecoder({ ...how, onPicture, ffmpegPath, fps, clock });
      this.#decoder = decoder;
      this.#decoderPictures = 0;
      this.#until(decoder.ended.then((reason) => this.#ended(decoder, reason)));
      return decoder;
    } catch (error) {
      log.error("Cannot start the vision decoder: {reason}", { reason: messageOf(error) });
      this.#delayRestart();
      return undefined;
    }
  }

  #ended(decoder: SmallPictureDecoder, reason: string): void {
    if (decoder !== this.#decoder || this.#closing.signal.aborted) return;
    this.#decoder = undefined;
    this.#failures = this.#decoderPictures >= HEALTHY_PICTURES ? 0 : this.#failures + 1;
    this.#counts.restarts += 1;
    if (decoder.hasHung) this.#counts.hangs += 1;
    this.#delayRestart();
    this.#parts.log.warning("The vision decoder ended, another follows: {reason}", { reason });
  }

  #delayRestart(): void {
    const pauseMs = RESTART_MS[Math.min(this.#failures, RESTART_MS.length - 1)]!;
    this.#restartAtMs = this.#parts.clock.monotonic() + pauseMs;
  }

  #giveFrame(picture: DecodedPicture, { run, timescale }: TapStart): void {
    if (this.#originMs === undefined) return;
    const { pts } = picture;
    const atMs = unixMs(this.#originMs + Math.round(pts * 1_000 / timescale));
    this.#parts.onPicture(picture, { atMs, frame: { run, pts } });
  }

  #until(work: Promise<unknown>): void {
    this.#under.add(work);
    work.finally(() => this.#under.delete(work)).catch(() => {});
  }
}
