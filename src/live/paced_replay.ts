/**
 * Sends packets no faster than a network takes them. A group of pictures that is
 * replayed to a new viewer at once overflows the buffers on its way; spread over
 * some milliseconds it arrives whole. What is live waits behind it, in order.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";

/**
 * Packets that go out together: 57 kB. A receiver's socket holds 92 of them by
 * Linux' default.
 */
const BURST_PACKETS = 48;

/** From one burst to the next. With the burst's size about 110 Mbit/s. */
const BURST_EVERY_MS = 4;

interface Weighed {
  readonly payload: { readonly length: number };
}

export class PacedReplay<T extends Weighed> {
  readonly #send: (packet: T) => void;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #stop = new AbortController();
  #waiting: T[] = [];
  #waitingBytes = 0;
  #run: Promise<void> | undefined;

  /** @param options `maxBytes` of payload may wait; what is over it is refused. */
  constructor(
    options: {
      readonly send: (packet: T) => void;
      readonly clock: Clock;
      readonly maxBytes: number;
    },
  ) {
    this.#send = options.send;
    this.#clock = options.clock;
    this.#maxBytes = options.maxBytes;
  }

  /** Bytes of payload that wait. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Adds packets that belong together. False, and none of them is added, when they don't fit. */
  add(packets: readonly T[]): boolean {
    if (this.#stop.signal.aborted) return false;
    if (packets.length === 0) return true;
    const bytes = packets.reduce((sum, { payload }) => sum + payload.length, 0);
    if (this.#waitingBytes + bytes > this.#maxBytes) return false;
    for (const packet of packets) this.#waiting.push(packet);
    this.#waitingBytes += bytes;
    this.#run ??= this.#drain();
    return true;
  }

  /** Forgets what waits and sends no more. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#run;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      for (const packet of this.#waiting.splice(0, BURST_PACKETS)) {
        this.#waitingBytes -= packet.payload.length;
        this.#send(packet);
      }
      // Also after the last burst: what comes right behind it must not make it longer.
      await this.#clock.sleep(BURST_EVERY_MS, this.#stop.signal);
    }
    this.#run = undefined;
  }
}
