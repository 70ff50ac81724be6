/**
 * Pieces that were made because somebody asked for them, kept while there is room: who
 * asks for what is being made waits for the same, and what nobody waits for any more is
 * given up.
 *
 * In:   names of pieces, and how one is made. Out: their bytes.
 * Cap:  64 MB of pieces; the one that was used longest ago goes first.
 *
 * @module
 */

/** What is kept, in bytes: a minute of 1080p, or eight of 360p. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

interface Making {
  readonly bytes: Promise<Bytes>;
  readonly ending: AbortController;
  askers: number;
}

export class MadePieces {
  readonly #maxBytes: number;
  readonly #made = new Map<string, Bytes>();
  readonly #making = new Map<string, Making>();
  /** Also what nobody waits for any more, until it has ended. */
  readonly #running = new Set<Promise<unknown>>();
  #bytes = 0;

  constructor(maxBytes = MAX_KEPT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** What is kept, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param make Told by its signal when nobody wants the piece any more.
   * @throws {DOMException} "AbortError" when `signal` is aborted; and what `make` throws.
   */
  async get(
    key: string,
    make: (signal: AbortSignal) => Promise<Bytes>,
    signal: AbortSignal,
  ): Promise<Bytes> {
    signal.throwIfAborted();
    const made = this.#made.get(key);
    if (made !== undefined) {
      this.#made.delete(key);
      this.#made.set(key, made);
      return made;
    }
    const making = this.#making.get(key) ?? this.#begin(key, make);
    making.askers += 1;
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([making.bytes, left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
      making.askers -= 1;
      if (making.askers === 0) this.#forget(key, making);
    }
  }

  /** Gives up all that is being made; resolves when nothing is. */
  async close(): Promise<void> {
    for (const { ending } of this.#making.values()) ending.abort();
    await Promise.allSettled(this.#running);
  }

  #begin(key: string, make: (signal: AbortSignal) => Promise<Bytes>): Making {
    const ending = new AbortController();
    const bytes = make(ending.signal);
    const making = { bytes, ending, askers: 0 };
    this.#making.set(key, making);
    const running = bytes.then((made) => this.#keep(key, made)).catch(() => {
      // Whoever asked is told.
    });
    this.#running.add(running);
    running.finally(() => this.#running.delete(running));
    return making;
  }

  /** Who asks from now on has it made anew, if it is not there. */
  #forget(key: string, making: Making): void {
    making.ending.abort();
    if (this.#making.get(key) === making) this.#making.delete(key);
  }

  #keep(key: string, made: Bytes): void {
    const before = this.#made.get(key);
    if (before !== undefined) this.#bytes -= before.length;
    this.#made.set(key, made);
    this.#bytes += made.length;
    for (const [oldest, { length }] of this.#made) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#made.delete(oldest);
      this.#bytes -= length;
    }
  }
}
