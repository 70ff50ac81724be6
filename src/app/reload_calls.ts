/**
 * How a Worker asks the main thread to read the settings again, and hears what came
 * of it.
 *
 * @module
 */

/** What came of reading the settings again; `text` is for people. */
export interface ReloadAnswer {
  readonly ok: boolean;
  readonly text: string;
}

export class ReloadCalls {
  readonly #ask: (id: number) => void;
  /** Calls that are not answered yet. */
  readonly #waiting = new Map<number, (answer: ReloadAnswer) => void>();
  #next = 1;

  /** @param ask Sends the question; the answer comes with the same number. */
  constructor(ask: (id: number) => void) {
    this.#ask = ask;
  }

  /** Resolves with what came of it. */
  reload(): Promise<ReloadAnswer> {
    const { promise, resolve } = Promise.withResolvers<ReloadAnswer>();
    const id = this.#next++;
    this.#waiting.set(id, resolve);
    this.#ask(id);
    return promise;
  }

  answered(id: number, answer: ReloadAnswer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
