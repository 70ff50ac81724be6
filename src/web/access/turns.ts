/**
 * Few at once, some in line, the rest refused: for work that takes much memory.
 *
 * @module
 */

export class Turns {
  readonly #atOnce: number;
  readonly #inLine: number;
  readonly #line: (() => void)[] = [];
  #running = 0;
  #refused = 0;

  constructor(limits: { readonly atOnce: number; readonly inLine: number }) {
    this.#atOnce = limits.atOnce;
    this.#inLine = limits.inLine;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Does the work when it is its turn; undefined where the line is full. */
  async take<T>(work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    if (this.#running >= this.#atOnce) {
      if (this.#line.length >= this.#inLine) {
        this.#refused += 1;
        return undefined;
      }
      // Whoever ends hands its place over: #running stays.
      await new Promise<void>((go) => this.#line.push(go));
    } else this.#running += 1;
    try {
      return { value: await work() };
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
