/**
 * Hands out ports of a range, each to one user at a time, in turn: a port that
 * was just given back rests longest.
 *
 * @module
 */

export class PortPool {
  readonly #range: readonly [number, number] | undefined;
  readonly #taken = new Set<number>();
  #next: number;

  /** @param range First and last port; undefined for any that is free. */
  constructor(range: readonly [number, number] | undefined) {
    this.#range = range;
    this.#next = range?.[0] ?? 0;
  }

  /** A port, or `port: undefined` where any will do; undefined when all are taken. */
  take(): { readonly port: number | undefined } | undefined {
    if (this.#range === undefined) return { port: undefined };
    const [first, last] = this.#range;
    for (let tried = first; tried <= last; tried += 1) {
      const port = this.#next;
      this.#next = port >= last ? first : port + 1;
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      return { port };
    }
    return undefined;
  }

  giveBack(port: number | undefined): void {
    if (port !== undefined) this.#taken.delete(port);
  }
}
