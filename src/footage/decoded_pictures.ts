/**
 * An ffmpeg that gives pictures, each announced (media/announced_pictures.ts): the
 * pictures one after the other.
 *
 * Not here: what it is fed with.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { ChunkReader } from "../host/chunks.ts";
import { type Child, howItEnded, startChild } from "../host/process.ts";
import { pictureAhead } from "../media/announced_pictures.ts";

export interface DecodedPicture {
  /** Time stamp in the film or stream that was decoded. */
  readonly pts: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class PictureDecoder implements Disposable {
  readonly #child: Child;
  #readFault: string | undefined;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  /** @throws {OperatorError} "ffmpeg-not-found". */
  constructor(program: { readonly command: string; readonly args: readonly string[] }) {
    this.#child = startChild({ ...program, stdin: "piped" });
    this.#input = this.#child.stdin.getWriter();
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

  /**
   * The pictures in the order of showing, until the process ends. For one reader. A process
   * that gives anything else is ended, and {@linkcode fault} says so.
   */
  async *pictures(): AsyncGenerator<DecodedPicture> {
    const output = new ChunkReader(this.#child.stdout);
    try {
      for (;;) {
        const picture = await this.#read(output);
        if (picture === undefined) return;
        yield picture;
      }
    } finally {
      // Unread output would keep the process from ending.
      await output.cancel().catch(() => {});
    }
  }

  async #read(output: ChunkReader): Promise<DecodedPicture | undefined> {
    try {
      const ahead = await pictureAhead(output);
      if (ahead === undefined) return undefined;
      const bytes = new Uint8Array(ahead.sizeBytes);
      return await output.fill(bytes) ? { pts: ahead.pts, bytes } : undefined;
    } catch (error) {
      this.#readFault = messageOf(error);
      this.#child.kill();
      return undefined;
    }
  }

  /**
   * Waits for its end.
   *
   * @returns Why it failed, in words; undefined where it did not.
   */
  async fault(): Promise<string | undefined> {
    const ended = await this.#child.ended;
    return this.#readFault ?? (ended.code === 0 ? undefined : howItEnded(this.#child, ended));
  }

  /** Ends the process at once. */
  [Symbol.dispose](): void {
    this.#child.kill();
    this.#input.abort().catch(() => {});
  }
}
