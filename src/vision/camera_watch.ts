/**
 * Looks at one camera: finds what moves in its pictures, has the detector look
 * there, and tells of the events that it adds up to.
 *
 * In:  the camera's stream over its tap. Out: what was seen, changes of events, with
 * their pictures; over the tap, what was seen in a frame.
 * Not here: decoding (picture_stream.ts), what moves and what an event is (camera_eye.ts),
 * finding things (detector.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { TakenBytes } from "../model/taken_bytes.ts";
import type { FromTap, ToTap } from "../model/tap.ts";
import type { Box, Detection, Sight } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import { CameraEye } from "./camera_eye.ts";
import type { Detector } from "./detector.ts";
import type { EventPictures, KeptPicture } from "./event_pictures.ts";
import type { EventChange, VisionStatus } from "./messages.ts";
import { PictureStream, type PictureTime } from "./picture_stream.ts";
import type { DecodedPicture } from "./small_picture_decoder.ts";

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
  /** Something is in the picture; or nothing any more, once. */
  readonly onSight: (sight: Sight) => void;
}

export class CameraWatch {
  readonly #parts: CameraWatchParts;
  readonly #eye: CameraEye;
  readonly #stream: PictureStream;
  #tap: MessagePort | undefined;
  /** Pictures that the detector has, and pictures of events that are being written. */
  readonly #under = new Set<Promise<unknown>>();
  #counts = { pictures: 0, movingPictures: 0, detected: 0, skipped: 0 };
  readonly #open = new Set<string>();
  /** The detector found something when it last looked. */
  #hasFound = false;
  /** The last sight that was told of had something in it. */
  #isShowing = false;
  /** The newest pictures in which something moved: an event may name one of them as its best. */
  readonly #recent: KeptPicture[] = [];

  constructor(parts: CameraWatchParts) {
    this.#parts = parts;
    const { cameraId, settings, ffmpegPath, clock, log } = parts;
    this.#eye = new CameraEye(settings, cameraId);
    const { source, fps } = settings;
    const onPicture = (picture: DecodedPicture, time: PictureTime) => this.#look(picture, time);
    this.#stream = new PictureStream({ source, fps, ffmpegPath, clock, log, onPicture });
  }

  get status(): VisionStatus {
    const { cameraId } = this.#parts;
    return { cameraId, ...this.#counts, ...this.#stream.counts, openEvents: this.#open.size };
  }

  /** Listens to a tap; the one before is given up. */
  listen(tap: MessagePort): void {
    this.#tap?.close();
    this.#tap = tap;
    const taken = new TakenBytes();
    const tellTaken = (takenBytes: number) => {
      const bytes = taken.add(takenBytes);
      if (bytes > 0) say(tap, { type: "taken", bytes });
    };
    tap.onmessage = ({ data }: MessageEvent<FromTap>) => {
      if (tap !== this.#tap) return;
      if (data.type === "start") this.#stream.begin(data, tellTaken);
      else this.#stream.offer(data);
    };
  }

  /** Decodes with another program from now on. */
  useFfmpeg(path: string): void {
    this.#stream.useFfmpeg(path);
  }

  /** Ends all events and what they need; nothing is told after it resolves. */
  async close(): Promise<void> {
    if (this.#tap !== undefined) say(this.#tap, { type: "leave" });
    this.#tap?.close();
    this.#tap = undefined;
    await this.#stream.close();
    await Promise.allSettled(this.#under);
    this.#tell(this.#eye.finish());
    await Promise.allSettled(this.#under);
  }

  #look(picture: DecodedPicture, time: PictureTime): void {
    this.#counts.pictures += 1;
    const { atMs } = time;
    const { cameraId, detector } = this.#parts;
    const { moving, regions } = this.#eye.look({ ...picture, atMs });
    const sight: Sight = { cameraId, ...time, moving, detections: null };
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
    const isNews = detections.length > 0 || this.#hasFound;
    if (isNews && this.#tap !== undefined) say(this.#tap, { type: "saw", ...frame, detections });
    this.#hasFound = detections.length > 0;
  }

  /** Keeps a copy: the decoder's memory is used again for the next picture. */
  #keep(picture: KeptPicture): void {
    if (this.#recent.length === MOST_RECENT) this.#recent.shift();
    this.#recent.push({ ...picture, yuv: picture.yuv.slice() });
  }

  #see(sight: Sight): void {
    this.#show(sight);
    const changes = this.#eye.see(sight);
    for (const { event } of changes) {
      const best = this.#recent.find(({ atMs }) => atMs === event.best.atMs);
      if (best !== undefined) this.#parts.pictures.consider(event, best);
    }
    this.#tell(changes);
  }

  /** Tells what is in the picture; of nothing, only that it is gone. */
  #show(sight: Sight): void {
    const isSomething = sight.moving.length > 0 || (sight.detections ?? []).length > 0;
    if (isSomething || this.#isShowing) this.#parts.onSight(sight);
    this.#isShowing = isSomething;
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

function say(tap: MessagePort, message: ToTap): void {
  tap.postMessage(message);
}
