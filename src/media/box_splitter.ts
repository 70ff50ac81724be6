/**
 * Cuts a byte stream into top-level MP4 boxes, whatever the sizes of the chunks
 * in which it arrives.
 *
 * Each byte is copied once, into the box it belongs to; a box that lies whole
 * in one chunk is handed out as a view of that chunk.
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

export class BoxSplitter {
  /** Bytes of a header that is not whole yet. */
  #head = new Uint8Array(0);
  /** The box that is being filled. */
  #open: { bytes: Uint8Array; filled: number; headerBytes: number; type: string } | undefined;

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
    const bytes = new Uint8Array(sizeBytes);
    bytes.set(this.#head);
    this.#head = new Uint8Array(0);
    this.#open = { bytes, filled: carried, headerBytes, type };
    return this.#fill(chunk, boxes);
  }

  #fill(chunk: Uint8Array, boxes: Box[]): Uint8Array {
    const open = this.#open!;
    const taken = chunk.subarray(0, open.bytes.length - open.filled);
    open.bytes.set(taken, open.filled);
    open.filled += taken.length;
    if (open.filled === open.bytes.length) {
      const { type, bytes, headerBytes } = open;
      boxes.push({ type, bytes, payload: bytes.subarray(headerBytes) });
      this.#open = undefined;
    }
    return chunk.subarray(taken.length);
  }
}
