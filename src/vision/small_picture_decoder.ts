/**
 * One vision decoder process: takes a camera's fragments, or reads a stream of its
 * own, and hands out small pictures with their times. Expendable: what is offered
 * to it is refused when it lags, and one that hangs is ended.
 *
 * Not here: starting another (picture_stream.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { BoundedQueue } from "../base/queue.ts";
import { Silence } from "../base/silence.ts";
import { ChunkReader } from "../host/chunks.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { type Child, howItEnded, startChild } from "../host/process.ts";
import { pictureAhead } from "../media/announced_pictures.ts";
import { MalformedMedia } from "../media/boxes.ts";
import {
  pictureBytes,
  type PictureSize,
  visionArgs,
  type VisionInput,
} from "../media/vision_args.ts";

/** What may wait for the process, in bytes: the tap's own limit (capture/fragment_tap.ts) is shorter. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** How long a closed decoder may take for what it has, in milliseconds. */
const CLOSE_GRACE_MS = 1_000;

/**
 * A decoder that owes pictures and gives none for so long hangs, in milliseconds.
 * It gives 1 a second at least; a busy box starts one in some seconds, and a
 * camera's own stream may need as long as its recorder to begin.
 */
const HUNG_MS = 20_000;
const SOURCE_HUNG_MS = 40_000;

/** How often that is looked for, in milliseconds. Longer than a fragment takes to come. */
const WATCH_MS = 2_000;

/** A small picture in yuv420p: all brightness, then the two colours at half the size. */
export interface DecodedPicture extends PictureSize {
  /** Good until the next picture is taken. */
  readonly yuv: Uint8Array;
  /** Presentation time of its frame, in ticks of the stream; of a stream of its own in milliseconds. */
  readonly pts: number;
}

export interface SmallPictureDecoderOptions {
  readonly ffmpegPath: string;
  readonly input: VisionInput;
  readonly size: PictureSize;
  readonly fps: number;
  /** Called when the process has taken so many bytes of what was offered. */
  readonly onTaken: (bytes: number) => void;
  readonly onPicture: (picture: DecodedPicture) => void;
  readonly clock: Clock;
}

export class SmallPictureDecoder {
  readonly #options: SmallPictureDecoderOptions;
  readonly #child: Child;
  readonly #silence: Silence;
  readonly #watching = new AbortController();
  readonly #input = new BoundedQueue<Uint8Array>({ maxWeight: MAX_WAITING_BYTES });
  #hasEnded = false;
  #hasHung = false;
  /** Bytes of fragments that the process has not taken. */
  #untakenBytes = 0;
  #isFedSinceLook = false;
  /** Bytes at the beginning of the input that are no fragment. */
  #initBytes = 0;
  /** Resolves when the process has ended, with the reason as far as it gave one. */
  readonly ended: Promise<string>;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor(options: SmallPictureDecoderOptions) {
    this.#options = options;
    this.#silence = new Silence(options.clock.monotonic(), { everyMs: WATCH_MS });
    const program = { command: options.ffmpegPath, args: visionArgs(options) };
    this.#child = startChild({
      ...withLowPriority(program),
      stdin: options.input.kind === "fragments" ? "piped" : "null",
    });
    this.ended = this.#run();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether it was ended because it gave no pictures. */
  get hasHung(): boolean {
    return this.#hasHung;
  }

  /** The process, for those who test what becomes of it. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Gives the process a fragment; false when it has ended or is too far behind. */
  offer(fragment: Uint8Array): boolean {
    if (this.#hasEnded || !this.#input.offer(fragment, fragment.length)) return false;
    this.#untakenBytes += fragment.length;
    this.#isFedSinceLook = true;
    return true;
  }

  /** Gives the process what it must have before the first fragment. */
  begin(initSegment: Uint8Array): void {
    this.#input.offer(initSegment, initSegment.length);
    this.#initBytes = initSegment.length;
  }

  /** No more input: takes the pictures that are on their way, then ends the process. */
  async close(): Promise<void> {
    this.#input.close();
    const timer = setTimeout(() => this.#child.kill(), CLOSE_GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  async #run(): Promise<string> {
    const fed = this.#options.input.kind === "fragments" ? this.#feed() : undefined;
    const pictures = this.#readPictures();
    const watched = this.#watch();
    const ended = await this.#child.ended;
    this.#hasEnded = true;
    this.#watching.abort();
    this.#input.close();
    const [readFault] = await Promise.all([pictures, fed, watched]);
    if (this.#hasHung) return `it gave no picture for ${this.#hungMs / 1_000} s`;
    // What could not be read is why the process was killed.
    return readFault ?? howItEnded(this.#child, ended);
  }

  async #feed(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    // The process ends or closes its input: `ended` tells why. What is left is taken all the
    // same, or whoever counts it would wait for it for ever.
    let isBroken = false;
    for await (const bytes of this.#input) {
      if (!isBroken) {
        await writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => isBroken = true);
      }
      if (this.#initBytes === 0) {
        this.#untakenBytes -= bytes.length;
        this.#options.onTaken(bytes.length);
      }
      this.#initBytes = 0;
    }
    if (!isBroken) await writer.close().catch(() => {});
  }

  async #readPictures(): Promise<string | undefined> {
    const { size, onPicture, clock } = this.#options;
    const chunks = new ChunkReader(this.#child.stdout);
    const yuv = new Uint8Array(pictureBytes(size));
    try {
      for (;;) {
        const ahead = await pictureAhead(chunks);
        if (ahead === undefined) return undefined;
        if (ahead.sizeBytes !== yuv.length) {
          throw new MalformedMedia(
            `Need a picture of ${yuv.length} bytes, found one of ${ahead.sizeBytes}`,
          );
        }
        if (!await chunks.fill(yuv)) return undefined;
        this.#silence.hear(clock.monotonic());
        onPicture({ ...size, yuv, pts: ahead.pts });
      }
    } catch (error) {
      this.#child.kill();
      return messageOf(error);
    } finally {
      // Unread output would keep the process from ending.
      chunks.cancel().catch(() => {});
    }
  }

  get #hungMs(): number {
    return this.#options.input.kind === "source" ? SOURCE_HUNG_MS : HUNG_MS;
  }

  /** Ends the process when it owes pictures for too long. */
  async #watch(): Promise<void> {
    const { input, clock } = this.#options;
    while (!this.#watching.signal.aborted) {
      await clock.sleep(WATCH_MS, this.#watching.signal);
      const nowMs = clock.monotonic();
      const isOwed = input.kind === "source" || this.#isFedSinceLook || this.#untakenBytes > 0;
      this.#isFedSinceLook = false;
      // Where no stream comes, there can be no pictures.
      if (!isOwed) this.#silence.hear(nowMs);
      if (this.#silence.look(nowMs) < this.#hungMs || this.#hasEnded) continue;
      this.#hasHung = true;
      this.#child.kill();
      return;
    }
  }
}
