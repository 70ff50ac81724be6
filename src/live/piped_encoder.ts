/**
 * One ffmpeg between two pipes: takes a stream piece by piece and gives another. It
 * is expendable: what is offered is refused when it lags, and its owner starts
 * another when it ends.
 *
 * In:   arguments, pieces. Out: chunks as they come.
 * Not here: what the chunks are (rendition_encoder.ts, sound_encoder.ts).
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { BoundedQueue } from "../base/queue.ts";
import { ChunkReader } from "../host/chunks.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { type Child, howItEnded, startChild } from "../host/process.ts";

/** How long a closed encoder may take to end, in milliseconds; what it still holds is not wanted. */
const CLOSE_GRACE_MS = 500;

export interface PipedEncoderOptions {
  readonly ffmpegPath: string;
  readonly args: readonly string[];
  /** "low": behind recording and all else, for what takes much of the processor. */
  readonly priority: "low" | "ordinary";
  /** What may wait for the process, in bytes. */
  readonly maxWaitingBytes: number;
  /** May throw: the process is then ended, and the reason is what was thrown. */
  readonly onChunk: (chunk: Uint8Array) => void;
}

export class PipedEncoder {
  readonly #child: Child;
  readonly #input: BoundedQueue<Uint8Array>;
  readonly #onChunk: (chunk: Uint8Array) => void;
  #hasEnded = false;
  #isClosing = false;
  /** Resolves when the process has ended, with the reason as far as it gave one. */
  readonly ended: Promise<string>;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor({ ffmpegPath, args, priority, maxWaitingBytes, onChunk }: PipedEncoderOptions) {
    this.#onChunk = onChunk;
    this.#input = new BoundedQueue({ maxWeight: maxWaitingBytes });
    const program = { command: ffmpegPath, args };
    const prepared = priority === "low" ? withLowPriority(program) : program;
    this.#child = startChild({ ...prepared, stdin: "piped" });
    this.ended = this.#run();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The process, for those who test what becomes of it. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Gives the process a piece; false when it has ended or is too far behind. */
  offer(piece: Uint8Array): boolean {
    return !this.#hasEnded && this.#input.offer(piece, piece.length);
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
    const ended = await this.#child.ended;
    this.#hasEnded = true;
    this.#input.close();
    const [readFault] = await Promise.all([read, fed]);
    // The process was killed for it: that it was is no reason.
    return readFault ?? howItEnded(this.#child, ended);
  }

  async #feed(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    // The process has ended or is ending: `ended` tells why.
    let isBroken = false;
    for await (const bytes of this.#input) {
      if (isBroken || this.#isClosing) continue;
      await writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => isBroken = true);
    }
    if (!isBroken) await writer.close().catch(() => {});
  }

  async #read(): Promise<string | undefined> {
    try {
      for await (const chunk of new ChunkReader(this.#child.stdout)) {
        if (!this.#isClosing) this.#onChunk(chunk);
      }
      return undefined;
    } catch (error) {
      this.#child.kill();
      return messageOf(error);
    }
  }
}
