/**
 * Reads exact pieces from something that arrives in chunks of any size: a
 * pipe or a socket.
 *
 * @module
 */

/** Gives the next chunk, or nothing at the end. */
export type PullBytes = () => Promise<Uint8Array | undefined>;

/** Bytes that arrive in chunks, handed out in the pieces asked for. */
export class ByteSource {
  #held = new Uint8Array();

  constructor(readonly pull: PullBytes) {}

  /** The next `sizeBytes` bytes, or nothing when the source ends before them. */
  async take(sizeBytes: number): Promise<Uint8Array | undefined> {
    while (this.#held.length < sizeBytes) {
      if (!await this.#more()) return undefined;
    }
    return this.#cut(sizeBytes);
  }

  /** The next byte, left in place; nothing at the end. */
  async peek(): Promise<number | undefined> {
    while (this.#held.length === 0) {
      if (!await this.#more()) return undefined;
    }
    return this.#held[0];
  }

  /**
   * All up to and including the first empty line, as text; nothing at the end.
   *
   * @throws {RangeError} If no empty line comes within `maxBytes`.
   */
  async takeHead(maxBytes: number): Promise<string | undefined> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#held.subarray(0, maxBytes));
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#cut(end + 4);
        return text.slice(0, end + 4);
      }
      if (text.length >= maxBytes) {
        throw new RangeError(`Cannot read head: no empty line within ${maxBytes} bytes`);
      }
      if (!await this.#more()) return undefined;
    }
  }

  #cut(sizeBytes: number): Uint8Array {
    const piece = this.#held.slice(0, sizeBytes);
    this.#held = this.#held.subarray(sizeBytes);
    return piece;
  }

  async #more(): Promise<boolean> {
    const chunk = await this.pull();
    if (chunk === undefined) return false;
    this.#held = concat([this.#held, chunk]);
    return true;
  }
}

/** Joins byte arrays into one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
