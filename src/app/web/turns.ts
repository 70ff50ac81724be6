/**
 * Long work in pieces, on a thread that others need too: after some milliseconds
 * whatever else waits has its turn.
 *
 * @module
 */

/** Live pictures pass through the same thread: so late may one be, in milliseconds. */
const TURN_MS = 10;

export class Turns {
  #beganAt = performance.now();

  /** Lets others have their turn, if this one has lasted long enough. */
  async pass(): Promise<void> {
    if (performance.now() - this.#beganAt < TURN_MS) return;
    await turnOfOthers();
    this.#beganAt = performance.now();
  }
}

/** Lets go of the thread for a moment. */
export function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
