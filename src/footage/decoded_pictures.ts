/**
 * An ffmpeg that gives pictures, each announced by a line on its error stream
 * (media/frames_args.ts, media/tap_args.ts): the pictures one after the other,
 * cut out of its output by these lengths.
 *
 * Not here: what it is fed with.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { BoundedQueue } from "../base/queue.ts";
import { ChunkReader } from "../host/chunks.ts";
import { type Child, startChild } from "../host/process.ts";
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
    const output = new PieceReader(this.#child.stdout);
    try {
      for await (const { pts, sizeBytes } of this.#announced) {
        const bytes = await output.take(sizeBytes);
        if (bytes === undefined) return;
        yield { pts, bytes };
      }
    } finally {
      await output.cancel();
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
    const said = this.#child.errorTail().findLast((line) =>
      !line.startsWith("#") && parseFrameCrc(line) === undefined
    );
    return said ?? `code ${code}${signal === null ? "" : `, ${signal}`}`;
  }

  /** Ends the process at once. */
  [Symbol.dispose](): void {
    this.#child.kill();
    this.#input.abort().catch(() => {});
  }
}

/** Cuts a stream into pieces of given lengths. */
class PieceReader {
  readonly #chunks: ChunkReader;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#chunks = new ChunkReader(stream);
  }

  /** The next bytes; undefined when the stream ends before. */
  async take(sizeBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const piece = new Uint8Array(sizeBytes);
    for (let filled = 0; filled < sizeBytes;) {
      if (this.#chunk.length === 0) {
        const next = await this.#chunks.next();
        if (next === undefined) return undefined;
        this.#chunk = next;
      }
      const part = this.#chunk.subarray(0, sizeBytes - filled);
      piece.set(part, filled);
      filled += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return piece;
  }

  /** Unread output would keep the process from ending. */
  async cancel(): Promise<void> {
    await this.#chunks.cancel().catch((error) => messageOf(error));
  }
}
