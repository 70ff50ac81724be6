/**
 * Keeps several players at one instant.
 *
 * @module
 */

/** How one player is to be corrected. */
export type Correction =
  | { readonly kind: "none"; readonly rate: number }
  | { readonly kind: "rate"; readonly rate: number }
  | { readonly kind: "seek" };

/** Less than a frame: nobody sees it. */
const FINE_MS = 30;

/** More is not caught up with by playing faster within a second or two. */
const SEEK_MS = 700;

/** Of the difference in each second. */
const PULL_PER_SECOND = 0.5;

/** The change of rate stays below what makes motion look odd. */
const MOST_PULL = 0.15;

/**
 * @param aheadMs How far the player is ahead of the common instant; negative: behind.
 * @param rate The common speed.
 */
export function correctionOf(aheadMs: number, rate: number): Correction {
  const size = Math.abs(aheadMs);
  if (size <= FINE_MS * Math.max(rate, 1)) return { kind: "none", rate };
  if (size > SEEK_MS * Math.max(rate, 1)) return { kind: "seek" };
  const pull = Math.min(Math.max(-aheadMs / 1000 * PULL_PER_SECOND / rate, -MOST_PULL), MOST_PULL);
  // Browsers play at 16 times at most.
  return { kind: "rate", rate: Math.min(rate * (1 + pull), 16) };
}

/** An instant that goes on with a monotonic clock, at a speed, or stands. */
export class StepClock {
  #anchorMs: number;
  #anchorAt: number;
  #rate = 0;

  /** @param clockMs The monotonic clock, in milliseconds. */
  constructor(instantMs: number, private readonly clockMs: () => number) {
    this.#anchorMs = instantMs;
    this.#anchorAt = clockMs();
  }

  get instantMs(): number {
    return this.#anchorMs + (this.clockMs() - this.#anchorAt) * this.#rate;
  }

  /** 0 stands. */
  run(rate: number): void {
    this.set(this.instantMs);
    this.#rate = rate;
  }

  get rate(): number {
    return this.#rate;
  }

  set(instantMs: number): void {
    this.#anchorMs = instantMs;
    this.#anchorAt = this.clockMs();
  }
}
