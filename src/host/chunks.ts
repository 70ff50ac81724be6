/**
 * Reads a child's output piece by piece into one piece of memory: a camera of
 * 4 Mbit/s would otherwise leave 100 MB of buffers a minute to be collected.
 *
 * @module
 */

/** A pipe holds so much (pipe(7)). */
const PIPE_BYTES = 64 * 1024;

/** The bytes of a stream in the order of their arrival. Takes the stream over. */
export class ChunkReader implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly #reader: ReadableStreamBYOBReader;
  #memory = new Uint8Array(PIPE_BYTES);
  /** What of the newest chunk was not asked for yet. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  /** The next chunk, good until the one after it is asked for; undefined at the end. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { value, done } = await this.#reader.read(this.#memory);
    if (done) return undefined;
    this.#memory = new Uint8Array(value.buffer);
    return value;
  }

  /**
   * Fills all of `bytes` with what comes next, and keeps what a chunk has behind it for the
   * next call. Not to be mixed with {@linkcode next}.
   *
   * @returns False where the stream ends before.
   */
  async fill(bytes: Uint8Array): Promise<boolean> {
    for (let filled = 0; filled < bytes.length;) {
      if (this.#rest.length === 0) {
        const next = await this.next();
        if (next === undefined) return false;
        this.#rest = next;
      }
      const part = this.#rest.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return true;
  }

  /** What is still to come is not wanted: whoever writes it finds the pipe closed. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  /** Leaving the loop cancels the stream. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    try {
      for (let chunk = await this.next(); chunk !== undefined; chunk = await this.next()) {
        yield chunk;
      }
    } finally {
      await this.cancel();
    }
  }
}
