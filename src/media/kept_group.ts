/**
 * The newest group of pictures, from its key frame on: what somebody who begins
 * to watch is given first, so that a picture shows at once.
 *
 * Pure. Of a group that grows beyond the cap nothing is kept: a part of it from the
 * middle could not be decoded, and one from its beginning would end in the past.
 *
 * @module
 */

/** Bytes of the longest group that is kept: ten seconds of 6 Mbit/s. */
export const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/** What must be known of a fragment. */
export interface Keepable {
  readonly bytes: Uint8Array;
  readonly isKey: boolean;
}

export class KeptGroup<T extends Keepable> {
  readonly #maxBytes: number;
  readonly #onGone: (fragment: T) => void;
  #fragments: T[] = [];
  #bytes = 0;

  /** @param onGone Is told of each fragment that was kept and is kept no more. */
  constructor(maxBytes = MAX_GROUP_BYTES, onGone: (fragment: T) => void = () => {}) {
    this.#maxBytes = maxBytes;
    this.#onGone = onGone;
  }

  /** From the key frame on, oldest first; empty where there is none to begin with. */
  get fragments(): readonly T[] {
    return this.#fragments;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns False where it is not kept, because no key frame came before it. */
  add(fragment: T): boolean {
    if (fragment.isKey) this.clear();
    else if (this.#fragments.length === 0) return false;
    this.#fragments.push(fragment);
    this.#bytes += fragment.bytes.length;
    if (this.#bytes > this.#maxBytes) this.clear();
    return true;
  }

  clear(): void {
    const gone = this.#fragments;
    this.#fragments = [];
    this.#bytes = 0;
    gone.forEach(this.#onGone);
  }
}
