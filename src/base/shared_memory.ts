/**
 * Memory of many bytes that passes through many hands, and is gone when the last of
 * them lets go. The garbage collector would get to it in its own time: at half a
 * megabyte a second, megabytes lie about by then, and the allocator never gives back
 * what they took at their most.
 *
 * Whoever keeps the bytes beyond the call that gave them holds the memory, and
 * releases it once for each hold. One who forgets to release leaves it to the
 * collector; one who releases what is not his takes it from the others.
 *
 * @module
 */

import { InvariantError } from "./errors.ts";

export interface SharedMemory {
  /** @throws {InvariantError} If it is gone. */
  hold(): void;
  /**
   * Once for each hold. The bytes can't be read any more after the last release.
   *
   * @throws {InvariantError} If it is gone.
   */
  release(): void;
}

/** Memory that nobody counts: the garbage collector gets to it. */
export const COLLECTED: SharedMemory = { hold() {}, release() {} };

/** Memory that is held once, by who made this. */
export class CountedMemory implements SharedMemory {
  readonly #buffer: ArrayBufferLike;
  #holds = 1;

  /** @param bytes All of their buffer goes. */
  constructor({ buffer }: Uint8Array) {
    this.#buffer = buffer;
  }

  hold(): void {
    this.#requireHeld();
    this.#holds += 1;
  }

  release(): void {
    this.#requireHeld();
    this.#holds -= 1;
    // Whoever has its bytes finds none from here on.
    if (this.#holds === 0 && this.#buffer instanceof ArrayBuffer) this.#buffer.transfer(0);
  }

  /** One who is late would read nothing, and nothing else would say so. */
  #requireHeld(): void {
    if (this.#holds < 1) throw new InvariantError("Cannot use memory that nobody holds any more");
  }
}
