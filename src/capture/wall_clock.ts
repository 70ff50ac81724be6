/**
 * Learns where a stream's own time lies in wall time, from when its fragments
 * arrive. A fragment can only be late, never early: the one that was delayed
 * least tells the truth best.
 *
 * The relation ("origin": wall time at stream time 0) changes only between
 * batches, so that within a recording file all frames follow one origin and the
 * file alone is enough to tell each frame's time.
 *
 * Pure: times come in as arguments.
 *
 * Design: docs/design/time.md
 *
 * @module
 */

import { type MonotonicMs, type UnixMs, unixMs } from "../base/units.ts";

/** How long arrivals are watched before the origin is believed, in milliseconds. */
const LEARN_MS = 1_000;

/** It must also have been steady for this long: a burst at the start is over then. */
const STEADY_MS = 500;

/** A source that never gets steady is believed after this time, in milliseconds. */
const LEARN_AT_MOST_MS = 3_000;

/** Changes of the origin below this are noise of the scheduler, in milliseconds. */
const NOISE_MS = 20;

/** Steps of the wall clock below this are steered away, in milliseconds. */
const CLOCK_STEP_MS = 1_000;

/**
 * A settled stream can't run ahead of wall time; if it seems to by more than
 * this, its time stamps have jumped, or all was late when they were learnt, in milliseconds.
 */
const STREAM_AHEAD_MS = 2_000;

/** Of what the stream is ahead, holes explain so much where its time stamps have jumped. */
const HOLE_SHARE = 0.5;

/** A stream without a key frame at which it could be learnt anew is given up, in milliseconds. */
const LATE_AT_MOST_MS = 60_000;

/** Batches whose least delay counts when steering: about a minute of the usual 10 s. */
const STEERING_BATCHES = 6;

/** An error that a minute of steering leaves above this is not jitter, in milliseconds. */
const LOST_MS = 1_000;

/** What an arrival says. */
export type ArrivalVerdict =
  | { readonly type: "normal" }
  /** The wall clock was set; positive is forward. */
  | { readonly type: "clock-step"; readonly stepMs: number }
  /** The stream's time stamps jumped ahead. */
  | { readonly type: "stream-jump"; readonly aheadMs: number };

export interface Arrival {
  readonly wallMs: UnixMs;
  readonly monotonicMs: MonotonicMs;
  /** Stream time of the end of the newest frame, in milliseconds. */
  readonly streamEndMs: number;
  /** How much of stream time the frames that arrived fill, in milliseconds. */
  readonly filledMs: number;
}

/**
 * Why the origin must be learnt anew: the stream's time was set back or runs at another speed than
 * wall time, so that steering can't keep up; or all was late while it was learnt, on a box that had
 * too much to do.
 */
export type LostReason = "drifted" | "learnt-late";

export class WallClock {
  #originMs = Infinity;
  #firstAtMs = 0;
  #lastDropAtMs = 0;
  #wallMinusMonotonicMs: number | undefined;
  #isSettled = false;
  #hasDrifted = false;
  /** Steps of the wall clock that the origin has not taken over yet. */
  #pendingStepMs = 0;
  /** Monotonic time at which a settled stream was found far ahead, though nothing is missing in it. */
  #lateSinceMs: number | undefined;
  #newestEndMs: number | undefined;
  /** What no frame fills of stream time, since the stream was last where it should be. */
  #holesMs = 0;
  #leastOfBatchMs = Infinity;
  readonly #leastOfBatchesMs: number[] = [];

