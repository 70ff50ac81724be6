/**
 * What a watcher of a tap is done with, told in portions: each message wakes the
 * camera's Worker, and a fragment comes eight times a second.
 *
 * Pure.
 *
 * @module
 */

/** Small beside what a watcher may be behind (capture/fragment_tap.ts), in bytes. */
export const TOLD_BYTES = 256 * 1024;

/** Of one tap; another one begins with a new one of these. */
export class TakenBytes {
  #untoldBytes = 0;

  /** Takes what was done with now. Returns what is to be told now, in bytes; 0 for nothing. */
  add(bytes: number): number {
    this.#untoldBytes += bytes;
    if (this.#untoldBytes < TOLD_BYTES) return 0;
    const toldBytes = this.#untoldBytes;
    this.#untoldBytes = 0;
    return toldBytes;
  }
}
