/**
 * Decides when a state is worth another message: at once when it is another one,
 * rarely when only its numbers moved, not at all when they hardly did.
 *
 * Pure: times come as arguments.
 *
 * @module
 */

import type { MonotonicMs } from "../base/units.ts";

/** Numbers alone are news this often, in milliseconds. */
const NUMBERS_MS = 10_000;

/** And only when one has moved by this share. */
const NOTABLE = 0.1;

/** A state: what it is in words, and numbers that always move a little. */
export interface WatchedState {
  readonly text: string;
  readonly numbers: readonly number[];
}

export class StateNews {
  readonly #told = new Map<string, WatchedState & { readonly atMs: MonotonicMs }>();

  /** Whether it is to be told; counts as told then. */
  isNews(key: string, state: WatchedState, nowMs: MonotonicMs): boolean {
    const before = this.#told.get(key);
    if (before !== undefined && before.text === state.text && !hasBegun(before, state)) {
      if (nowMs - before.atMs < NUMBERS_MS) return false;
      if (!state.numbers.some((number, index) => hasMoved(before.numbers[index], number))) {
        return false;
      }
    }
    this.#told.set(key, { ...state, atMs: nowMs });
    return true;
  }

  /** The next state of this key is news, whatever it is. */
  forget(key: string): void {
    this.#told.delete(key);
  }

  forgetAll(): void {
    this.#told.clear();
  }
}

/** From nothing to something, or back: that is more than a number that moved. */
function hasBegun(before: WatchedState, { numbers }: WatchedState): boolean {
  return numbers.some((number, index) => (number === 0) !== (before.numbers[index] === 0));
}

function hasMoved(before: number | undefined, now: number): boolean {
  if (before === undefined) return true;
  return Math.abs(now - before) > NOTABLE * Math.max(Math.abs(before), Math.abs(now));
}
