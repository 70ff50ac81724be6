/**
 * What encoders of pictures and of sound have in common: their number is limited, and
 * one that ended is started again after a pause that grows.
 *
 * @module
 */

/**
 * Places for encoders, of which a box has few. What plays live takes one or is refused;
 * what can wait does so in order, and a place then goes from hand to hand.
 */
export class EncoderPlaces {
  readonly most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  /** How often somebody waited in vain; counted by those who do. */
  refused = 0;

  constructor(most: number, mostWaiting = 0) {
    this.most = most;
    this.#mostWaiting = mostWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Those who wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** For who has seen that there is one. */
  take(): void {
    this.#taken += 1;
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  /**
   * Takes a place as soon as there is one.
   *
   * @returns "full" where too many wait already, "left" when `signal` is aborted before its turn.
   */
  async wait(signal: AbortSignal): Promise<"taken" | "full" | "left"> {
    if (signal.aborted) return "left";
    if (this.#taken < this.most) {
      this.take();
      return "taken";
    }
    if (this.#waiting.length >= this.#mostWaiting) return "full";
    const turn = Promise.withResolvers<"taken" | "left">();
    const come = () => turn.resolve("taken");
    const leave = () => {
      const index = this.#waiting.indexOf(come);
      // Whose turn it is already has the place, and gives it back.
      if (index >= 0) this.#waiting.splice(index, 1);
      if (index >= 0) turn.resolve("left");
    };
    this.#waiting.push(come);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await turn.promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
}

/** Pauses before an encoder that ended is started again, in milliseconds. */
const RESTART_MS = [0, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** @param failures How many before this one ended early, one behind the other. */
export function restartPauseMs(failures: number): number {
  return RESTART_MS[Math.min(failures, RESTART_MS.length - 1)]!;
}
