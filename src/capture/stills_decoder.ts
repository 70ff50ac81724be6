/**
 * One stills decoder process: takes fragments of chosen frames, hands out JPEGs
 * with their times. Expendable: when it lags, what is offered to it is refused;
 * when it ends, its owner starts another.
 *
 * @module
 */

import { BoundedQueue } from "../base/queue.ts";
import { messageOf } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { MonotonicMs } from "../base/units.ts";
import { ChunkReader } from "../host/chunks.ts";
import { type Child, howItEnded, startChild } from "../host/process.ts";
import { pictureAhead } from "../media/announced_pictures.ts";
import { stillsArgs } from "../media/stills_args.ts";

/**
 * What may wait for the decoder, in bytes. Four seconds of a 30 Mbit/s camera:
 * longer than a busy moment, short enough for 64 cameras in a small memory.
 */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** A still that takes longer than this never comes, in milliseconds. */
const HUNG_MS = 15_000;

/** How long a closed decoder may take for what it has, in milliseconds. */
const CLOSE_GRACE_MS = 3_000;

export interface StillsDecoderOptions {
  readonly ffmpegPath: string;
  readonly quality: number;
  readonly clock: Clock;
  /** Init segment whose video track has the stills timescale. */
  readonly initSegment: Uint8Array;
  /** Called for every still: its time stamp in the input and the JPEG. */
  readonly onStill: (pts: number, jpeg: Uint8Array<ArrayBuffer>) => Promise<void>;
}

export class StillsDecoder {
  readonly #child: Child;
  readonly #input = new BoundedQueue<Uint8Array>({ maxWeight: MAX_WAITING_BYTES });
  /** When each still that has not come was asked for, by its time stamp. */
  readonly #asked = new Map<number, MonotonicMs>();
  readonly #clock: Clock;
  #killReason: string | undefined;
  readonly #onStill: StillsDecoderOptions["onStill"];
  /** Resolves when the process has ended, with the reason as far as it gave one. */
  readonly ended: Promise<string>;
  #hasEnded = false;
  #isClosing = false;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor(options: StillsDecoderOptions) {
    this.#onStill = options.onStill;
    this.#clock = options.clock;
    this.#child = startChild({
      command: options.ffmpegPath,
      args: stillsArgs(options),
      stdin: "piped",
    });
    this.#input.offer(options.initSegment, options.initSegment.length);
    this.ended = this.#run();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** True once its owner wants no more of it. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /**
   * Gives the decoder a fragment; false when it is too far behind to take it.
   *
   * @param still Time stamp of the frame in it that becomes a still, if one does.
   */
  offer(fragment: Uint8Array, still: number | undefined): boolean {
    if (this.#hasEnded || !this.#input.offer(fragment, fragment.length)) return false;
    if (still !== undefined) this.#asked.set(still, this.#clock.monotonic());
    return true;
  }

  /** Stills that were asked for and have not come. */
  get awaited(): number {
    return this.#asked.size;
  }

  /** Ends a decoder that owes a still for too long. */
  endIfHung(): void {
    const [oldest] = this.#asked.values();
    if (oldest === undefined || this.#clock.monotonic() - oldest < HUNG_MS) return;
    this.#killReason = `no still for ${HUNG_MS / 1_000} s`;
    this.#child.kill();
  }

  /** No more input: waits for the stills that are on their way, then ends the process. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#input.close();
    const timer = setTimeout(() => this.#child.kill(), CLOSE_GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  async #run(): Promise<string> {
    const jpegs = this.#readStills();
    const fed = this.#feed();
    const ended = await this.#child.ended;
    this.#hasEnded = true;
    this.#input.close();
    await Promise.all([fed, jpegs]);
    return this.#killReason ?? howItEnded(this.#child, ended);
  }

  /** Writes what waits to the process until the input is closed. */
  async #feed(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    try {
      for await (const bytes of this.#input) await writer.write(bytes as Uint8Array<ArrayBuffer>);
      await writer.close();
    } catch {
      // The process has ended or closes its input: `ended` tells why.
    }
  }

  /** Hands on what comes, until the process ends; ends one that gives anything else. */
  async #readStills(): Promise<void> {
    const chunks = new ChunkReader(this.#child.stdout);
    try {
      for (;;) {
        const ahead = await pictureAhead(chunks);
        if (ahead === undefined) return;
        const { pts, sizeBytes } = ahead;
        const jpeg = new Uint8Array(sizeBytes);
        if (!await chunks.fill(jpeg)) return;
        this.#asked.delete(pts);
        await this.#onStill(pts, jpeg);
      }
    } catch (error) {
      this.#child.kill();
      this.#killReason ??= messageOf(error);
    } finally {
      // Unread output would keep the process from ending.
      chunks.cancel().catch(() => {});
    }
  }
}
