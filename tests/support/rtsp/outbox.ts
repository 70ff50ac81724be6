/**
 * What is waiting to be written to one client, in order. Says when a client
 * is too slow; whoever fills the box then drops the client, so that memory
 * stays bounded.
 *
 * @module
 */

/** Where the bytes go: a socket. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

export class Outbox {
  #flushed = Promise.resolve();
  #queuedBytes = 0;
  #broken = false;

  constructor(readonly sink: ByteSink, readonly capBytes: number) {}

  /** Queues bytes. False when more than the cap is waiting now: drop the client. */
  push(bytes: Uint8Array): boolean {
    this.#queuedBytes += bytes.length;
    this.#flushed = this.#flushed.then(() => this.#write(bytes));
    return this.#queuedBytes <= this.capBytes;
  }

  /** Writes no more. A write that has begun ends when the client reads on or leaves. */
  abandon(): void {
    this.#broken = true;
  }

  /** Resolves when all that is queued now was written, or can't be any more. */
  flushed(): Promise<void> {
    return this.#flushed;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length && !this.#broken;) {
        at += await this.sink.write(bytes.subarray(at));
      }
    } catch {
      // The client is gone; its reader sees the same and ends the session.
      this.#broken = true;
    }
    this.#queuedBytes -= bytes.length;
  }
}
