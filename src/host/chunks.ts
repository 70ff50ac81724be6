/**
 * Reads a child's output piece by piece into one piece of memory: a camera of
 * 4 Mbit/s would otherwise leave 100 MB of buffers a minute to be collected.
 *
 * @module
 */

/** A pipe holds so much (pipe(7)). */
const PIPE_BYTES = 64 * 1024;

/** Where no line ends, waiting for the end would take all memory. ffmpeg's own have 255 at most. */
const MAX_LINE_CHARACTERS = 4_096;

const LINE_END = 0x0a;

/** The bytes of a stream in the order of their arrival. Takes the stream over. */
export class ChunkReader implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly #reader: ReadableStreamBYOBReader;
  #memory = new Uint8Array(PIPE_BYTES);
  #hasEnded = false;
  readonly #text = new TextDecoder();
  /** What of the newest chunk was not asked for yet. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  /** The next chunk, good until the one after it is asked for; undefined at the end. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#hasEnded) return undefined;
    const { value, done } = await this.#reader.read(this.#memory);
    this.#hasEnded = done;
    if (done) return undefined;
    this.#memory = new Uint8Array(value.buffer);
    return value;
  }

  /**
   * Fills all of `bytes` with what comes next, and keeps what a chunk has behind it for the
   * next call. Goes with {@linkcode line}, not with {@linkcode next}.
   *
   * @returns False where the stream ends before.
   */
  async fill(bytes: Uint8Array): Promise<boolean> {
    for (let filled = 0; filled < bytes.length;) {
      if (!await this.#hasRest()) return false;
      const part = this.#rest.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return true;
  }

  /**
   * The next line of text, without its end; one of more than 4096 characters comes in
   * pieces. Goes with {@linkcode fill}, not with {@linkcode next}.
   *
   * @returns Undefined where the stream ends before the line does.
   */
  async line(): Promise<string | undefined> {
    let line = "";
    while (await this.#hasRest()) {
      const end = this.#rest.indexOf(LINE_END);
      const part = end === -1 ? this.#rest : this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end === -1 ? part.length : end + 1);
      line += this.#text.decode(part, { stream: end === -1 });
      if (end !== -1 || line.length > MAX_LINE_CHARACTERS) return line;
    }
    return undefined;
  }

  /** Makes sure that there is something that was not asked for yet; false at the end. */
  async #hasRest(): Promise<boolean> {
    if (this.#rest.length > 0) return true;
    const next = await this.next();
    if (next === undefined) return false;
    this.#rest = next;
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
