/**
 * A queue with a cap that is counted in a weight of the caller's (bytes, rows).
 * What happens when it is full is said at the call: `offer` refuses, `put` waits.
 *
 * @module
 */

export interface QueueCounters {
  readonly length: number;
  readonly weight: number;
  /** Highest weight so far. */
  readonly peakWeight: number;
  /** How often `offer` was refused. */
  readonly refused: number;
  /** How often `put` had to wait. */
  readonly waited: number;
}

export class BoundedQueue<T> {
  readonly #maxWeight: number;
  readonly #items: { readonly value: T; readonly weight: number }[] = [];
  #weight = 0;
  #peakWeight = 0;
  #refused = 0;
  #waited = 0;
  #isClosed = false;
  #wakeTaker: (() => void) | undefined;
  #wakePutter: (() => void) | undefined;

  constructor(options: { readonly maxWeight: number }) {
    this.#maxWeight = options.maxWeight;
  }

  /** Adds the value, or answers false when it does not fit. An empty queue takes anything. */
  offer(value: T, weight = 1): boolean {
    if (this.#isClosed || !this.#fits(weight)) {
      this.#refused += 1;
      return false;
    }
    this.#add(value, weight);
    return true;
  }

  /** Adds the value as soon as it fits. One caller at a time. */
  async put(value: T, weight = 1): Promise<void> {
    if (!this.#fits(weight)) this.#waited += 1;
    while (!this.#isClosed && !this.#fits(weight)) {
      await new Promise<void>((wake) => this.#wakePutter = wake);
    }
    if (!this.#isClosed) this.#add(value, weight);
  }

  /** The oldest value, as soon as there is one. Undefined once closed and empty. One caller at a time. */
  async take(): Promise<T | undefined> {
    while (this.#items.length === 0) {
      if (this.#isClosed) return undefined;
      await new Promise<void>((wake) => this.#wakeTaker = wake);
    }
    const { value, weight } = this.#items.shift()!;
    this.#weight -= weight;
    this.#wakePutter?.();
    return value;
  }

  /** Nothing is added any more; what is in can still be taken. */
  close(): void {
    this.#isClosed = true;
    this.#wakeTaker?.();
    this.#wakePutter?.();
  }

  get counters(): QueueCounters {
    return {
      length: this.#items.length,
      weight: this.#weight,
      peakWeight: this.#peakWeight,
      refused: this.#refused,
      waited: this.#waited,
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (true) {
      const value = await this.take();
      if (value === undefined) return;
      yield value;
    }
  }

  #fits(weight: number): boolean {
    return this.#items.length === 0 || this.#weight + weight <= this.#maxWeight;
  }

  #add(value: T, weight: number): void {
    this.#items.push({ value, weight });
    this.#weight += weight;
    this.#peakWeight = Math.max(this.#peakWeight, this.#weight);
    this.#wakeTaker?.();
  }
}
