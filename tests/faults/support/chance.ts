/**
 * Chance for the fault tests: random moments and choices that can be had again.
 *
 * @module
 */

import { seededRandom } from "../../support/archive.ts";

/** A source of chance and the number that gives the same again. */
export interface Chance {
  /** Stands in the message of a test that fails: LOOKBACK_FAULTS_SEED gives it back. */
  readonly seed: number;
  /** A number from `from` on, below `to`. */
  between(from: number, to: number): number;
  /** True that often, from 0 to 1. */
  happens(share: number): boolean;
}

export function newChance(): Chance {
  const given = Number(Deno.env.get("LOOKBACK_FAULTS_SEED"));
  const seed = given > 0 ? given : 1 + Math.floor(Math.random() * 2_000_000_000);
  const random = seededRandom(seed);
  return {
    seed,
    between: (from, to) => from + random() * (to - from),
    happens: (share) => random() < share,
  };
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
