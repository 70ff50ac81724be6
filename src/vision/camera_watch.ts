/**
 * Looks at one camera: decodes its stream to small pictures, finds what moves in
 * them, has the detector look there, and tells of the events that it adds up to.
 *
 * In:  the camera's stream over its tap. Out: changes of events, with their pictures;
 * over the tap, what was seen in a frame.
 * Not here: what moves and what an event is (camera_eye.ts), finding things (detector.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { SOURCE_SIZE, visionSize } from "../media/vision_args.ts";
import type { CameraSource } from "../model/camera.ts";
import type { FromTap, ToTap } from "../model/tap.ts";
import type { Box, Detection, Sight } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { CameraEye } from "./camera_eye.ts";
import type { Detector } from "./detector.ts";
import type { EventPictures, KeptPicture } from "./event_pictures.ts";
import type { EventChange, VisionStatus } from "./messages.ts";
import { type DecodedPicture, PictureDecoder } from "./picture_decoder.ts";

/** Pauses before a decoder that ended is started again, in milliseconds. */
const RESTART_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** A decoder that gave so many pictures was well: the next failure is a new one. */
const HEALTHY_PICTURES = 50;

/**
 * Frames after which a decoder is replaced: ffmpeg's MP4 reader remembers some
 * 150 bytes of each for ever, so this is 30 MB. Two hours of 25 a second.
 */
const MAX_FED_FRAMES = 200_000;

/** Pictures that are kept, 0.3 MB each: what a detector is behind. */
const MOST_RECENT = 12;

export interface CameraWatchParts {
  readonly cameraId: string;
  readonly settings: VisionSettings;
  readonly ffmpegPath: string;
  /** Undefined where only movement is looked for. */
  readonly detector: Pick<Detector, "detect"> | undefined;
  readonly pictures: EventPictures;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onChange: (change: EventChange) => void;
}

type Start = Extract<FromTap, { readonly type: "start" }>;

export class CameraWatch {
  readonly #parts: CameraWatchParts;
  readonly #eye: CameraEye;
  #tap: MessagePort | undefined;
  #start: Start | undefined;
  #originMs: UnixMs | undefined;
  #decoder: PictureDecoder | undefined;
  #decoderPictures = 0;
  #fedFrames = 0;
  #failures = 0;
  #restartAtMs = 0;
  #newestMs = unixMs(0);
  readonly #closing = new AbortController();
  /** Pictures that the detector has, and pictures of events that are being written. */
  readonly #under = new Set<Promise<unknown>>();
  #counts = { pictures: 0, movingPictures: 0, detected: 0, skipped: 0, restarts: 0 };
  readonly #open = new Set<string>();
  /** The detector found something when it last looked. */
  #hasFound = false;
  /** The newest pictures in which something moved: an event may name one of them as its best. */
  readonly #recent: KeptPicture[] = [];

  constructor(parts: CameraWatchParts) {
    this.#parts = parts;
    this.#eye = new CameraEye(parts.settings, parts.cameraId);
    const { source } = parts.settings;
    if (source !== null) this.#until(this.#watchSource(source));
  }

