/**
 * Decides which frame a film of constant rate shows at each of its instants,
 * whatever distances the recorded frames have. Decides only.
 *
 * @module
 */

/** Frames a second as a fraction: 10/1, 30000/1001. */
export interface Rate {
  readonly numerator: number;
  readonly denominator: number;
}

/** More than any camera gives, and the finest distance in milliseconds. */
const MAX_FPS = 1_000;

/** Reads "10", "12.5" or "30000/1001". Undefined for anything else, and for what is not above 0. */
export function parseRate(text: string): Rate | undefined {
  const match = /^(\d{1,7})(?:\.(\d{1,3})|\/(\d{1,7}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = "", decimals = "", below = "1"] = match;
  const rate = {
    numerator: Number(whole + decimals),
    denominator: Number(below) * 10 ** decimals.length,
  };
  const fps = perSecond(rate);
  return fps > 0 && fps <= MAX_FPS ? rate : undefined;
}

export function perSecond({ numerator, denominator }: Rate): number {
  return numerator / denominator;
}

/**
 * How often each frame is shown: 0 for one that is left out, 2 for one that
 * stands for two instants.
 *
 * The instants are 0, 1/rate, 2/rate, and so on, as long as they lie in the film. Each
 * shows the frame that is on show then: the last one that begins at or before it.
 *
 * @param starts When frames begin, in ticks from the film's start, in order. The first is 0.
 */
export function timesShown(
  starts: readonly number[],
  film: { readonly totalTicks: number; readonly timescale: number; readonly rate: Rate },
): number[] {
  const { numerator, denominator } = film.rate;
  // Exact: products stay below 2^53 for films of days at any clock.
  const firstInstant = (ticks: number) =>
    Math.ceil(ticks * numerator / (denominator * film.timescale));
  const end = firstInstant(film.totalTicks);
  return starts.map((start, index) => {
    const next = starts[index + 1];
    return Math.max(0, (next === undefined ? end : firstInstant(next)) - firstInstant(start));
  });
}
