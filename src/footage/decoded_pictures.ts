/**
 * An ffmpeg that gives pictures, each announced by a line on its error stream
 * (media/frames_args.ts, media/tap_args.ts): the pictures one after the other,
 * cut out of its output by these lengths.
 *
 * Not here: what it is fed with.
 *
 * @module
 */

import { BoundedQueue } from "../base/queue.ts";
import { ChunkReader } from "../host/chunks.ts";
import { type Child, startChild } from "../host/process.ts";
import { decoderWords } from "../media/decoder_words.ts";
import { parseFrameCrc } from "../media/stills_args.ts";

export interface DecodedPicture {
  /** Time stamp in the film or stream that was decoded. */
  readonly pts: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Announcements that may wait: a picture stops ffmpeg when the pipe is full, so they are few. */
const MAX_ANNOUNCED = 10_000;

export class PictureDecoder implements Disposable {
  readonly #child: Child;
  readonly #announced = new BoundedQueue<{ pts: number; sizeBytes: number }>({
    maxWeight: MAX_ANNOUNCED,
  });
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor(program: { readonly command: string; readonly args: readonly string[] }) {
    this.#child = startChild({
      ...program,
      stdin: "piped",
      onErrorLine: (line) => {
        const picture = parseFrameCrc(line);
        if (picture !== undefined) this.#announced.offer(picture);
      },
    });
    this.#input = this.#child.stdin.getWriter();
    this.#child.ended.then(() => this.#announced.close());
  }

  /** Gives it bytes; false when it takes no more, because it has ended. */
  async feed(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    try {
      await this.#input.write(bytes);
      return true;
    } catch {
      // Its exit code and words say why.
      return false;
    }
  }

  /** No more input: what it still holds comes out. */
  async endInput(): Promise<void> {
    await this.#input.close().catch(() => {});
  }

  /** The pictures in the order of showing, until the process ends. For one reader. */
  async *pictures(): AsyncGenerator<DecodedPicture> {
    const output = new ChunkReader(this.#child.stdout);
    try {
      for await (const { pts, sizeBytes } of this.#announced) {
        const bytes = new Uint8Array(sizeBytes);
        if (!await output.fill(bytes)) return;
        yield { pts, bytes };
      }
    } finally {
      // Unread output would keep the process from ending.
      await output.cancel().catch(() => {});
    }
  }

  /**
   * Waits for its end.
   *
   * @returns Why it failed, in words; undefined where it did not.
   */
  async fault(): Promise<string | undefined> {
    const { code, signal } = await this.#child.ended;
    if (code === 0) return undefined;
    return decoderWords(this.#child.errorTail()) ??
      `code ${code}${signal === null ? "" : `, ${signal}`}`;
  }

  /** Ends the process at once. */
  [Symbol.dispose](): void {
    this.#child.kill();
    this.#input.abort().catch(() => {});
  }
}
