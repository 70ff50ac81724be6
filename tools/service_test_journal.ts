/**
 * The journal of the service in a machine of tools/service_test.ts, as events
 * that can be waited for.
 *
 * @module
 */

import type { Machine } from "./service_test_machine.ts";

export class Journal {
  readonly #lines: string[] = [];
  #seen = 0;
  #wake: (() => void) | undefined;

  /** Follows the journal from now on. */
  static follow(machine: Machine): Journal {
    const journal = new Journal();
    const { stdout } = machine.start("exec journalctl --follow --lines=0 --output=cat -u lookback");
    journal.#read(stdout);
    return journal;
  }

  /** Everything up to here is old: `waitFor` looks only at what comes from now on. */
  mark(): void {
    this.#seen = this.#lines.length;
  }

  /**
   * Waits until each of the patterns has matched a line since the last mark.
   *
   * @throws {Error} If that takes longer than `limitMs`, with the lines there were.
   */
  async waitFor(patterns: readonly RegExp[], limitMs: number): Promise<void> {
    const until = performance.now() + limitMs;
    const missing = () =>
      patterns.filter((pattern) => !this.#fresh().some((line) => pattern.test(line)));
    while (missing().length > 0) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) {
        const texts = missing().map(String).join(", ");
        throw new Error(`no ${texts} within ${limitMs} ms, but:\n${this.#fresh().join("\n")}`);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, leftMs);
      await promise;
      clearTimeout(timer);
    }
  }

  #fresh(): readonly string[] {
    return this.#lines.slice(this.#seen);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#wake?.();
    }
  }
}
