/**
 * Cuts a byte stream into top-level MP4 boxes, whatever the sizes of the chunks
 * in which it arrives.
 *
 * Each byte is copied once, into the box that it belongs to: the caller may use
 * a chunk's memory again.
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

/**
 * Memory that a size alone is given, in bytes. Most fragments are smaller, and
 * are copied once; a larger box grows with what comes.
 */
const BELIEVED_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** A box as it is cut out of a stream. */
export interface CutBox extends Box {
  /** Behind a `moof`: that and this box, which are written together, in one piece of memory. */
  readonly withMoof: Uint8Array;
}

/** A box whose end has not come. */
interface OpenBox {
  readonly type: string;
  readonly headerBytes: number;
  /** Length of the `moof` in front of it. */
  readonly leadBytes: number;
  /** Both together. */
  readonly sizeBytes: number;
  /** Both; the first `filled` bytes are what has come. */
  bytes: Uint8Array;
  filled: number;
}

export class BoxSplitter {
  /** Bytes of a header that is not whole yet. */
  #head = new Uint8Array(0);
  /** The box that is being filled. */
  #open: OpenBox | undefined;
  /** The box before, if it was a `moof`. */
  #lead: Uint8Array = NOTHING;

  /**
   * Takes the next chunk and returns the boxes that it completes, in order.
   *
   * @throws {MalformedMedia} If a size is impossible. The stream can't be read on after that.
   */
  push(chunk: Uint8Array): CutBox[] {
    const boxes: CutBox[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      const open = this.#open ??= this.#begin(rest);
      if (open === undefined) break;
      rest = fill(open, rest);
      if (open.filled < open.sizeBytes) break;
      const box = whole(open);
      boxes.push(box);
      this.#lead = box.type === "moof" ? box.bytes : NOTHING;
      this.#open = undefined;
    }
    return boxes;
  }

  /** Bytes of a box that has begun but not ended. */
  get pendingBytes(): number {
    const { filled, leadBytes } = this.#open ?? { filled: 0, leadBytes: 0 };
    return this.#head.length + filled - leadBytes;
  }

  /** Opens the next box, if its header is whole with this chunk; of the chunk it takes nothing yet. */
  #begin(chunk: Uint8Array): OpenBox | undefined {
    const carried = this.#head;
    const head = carried.length === 0
      ? chunk
      : joined([carried, chunk.subarray(0, MAX_HEADER_BYTES)]);
    const found = peekBox(head);
    if (found === undefined) {
      this.#head = head.slice();
      return undefined;
    }
    const { type, headerBytes, sizeBytes } = found;
    if (sizeBytes > MAX_BOX_BYTES) {
      throw new MalformedMedia(`Cannot take box "${type}" of ${sizeBytes} bytes`);
    }
    this.#head = new Uint8Array(0);
    const lead = this.#lead;
    const begun = lead.length + carried.length;
    const all = lead.length + sizeBytes;
    const bytes = new Uint8Array(all <= BELIEVED_BYTES ? all : begun);
    bytes.set(lead);
    bytes.set(carried, lead.length);
    const lengths = { headerBytes, leadBytes: lead.length, sizeBytes: all };
    return { type, ...lengths, bytes, filled: begun };
  }
}

/** Takes what of the chunk belongs to the box; returns the rest. */
function fill(open: OpenBox, chunk: Uint8Array): Uint8Array {
  const taken = chunk.subarray(0, open.sizeBytes - open.filled);
  makeRoom(open, taken.length);
  open.bytes.set(taken, open.filled);
  open.filled += taken.length;
  return chunk.subarray(taken.length);
}

function whole({ type, headerBytes, leadBytes, bytes: withMoof }: OpenBox): CutBox {
  const bytes = withMoof.subarray(leadBytes);
  return { type, bytes, payload: bytes.subarray(headerBytes), withMoof };
}

/** Room grows with what comes, at most to its double: a damaged size alone takes no memory. */
function makeRoom(open: OpenBox, moreBytes: number): void {
  const needed = open.filled + moreBytes;
  if (needed <= open.bytes.length) return;
  const grown = new Uint8Array(Math.min(open.sizeBytes, Math.max(needed, 2 * open.filled)));
  grown.set(open.bytes.subarray(0, open.filled));
  open.bytes = grown;
}