  /** False while the origin may still change within a batch. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Wall time at stream time 0, as far as it is known. */
  get originMs(): UnixMs {
    return unixMs(Math.round(this.#originMs));
  }

  observe(arrival: Arrival): ArrivalVerdict {
    const { wallMs, monotonicMs, streamEndMs } = arrival;
    this.#noteHoles(arrival);
    const distance = wallMs - monotonicMs;
    const stepMs = distance - (this.#wallMinusMonotonicMs ?? distance);
    this.#wallMinusMonotonicMs = distance;
    if (Math.abs(stepMs) >= CLOCK_STEP_MS) {
      this.#pendingStepMs += Math.round(stepMs);
      return { type: "clock-step", stepMs: Math.round(stepMs) };
    }
    // Until the step is taken over, arrivals are compared on the clock before it.
    const candidateMs = wallMs - this.#pendingStepMs - streamEndMs;
    if (!this.#isSettled) {
      this.#learn(candidateMs, monotonicMs);
      return { type: "normal" };
    }
    const aheadMs = this.#originMs - candidateMs;
    if (aheadMs <= STREAM_AHEAD_MS / 2) this.#holesMs = 0;
    if (aheadMs > STREAM_AHEAD_MS) return this.#judgeAhead(aheadMs, monotonicMs);
    this.#leastOfBatchMs = Math.min(this.#leastOfBatchMs, candidateMs);
    return { type: "normal" };
  }

  /** Why it must be learnt anew; undefined while it need not. */
  get lost(): LostReason | undefined {
    if (this.#lateSinceMs !== undefined) return "learnt-late";
    return this.#hasDrifted ? "drifted" : undefined;
  }

  /** Believes what was learnt so far. */
  settle(): void {
    this.#isSettled = true;
  }

  /** Moves the origin by a step of the wall clock whose size the monotonic clock told. */
  step(stepMs: number): void {
    this.#originMs += stepMs;
    this.#pendingStepMs -= stepMs;
    this.#leastOfBatchMs = Infinity;
    this.#leastOfBatchesMs.length = 0;
  }

  /**
   * Moves the origin towards what the last batches showed, at most by `limitMs`.
   * To be called between two batches.
   *
   * @returns How far it was moved, in milliseconds.
   */
  steer(limitMs: number): number {
    if (Number.isFinite(this.#leastOfBatchMs)) this.#leastOfBatchesMs.push(this.#leastOfBatchMs);
    if (this.#leastOfBatchesMs.length > STEERING_BATCHES) this.#leastOfBatchesMs.shift();
    this.#leastOfBatchMs = Infinity;
    if (this.#leastOfBatchesMs.length === 0) return 0;
    const errorMs = Math.min(...this.#leastOfBatchesMs) - this.#originMs;
    const movedMs = Math.max(-limitMs, Math.min(limitMs, errorMs));
    this.#originMs += movedMs;
    this.#hasDrifted = this.#leastOfBatchesMs.length === STEERING_BATCHES &&
      Math.abs(errorMs - movedMs) > LOST_MS;
    return movedMs;
  }

  /** On the line of presentation times, by which it is judged whether the stream is ahead. */
  #noteHoles({ streamEndMs, filledMs }: Arrival): void {
    if (this.#newestEndMs !== undefined) {
      this.#holesMs += streamEndMs - this.#newestEndMs - filledMs;
    }
    this.#newestEndMs = streamEndMs;
  }

  /** Time stamps that have jumped leave a hole; a box that catches up with what was late leaves none. */
  #judgeAhead(aheadMs: number, nowMs: MonotonicMs): ArrivalVerdict {
    const isJump = this.#holesMs >= HOLE_SHARE * aheadMs;
    if (isJump || nowMs - (this.#lateSinceMs ?? nowMs) > LATE_AT_MOST_MS) {
      return { type: "stream-jump", aheadMs: Math.round(aheadMs) };
    }
    this.#lateSinceMs ??= nowMs;
    return { type: "normal" };
  }

  #learn(candidateMs: number, atMs: MonotonicMs): void {
    if (this.#originMs === Infinity) this.#firstAtMs = atMs;
    if (candidateMs < this.#originMs - NOISE_MS) this.#lastDropAtMs = atMs;
    this.#originMs = Math.min(this.#originMs, candidateMs);
    const watchedMs = atMs - this.#firstAtMs;
    const steadyMs = atMs - this.#lastDropAtMs;
    this.#isSettled = watchedMs >= LEARN_AT_MOST_MS ||
      (watchedMs >= LEARN_MS && steadyMs >= STEADY_MS);
  }
}
