/**
 * How many refusals are answered: ten at once, then two a second. Who sends nonsense
 * without end must not fill the queue with answers.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { MonotonicMs } from "../../base/units.ts";

const AT_ONCE = 10;
const PER_SECOND = 2;

export class AnswerPace {
  readonly #clock: Clock;
  #left = AT_ONCE;
  #countedAt: MonotonicMs;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.monotonic();
  }

  mayAnswer(): boolean {
    const nowMs = this.#clock.monotonic();
    const grown = this.#left + PER_SECOND * (nowMs - this.#countedAt) / 1_000;
    this.#left = Math.min(AT_ONCE, grown);
    this.#countedAt = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
