/**
 * One vision decoder process: takes a camera's fragments, or reads a stream of its
 * own, and hands out small pictures with their times. Expendable: what is offered to it is refused when it
 * lags, and when it ends, its owner starts another at the next key frame.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { BoundedQueue } from "../base/queue.ts";
import { ChunkReader } from "../host/chunks.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { type Child, startChild } from "../host/process.ts";
import { parseFrameCrc } from "../media/stills_args.ts";
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

/** A small picture in yuv420p: all brightness, then the two colours at half the size. */
export interface DecodedPicture extends PictureSize {
  /** Good until the next picture is taken. */
  readonly yuv: Uint8Array;
  /** Presentation time of its frame, in ticks of the stream; of a stream of its own in milliseconds. */
  readonly pts: number;
}

export interface PictureDecoderOptions {
  readonly ffmpegPath: string;
  readonly input: VisionInput;
  readonly size: PictureSize;
  readonly fps: number;
  /** Called when the process has taken so many bytes of what was offered. */
  readonly onTaken: (bytes: number) => void;
  /** Called for every picture; the next one is read when it resolves. */
  readonly onPicture: (picture: DecodedPicture) => Promise<void> | void;
}

export class PictureDecoder {
  readonly #options: PictureDecoderOptions;
  readonly #child: Child;
  readonly #input = new BoundedQueue<Uint8Array>({ maxWeight: MAX_WAITING_BYTES });
  readonly #announced = new BoundedQueue<number>({ maxWeight: 10_000 });
  #hasEnded = false;
  /** Bytes at the beginning of the input that are no fragment. */
  #initBytes = 0;
  /** Resolves when the process has ended, with the reason as far as it gave one. */
  readonly ended: Promise<string>;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor(options: PictureDecoderOptions) {
    this.#options = options;
    const program = { command: options.ffmpegPath, args: visionArgs(options) };
    this.#child = startChild({
      ...withLowPriority(program),
      stdin: options.input.kind === "fragments" ? "piped" : "null",
      onErrorLine: (line) => {
        const found = parseFrameCrc(line);
        if (found !== undefined) this.#announced.offer(found.pts);
      },
    });
    this.ended = this.#run();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The process, for those who test what becomes of it. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Gives the process a fragment; false when it has ended or is too far behind. */
  offer(fragment: Uint8Array): boolean {
    return !this.#hasEnded && this.#input.offer(fragment, fragment.length);
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
    const { code, signal } = await this.#child.ended;
    this.#hasEnded = true;
    this.#input.close();
    this.#announced.close();
    const [feedFault, readFault] = await Promise.all([fed, pictures]);
    const said = this.#child.errorTail().findLast((line) =>
      !line.startsWith("#") && parseFrameCrc(line) === undefined
    );
    if (signal !== null) return `it was ended by ${signal}`;
    return said ?? readFault ?? feedFault ?? `code ${code}`;
  }

  async #feed(): Promise<string | undefined> {
    const writer = this.#child.stdin.getWriter();
    let fault: string | undefined;
    for await (const bytes of this.#input) {
      try {
        if (fault === undefined) await writer.write(bytes as Uint8Array<ArrayBuffer>);
      } catch (error) {
        // The process has ended or closes its input: `ended` tells why. What is left is
        // taken all the same, or whoever counts it would wait for it for ever.
        fault = messageOf(error);
      }
      if (this.#initBytes === 0) this.#options.onTaken(bytes.length);
      this.#initBytes = 0;
    }
    if (fault === undefined) await writer.close().catch((error) => fault = messageOf(error));
    return fault;
  }

  async #readPictures(): Promise<string | undefined> {
    const { size, onPicture } = this.#options;
    const chunks = new ChunkReader(this.#child.stdout);
    const yuv = new Uint8Array(pictureBytes(size));
    try {
      for await (const pts of this.#announced) {
        if (!await chunks.fill(yuv)) return undefined;
        await onPicture({ ...size, yuv, pts });
      }
      return undefined;
    } catch (error) {
      this.#child.kill();
      return messageOf(error);
    } finally {
      // Unread output would keep the process from ending.
      chunks.cancel().catch(() => {});
    }
  }
}