  get status(): VisionStatus {
    const { cameraId } = this.#parts;
    return { cameraId, ...this.#counts, openEvents: this.#open.size };
  }

  /** Listens to a tap; the one before is given up. */
  listen(tap: MessagePort): void {
    this.#tap?.close();
    this.#tap = tap;
    tap.onmessage = ({ data }: MessageEvent<FromTap>) => {
      if (tap === this.#tap) this.#take(data);
    };
  }

  /** Ends all events and what they need; nothing is told after it resolves. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#tap?.close();
    this.#tap = undefined;
    await this.#decoder?.close();
    await Promise.allSettled(this.#under);
    this.#tell(this.#eye.finish(this.#newestMs));
    await Promise.allSettled(this.#under);
  }

  #take(message: FromTap): void {
    if (message.type === "start") {
      // Pictures from a stream of their own go on.
      if (this.#parts.settings.source === null) this.#retire();
      this.#start = message;
      return;
    }
    const { bytes, isKey, frames, originMs } = message;
    this.#originMs = originMs;
    if (isKey && this.#fedFrames > MAX_FED_FRAMES) this.#retire();
    // Pictures come from a stream of their own: nothing of this one is needed.
    const isWanted = this.#parts.settings.source === null;
    const isFed = isWanted && this.#readyDecoder(isKey) && this.#decoder!.offer(bytes);
    if (isFed) this.#fedFrames += frames;
    else taken(this.#tap, bytes.length);
  }

  /** Reads a stream of its own, again and again, until it is closed. */
  async #watchSource(source: CameraSource): Promise<void> {
    const { ffmpegPath, settings: { fps }, clock, log } = this.#parts;
    while (!this.#closing.signal.aborted) {
      try {
        const decoder = new PictureDecoder({
          ffmpegPath,
          input: { kind: "source", source },
          size: SOURCE_SIZE,
          fps,
          onTaken: () => {},
          onPicture: (picture) => this.#look(picture, { atMs: clock.now(), frame: null }),
        });
        this.#decoder = decoder;
        this.#decoderPictures = 0;
        this.#decoderEnded(decoder, await decoder.ended);
      } catch (error) {
        log.error("Cannot start the vision decoder: {reason}", { reason: messageOf(error) });
        this.#delayRestart();
      }
      const pauseMs = Math.max(0, this.#restartAtMs - clock.monotonic());
      await clock.sleep(pauseMs, this.#closing.signal);
    }
  }

  #say(message: ToTap): void {
    this.#tap?.postMessage(message);
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
    const { clock, ffmpegPath, settings: { fps }, log } = this.#parts;
    const [start, tap] = [this.#start, this.#tap];
    if (!isKey || start === undefined || clock.monotonic() < this.#restartAtMs) return false;
    const { initSegment, timescale } = start;
    try {
      const decoder = new PictureDecoder({
        ffmpegPath,
        input: { kind: "fragments", timescale },
        size: visionSize(start),
        fps,
        onTaken: (bytes) => taken(tap, bytes),
        onPicture: (picture) => this.#lookAtFrame(picture, start),
      });
      decoder.begin(initSegment);
      this.#decoder = decoder;
      this.#decoderPictures = 0;
      this.#fedFrames = 0;
      decoder.ended.then((reason) => this.#decoderEnded(decoder, reason));
      return true;
    } catch (error) {
      log.error("Cannot start the vision decoder: {reason}", { reason: messageOf(error) });
      this.#delayRestart();
      return false;
    }
  }

  #decoderEnded(decoder: PictureDecoder, reason: string): void {
    if (decoder !== this.#decoder || this.#closing.signal.aborted) return;
    this.#decoder = undefined;
    this.#failures = this.#decoderPictures >= HEALTHY_PICTURES ? 0 : this.#failures + 1;
    this.#counts.restarts += 1;
    this.#delayRestart();
    this.#parts.log.warning("The vision decoder ended, another follows: {reason}", { reason });
  }

  #delayRestart(): void {
    const pauseMs = RESTART_MS[Math.min(this.#failures, RESTART_MS.length - 1)]!;
    this.#restartAtMs = this.#parts.clock.monotonic() + pauseMs;
  }

  #lookAtFrame(picture: DecodedPicture, { run, timescale }: Start): void {
    if (this.#originMs === undefined) return;
    const { pts } = picture;
    const atMs = unixMs(this.#originMs + Math.round(pts * 1_000 / timescale));
    this.#look(picture, { atMs, frame: { run, pts } });
  }

  #look(picture: DecodedPicture, at: Pick<Sight, "atMs" | "frame">): void {
    this.#counts.pictures += 1;
    this.#decoderPictures += 1;
    const { atMs } = at;
    this.#newestMs = unixMs(Math.max(this.#newestMs, atMs));
    const { cameraId, detector } = this.#parts;
    const { moving, regions } = this.#eye.look({ ...picture, atMs });
    const sight: Sight = { cameraId, ...at, moving, detections: null };
    if (moving.length > 0) this.#counts.movingPictures += 1;
    if (moving.length > 0 || regions.length > 0) this.#keep({ ...picture, atMs });
    if (regions.length === 0 || detector === undefined) return this.#see(sight);
    this.#until(this.#detect(detector, { sight, picture, regions }));
  }

  async #detect(
    detector: Pick<Detector, "detect">,
    look: {
      readonly sight: Sight;
      readonly picture: DecodedPicture;
      readonly regions: readonly Box[];
    },
  ): Promise<void> {
    const { sight, picture, regions } = look;
    const { cameraId, settings: { minScore } } = this.#parts;
    const asked = { ...picture, cameraId, atMs: sight.atMs };
    const detections = await detector.detect(asked, regions, minScore);
    if (detections === null) this.#counts.skipped += 1;
    else this.#counts.detected += 1;
    if (sight.frame !== null && detections !== null) this.#note(sight.frame, detections);
    this.#see({ ...sight, detections });
  }

  /** Has it written down what was found; of nothing, only that it is gone. */
  #note(frame: NonNullable<Sight["frame"]>, detections: readonly Detection[]): void {
    if (detections.length > 0 || this.#hasFound) this.#say({ type: "saw", ...frame, detections });
    this.#hasFound = detections.length > 0;
  }

  /** Keeps a copy: the decoder's memory is used again for the next picture. */
  #keep(picture: KeptPicture): void {
    if (this.#recent.length === MOST_RECENT) this.#recent.shift();
    this.#recent.push({ ...picture, yuv: picture.yuv.slice() });
  }

  #see(sight: Sight): void {
    const changes = this.#eye.see(sight);
    for (const { event } of changes) {
      const best = this.#recent.find(({ atMs }) => atMs === event.best.atMs);
      if (best !== undefined) this.#parts.pictures.consider(event, best);
    }
    this.#tell(changes);
  }

  #tell(changes: readonly EventChange[]): void {
    for (const change of changes) this.#until(this.#tellOne(change));
  }

  /** An event is told of at once, and again when its picture is on the disk. */
  async #tellOne({ change, event }: EventChange): Promise<void> {
    const { pictures, onChange } = this.#parts;
    if (change === "ended") {
      this.#open.delete(event.eventId);
      onChange({ change, event: await pictures.write(event) });
      return pictures.forget(event.eventId);
    }
    this.#open.add(event.eventId);
    onChange({ change, event: pictures.shown(event) });
    if (change !== "begun") return;
    const shown = await pictures.write(event);
    if (shown.best.wholePath !== null && this.#open.has(event.eventId)) {
      onChange({ change: "updated", event: shown });
    }
  }

  #until(work: Promise<unknown>): void {
    this.#under.add(work);
    work.finally(() => this.#under.delete(work)).catch(() => {});
  }
}

/** Tells the tap that the bytes came from that they are done with. */
function taken(tap: MessagePort | undefined, bytes: number): void {
  const message: ToTap = { type: "taken", bytes };
  tap?.postMessage(message);
}
