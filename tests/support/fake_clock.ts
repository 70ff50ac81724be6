/**
 * Time that stands still until a test moves it.
 *
 * In:   how far time shall go on, or by how much the wall clock is set.
 * Out:  wall and monotonic time, and the sleeps that were asked for.
 * Not here: real waiting; only the turn of the event loop that lets awaiting
 *       code run on.
 *
 * @module
 */

import type { Clock } from "../../src/base/clock.ts";
import { type MonotonicMs, monotonicMs, type UnixMs, unixMs } from "../../src/base/units.ts";
import { turn } from "./pause.ts";

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  /** Every sleep that was asked for, in milliseconds, oldest first. */
  readonly slept: number[] = [];
  #wallMs: number;
  /** Not 0, so that code that takes one time for the other is found out. */
  #monotonicMs = 5_000;
  #sleepers: Sleeper[] = [];

  /** @param start Wall time, as ISO 8601. */
  constructor(start = "2026-11-21T20:57:09Z") {
    this.#wallMs = Date.parse(start);
  }

  now(): UnixMs {
    return unixMs(this.#wallMs);
  }

  monotonic(): MonotonicMs {
    return monotonicMs(this.#monotonicMs);
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    this.slept.push(durationMs);
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        resolve();
      };
      const sleeper = { untilMs: this.#monotonicMs + durationMs, wake };
      this.#sleepers.push(sleeper);
      signal.addEventListener("abort", wake);
    });
  }

  /** Lets time go on. Sleepers wake in order, each at its own time; then all of them have run on. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + durationMs;
    await turn();
    while (true) {
      const [next] = this.#sleepers.toSorted((one, other) => one.untilMs - other.untilMs);
      if (next === undefined || next.untilMs > untilMs) break;
      this.#goTo(Math.max(next.untilMs, this.#monotonicMs));
      next.wake();
      await turn();
    }
    this.#goTo(untilMs);
  }

  /** Time goes on, but whoever sleeps wakes only with the next `advance`: this thread stood still. */
  standStill(durationMs: number): void {
    this.#goTo(this.#monotonicMs + durationMs);
  }

  /** Sets the wall clock, as an operator or a time server does; monotonic time goes on untouched. */
  setWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  #goTo(atMs: number): void {
    this.#wallMs += atMs - this.#monotonicMs;
    this.#monotonicMs = atMs;
  }
}
