/**
 * Places for work that costs a process each: so many at once, so many waiting, no
 * more. Who waits is served in order; who goes away meanwhile gives up the place.
 *
 * @module
 */

import { Problem } from "../../web/problem.ts";

export class Places {
  readonly #places: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #refused = 0;

  constructor(places: number, mostWaiting: number) {
    this.#places = places;
    this.#mostWaiting = mostWaiting;
  }

  /** How often there was no room to wait. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Does something when it is its turn.
   *
   * @throws {Problem} 503 when too many wait.
   * @throws {DOMException} "AbortError" when `signal` is aborted before its turn.
   */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#taken >= this.#places) await this.#turn(signal);
    else this.#taken += 1;
    try {
      return await work();
    } finally {
      // The place goes from hand to hand.
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) {
      this.#refused += 1;
      throw new Problem(503, "busy", "Too many wait for this already", {
        headers: { "retry-after": "2" },
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const leave = () => {
      const index = this.#waiting.indexOf(resolve);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
}
