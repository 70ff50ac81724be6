/**
 * Wakes one loop that has nothing to do. A ring that nobody waited for is not lost;
 * several count as one.
 *
 * @module
 */

export class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Resolves with the next ring, or at once after one that was not heard. One caller at a time. */
  async rung(): Promise<void> {
    if (!this.#isRung) await new Promise<void>((wake) => this.#wake = wake);
    this.#isRung = false;
    this.#wake = undefined;
  }
}
