/**
 * One encoder process: takes a stream's fragments and gives another stream's. It is
 * expendable: what is offered is refused when it lags, and its owner starts another
 * at a key frame when it ends.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { BoundedQueue } from "../base/queue.ts";
import { ChunkReader } from "../host/chunks.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { type Child, startChild } from "../host/process.ts";
import { type Fragment, FragmentStream, type StreamStart } from "../media/fragment_stream.ts";
import { type EncoderKind, renditionArgs, type RenditionSize } from "../media/rendition_args.ts";
import type { StreamInfo } from "../model/live.ts";

/** What may wait for the process, in bytes: a kept group of pictures, and some seconds. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** How long a closed encoder may take to end, in milliseconds; what it still holds is not wanted. */
const CLOSE_GRACE_MS = 500;

export interface RenditionEncoderOptions {
  readonly ffmpegPath: string;
  readonly encoder: EncoderKind;
  readonly size: RenditionSize;
  readonly info: StreamInfo;
  readonly onPart: (part: StreamStart | Fragment) => void;
}

export class RenditionEncoder {
  readonly #child: Child;
  readonly #input = new BoundedQueue<Uint8Array>({ maxWeight: MAX_WAITING_BYTES });
  readonly #onPart: (part: StreamStart | Fragment) => void;
  #hasEnded = false;
  #isClosing = false;
  /** Resolves when the process has ended, with the reason as far as it gave one. */
  readonly ended: Promise<string>;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor({ ffmpegPath, encoder, size, info, onPart }: RenditionEncoderOptions) {
    this.#onPart = onPart;
    const args = renditionArgs({ encoder, size, timescale: info.timescale });
    // Behind recording, which has to have the processor first.
    this.#child = startChild({ ...withLowPriority({ command: ffmpegPath, args }), stdin: "piped" });
    this.#input.offer(info.initSegment, info.initSegment.length);
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

  /** Ends the process; nothing comes out of it any more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#input.close();
    await this.#child.stop(CLOSE_GRACE_MS);
    await this.ended;
  }

  async #run(): Promise<string> {
    const [fed, read] = [this.#feed(), this.#read()];
    const { code, signal } = await this.#child.ended;
    this.#hasEnded = true;
    this.#input.close();
    const [feedFault, readFault] = await Promise.all([fed, read]);
    if (signal !== null) return `it was ended by ${signal}`;
    return this.#child.errorTail().at(-1) ?? readFault ?? feedFault ?? `code ${code}`;
  }

  async #feed(): Promise<string | undefined> {
    const writer = this.#child.stdin.getWriter();
    let fault: string | undefined;
    for await (const bytes of this.#input) {
      // The process has ended or is ending: `ended` tells why.
      if (fault !== undefined || this.#isClosing) continue;
      await writer.write(bytes as Uint8Array<ArrayBuffer>).catch((error) => {
        fault = messageOf(error);
      });
    }
    if (fault === undefined) await writer.close().catch((error) => fault = messageOf(error));
    return fault;
  }

  async #read(): Promise<string | undefined> {
    const stream = new FragmentStream();
    try {
      for await (const chunk of new ChunkReader(this.#child.stdout)) {
        if (this.#isClosing) continue;
        for (const part of stream.push(chunk)) this.#onPart(part);
      }
      return undefined;
    } catch (error) {
      this.#child.kill();
      return messageOf(error);
    }
  }
}
