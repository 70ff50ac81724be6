/**
 * The pictures of events: keeps the small picture that shows each open event
 * best, and writes it as two JPEGs, whole and cut out.
 *
 * Expendable: where there is no room, no time or no ffmpeg, an event has no picture.
 * On a full disk none is tried: what room there is belongs to recording.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { UnixMs } from "../base/units.ts";
import { ensureFolder, removeIfThere } from "../host/durable.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { runChild } from "../host/process.ts";
import { requireRoot } from "../host/root_identity.ts";
import { eventPictureArgs } from "../media/event_picture_args.ts";
import type { PictureSize } from "../media/vision_args.ts";
import { eventPicturePaths } from "../model/paths.ts";
import type { VisionEvent } from "../model/vision.ts";
import type { MissingPictures } from "./messages.ts";

/** Events whose pictures are kept at once, 0.3 MB each. */
const MOST_KEPT = 100;

/** How long one picture may take, in milliseconds. */
const LIMIT_MS = 10_000;

type Paths = Pick<VisionEvent["best"], "wholePath" | "cropPath">;

/** A picture that outlives the decoder's memory. */
export interface KeptPicture extends PictureSize {
  readonly yuv: Uint8Array;
  readonly atMs: UnixMs;
}

export interface EventPicturesParts {
  readonly root: string;
  readonly rootIdentity: string;
  readonly ffmpegPath: string;
  readonly log: Logger;
}

export class EventPictures {
  readonly #parts: EventPicturesParts;
  readonly #best = new Map<string, KeptPicture>();
  readonly #written = new Map<string, Paths>();
  /** One after the other: a crowd of events must not start a crowd of programs. */
  #writing: Promise<unknown> = Promise.resolve();
  #ffmpegPath: string;
  #isRoom = true;
  #missing = { lost: 0, leftOut: 0 };

  constructor(parts: EventPicturesParts) {
    this.#parts = parts;
    this.#ffmpegPath = parts.ffmpegPath;
  }

  get missing(): MissingPictures {
    return this.#missing;
  }

  /** Makes pictures with another program from now on. */
  useFfmpeg(path: string): void {
    this.#ffmpegPath = path;
  }

  /** While there is no room, no picture is written. */
  setRoom(isRoom: boolean): void {
    this.#isRoom = isRoom;
  }

  /** Keeps the picture if it is the one that shows the event best. */
  consider(event: VisionEvent, picture: KeptPicture): void {
    if (event.best.atMs !== picture.atMs) return;
    if (!this.#best.has(event.eventId) && this.#best.size >= MOST_KEPT) return;
    this.#best.set(event.eventId, picture);
  }

  /**
   * Writes the best picture so far.
   *
   * @returns The event with the paths, as it was given where nothing could be written.
   */
  async write(event: VisionEvent): Promise<VisionEvent> {
    const picture = this.#best.get(event.eventId);
    if (picture === undefined) return event;
    const written = this.#writing.then(() => this.#write(event, picture));
    this.#writing = written;
    return await written;
  }

  /** The event with the paths of its pictures, as far as there are some. */
  shown(event: VisionEvent): VisionEvent {
    const paths = this.#written.get(event.eventId);
    return paths === undefined ? event : { ...event, best: { ...event.best, ...paths } };
  }

  /** The event is over: its picture is not needed any more. */
  forget(eventId: string): void {
    this.#best.delete(eventId);
    this.#written.delete(eventId);
  }

  async #write(event: VisionEvent, picture: KeptPicture): Promise<VisionEvent> {
    const { root, rootIdentity, log } = this.#parts;
    if (!this.#isRoom) {
      this.#missing.leftOut += 1;
      log.warning("The disk is full: the picture of an event is left out");
      return this.shown(event);
    }
    const { wholePath, cropPath } = eventPicturePaths(event.cameraId, event);
    const finals = [wholePath, cropPath].map((path) => join(root, path));
    const [whole, crop] = finals.map((path) => `${path}.part`) as [string, string];
    try {
      await requireRoot(root, rootIdentity);
      await ensureFolder(dirname(whole));
      const args = eventPictureArgs({ ...picture, box: event.best.box }, { whole, crop });
      const { code, errorTail } = await runChild({
        ...withLowPriority({ command: this.#ffmpegPath, args }),
        signal: AbortSignal.timeout(LIMIT_MS),
        onStdin: (stdin) => new Response(picture.yuv.slice()).body!.pipeTo(stdin),
      });
      if (code !== 0) throw new Error(errorTail.at(-1) ?? `code ${code}`);
      await Promise.all(finals.map((path) => Deno.rename(`${path}.part`, path)));
      this.#written.set(event.eventId, { wholePath, cropPath });
      return this.shown(event);
    } catch (error) {
      this.#missing.lost += 1;
      log.warning("Cannot write the picture of an event: {reason}", { reason: messageOf(error) });
      await Promise.all([whole, crop].map((path) => removeIfThere(path).catch(() => {})));
      return this.shown(event);
    }
  }
}
