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

  /** @param stream The journal's text, line by line. */
  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#read(stream);
  }

  /** Follows the journal from now on. */
  static follow(machine: Machine): Journal {
    const script = "exec journalctl --follow --lines=0 --output=cat -u lookback";
    return new Journal(machine.start(script).stdout);
  }

  /**
   * Waits until each of the patterns has matched a line. The lines up to the last
   * of them are old then: what is waited for next comes behind them.
   *
   * @throws {Error} If that takes longer than `limitMs`, with the lines there were.
   */
  async waitFor(patterns: readonly RegExp[], limitMs: number): Promise<void> {
    const until = performance.now() + limitMs;
    while (true) {
      const fresh = this.#lines.slice(this.#seen);
      const found = patterns.map((pattern) => fresh.findIndex((line) => pattern.test(line)));
      if (!found.includes(-1)) {
        this.#seen += Math.max(...found) + 1;
        return;
      }
      const leftMs = until - performance.now();
      if (leftMs <= 0) {
        const missing = patterns.filter((_, index) => found[index] === -1).map(String).join(", ");
        throw new Error(`no ${missing} within ${limitMs} ms, but:\n${fresh.join("\n")}`);
      }
      await this.#lineOr(leftMs);
    }
  }

  async #lineOr(limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, limitMs);
    await promise;
    clearTimeout(timer);
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
