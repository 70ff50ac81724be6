/**
 * Cuts a byte stream into top-level MP4 boxes, whatever the sizes of the chunks
 * in which it arrives.
 *
 * Bytes are copied into the box they belong to; a box that lies whole in one
 * chunk is handed out as a view of that chunk.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import { type Box, MalformedMedia, peekBox } from "./boxes.ts";

/**
 * Largest box that is believed, in bytes. A fragment of one second at
 * 200 Mbit/s has 25 MB; more than this is not a recorder's stream but garbage,
 * and waiting for its end would fill the memory.
 */
export const MAX_BOX_BYTES = 64 * 1024 * 1024;

/** A header with a 64-bit size is the longest. */
const MAX_HEADER_BYTES = 16;

/** A box whose end has not come. */
interface OpenBox {
  readonly type: string;
  readonly headerBytes: number;
  readonly sizeBytes: number;
  /** Its first `filled` bytes are what has come. */
  bytes: Uint8Array;
  filled: number;
}

export class BoxSplitter {
  /** Bytes of a header that is not whole yet. */
  #head = new Uint8Array(0);
  /** The box that is being filled. */
  #open: OpenBox | undefined;

  /**
   * Takes the next chunk and returns the boxes that it completes, in order.
   *
   * @throws {MalformedMedia} If a size is impossible. The stream can't be read on after that.
   */
  push(chunk: Uint8Array): Box[] {
    const boxes: Box[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#open === undefined ? this.#begin(rest, boxes) : this.#fill(rest, boxes);
    }
    return boxes;
  }

  /** Bytes of a box that has begun but not ended. */
  get pendingBytes(): number {
    return this.#head.length + (this.#open?.filled ?? 0);
  }

  #begin(chunk: Uint8Array, boxes: Box[]): Uint8Array {
    const head = this.#head.length === 0
      ? chunk
      : joined([this.#head, chunk.subarray(0, MAX_HEADER_BYTES)]);
    const found = peekBox(head);
    if (found === undefined) {
      this.#head = head.slice();
      return chunk.subarray(chunk.length);
    }
    const { type, headerBytes, sizeBytes } = found;
    if (sizeBytes > MAX_BOX_BYTES) {
      throw new MalformedMedia(`Cannot take box "${type}" of ${sizeBytes} bytes`);
    }
    const carried = this.#head.length;
    if (carried === 0 && sizeBytes <= chunk.length) {
      const bytes = chunk.subarray(0, sizeBytes);
      boxes.push({ type, bytes, payload: bytes.subarray(headerBytes) });
      return chunk.subarray(sizeBytes);
    }
    this.#open = { type, headerBytes, sizeBytes, bytes: this.#head, filled: carried };
    this.#head = new Uint8Array(0);
    return this.#fill(chunk, boxes);
  }

  #fill(chunk: Uint8Array, boxes: Box[]): Uint8Array {
    const open = this.#open!;
    const taken = chunk.subarray(0, open.sizeBytes - open.filled);
    makeRoom(open, taken.length);
    open.bytes.set(taken, open.filled);
    open.filled += taken.length;
    if (open.filled === open.sizeBytes) {
      const { type, bytes, headerBytes } = open;
      boxes.push({ type, bytes, payload: bytes.subarray(headerBytes) });
      this.#open = undefined;
    }
    return chunk.subarray(taken.length);
  }
}

/** Room grows with what comes, at most to its double: a damaged size alone takes no memory. */
function makeRoom(open: OpenBox, moreBytes: number): void {
  const needed = open.filled + moreBytes;
  if (needed <= open.bytes.length) return;
  const grown = new Uint8Array(Math.min(open.sizeBytes, Math.max(needed, 2 * open.filled)));
  grown.set(open.bytes.subarray(0, open.filled));
  open.bytes = grown;
}
