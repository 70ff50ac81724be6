/**
 * All streams that can be watched: each camera's own, and its renditions.
 *
 * In:   the taps of the cameras. Out: a {@linkcode LiveSource} by the camera's id and
 * the rendition's name.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import { type RenditionSize, renditionSizes } from "../media/rendition_args.ts";
import type { LiveSource } from "../model/live.ts";
import { EncoderChoice } from "./encoder_choice.ts";
import { EncoderPlaces } from "./encoder_places.ts";
import { LiveStream } from "./live_stream.ts";
import { Rendition } from "./rendition.ts";

export interface LiveHubParts {
  readonly ffmpegPath: string;
  readonly clock: Clock;
  /** Encoders that may run at once. */
  readonly maxRenditions: number;
  /** Their places, where others take some too. */
  readonly renditionPlaces?: EncoderPlaces;
}

interface Entry {
  readonly stream: LiveStream;
  /** By name; those that somebody asked for. */
  readonly renditions: Map<string, Rendition>;
}

export class LiveHub {
  readonly #parts: LiveHubParts;
  readonly #choice: EncoderChoice;
  readonly #places: EncoderPlaces;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  /** Of cameras that are gone. */
  #missedBefore = 0;

  constructor(parts: LiveHubParts) {
    this.#parts = parts;
    this.#choice = new EncoderChoice(parts.ffmpegPath);
    this.#places = parts.renditionPlaces ?? new EncoderPlaces(parts.maxRenditions);
  }

  get cameraIds(): string[] {
    return [...this.#entries.keys()];
  }

  /** Pieces of recordings that waited for an encoder in vain. */
  get refusedPieces(): number {
    return this.#places.refused;
  }

  /** Encoders that run now. */
  get encoders(): number {
    return this.#places.taken;
  }

  /** Fragments that slow viewers did not get. */
  get missed(): number {
    const entries = [...this.#entries.values()];
    return entries.reduce((sum, entry) => sum + missedBy(entry), this.#missedBefore);
  }

  /** Takes a camera's tap; a camera that is not known yet becomes so. */
  listen(cameraId: string, port: MessagePort): void {
    let entry = this.#entries.get(cameraId);
    if (entry === undefined) {
      const stream = new LiveStream(cameraId, this.#parts.clock);
      entry = { stream, renditions: new Map() };
      this.#entries.set(cameraId, entry);
    }
    entry.stream.listen(port);
  }

  /** The camera is not recorded any more. */
  forget(cameraId: string): void {
    const entry = this.#entries.get(cameraId);
    if (entry === undefined) return;
    this.#entries.delete(cameraId);
    this.#missedBefore += missedBy(entry);
    for (const rendition of entry.renditions.values()) this.#close(rendition);
    entry.stream[Symbol.dispose]();
  }

  /** The camera's own stream. */
  stream(cameraId: string): LiveStream | undefined {
    return this.#entries.get(cameraId)?.stream;
  }

  /** The camera's own stream, and the renditions of it that were asked for. */
  sources(cameraId: string): LiveSource[] {
    const entry = this.#entries.get(cameraId);
    return entry === undefined ? [] : [entry.stream, ...entry.renditions.values()];
  }

  /** Renditions that the camera's stream has now, largest first. */
  sizes(cameraId: string): readonly RenditionSize[] {
    const info = this.#entries.get(cameraId)?.stream.info;
    return info === undefined ? [] : renditionSizes(info);
  }

  /**
   * A rendition, made when it is first asked for.
   *
   * @returns Undefined where the camera has none of this name; "full" where no encoder
   * may be started for it now.
   */
  rendition(cameraId: string, name: string): LiveSource | "full" | undefined {
    const entry = this.#entries.get(cameraId);
    const size = this.sizes(cameraId).find((each) => each.name === name);
    if (entry === undefined || size === undefined) return undefined;
    let rendition = entry.renditions.get(name);
    // The camera has another picture size now.
    if (rendition !== undefined && !isSameSize(rendition.size, size)) {
      this.#close(rendition);
      rendition = undefined;
    }
    if (rendition === undefined) {
      rendition = new Rendition({
        ...{ source: entry.stream, size, choice: this.#choice, places: this.#places },
        ffmpegPath: this.#parts.ffmpegPath,
        clock: this.#parts.clock,
        log: logger("live", cameraId),
      });
      entry.renditions.set(name, rendition);
    }
    return rendition.isOpen ? rendition : "full";
  }

  /** Ends all streams; no process is left when it resolves. */
  async close(): Promise<void> {
    for (const cameraId of this.cameraIds) this.forget(cameraId);
    await Promise.allSettled(this.#closing);
  }

  #close(rendition: Rendition): void {
    const closing = rendition.closed();
    this.#closing.add(closing);
    closing.finally(() => this.#closing.delete(closing));
  }
}

function missedBy({ stream, renditions }: Entry): number {
  return renditions.values().reduce((sum, { missed }) => sum + missed, stream.missed);
}

function isSameSize(one: RenditionSize, other: RenditionSize): boolean {
  return one.width === other.width && one.height === other.height;
}
