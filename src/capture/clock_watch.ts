/**
 * Watches the wall clock over a camera's whole session, also while nothing
 * arrives, and remembers what was recorded by a clock that may be wrong, until a
 * step of the clock puts it right.
 *
 * In:  the runs and events of the session as they come. Out: entries to the
 * writer that move the times of runs and note the events again.
 * Not here: the decision (model/clock_correction.ts); the relation of a stream to
 * wall time (wall_clock.ts).
 *
 * Design: docs/design/time.md
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { type MonotonicMs, monotonicMs, unixMs } from "../base/units.ts";
import { clockState as kernelClockState } from "../host/clock_state.ts";
import {
  type ClockReading,
  type ClockState,
  correctionOf,
  isDoubtful,
  stepBetween,
} from "../model/clock_correction.ts";
import type { CameraEventEntry, LedgerEntry } from "../model/ledger.ts";
import type { CaptureSettings } from "./messages.ts";

/** A time server may call the clock right some minutes after it has set it: asked this often, in ms. */
const ASK_EVERY_MS = 10_000;

/** Runs and events that are remembered at most: those of a camera that flaps for hours. */
const MAX_REMEMBERED = 1_000;

/** Smaller steps are steered away (wall_clock.ts), in milliseconds. */
const CLOCK_STEP_MS = 1_000;

/** What a session hands on of its own parts. */
export interface ClockWatchParts {
  readonly settings: Pick<CaptureSettings, "camera" | "newestFootageMs">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly send: (entry: LedgerEntry) => void;
  /** What is known of the wall clock now; left out where the kernel is to be asked. */
  readonly clockState?: () => ClockState;
}

interface Remembered<What> {
  readonly what: What;
  readonly reading: ClockReading;
}

export class ClockWatch {
  readonly #parts: ClockWatchParts;
  readonly #clockState: () => ClockState;
  readonly #newestFootageMs: number;
  /** When the session began. */
  readonly #began: ClockReading;
  /** What steps are counted from. */
  #last: ClockReading;
  #runs: Remembered<number>[] = [];
  #events: Remembered<CameraEventEntry>[] = [];
  #isDoubtful: boolean;
  #askAgainAtMs: MonotonicMs;

  constructor(parts: ClockWatchParts) {
    this.#parts = parts;
    this.#clockState = parts.clockState ?? kernelClockState;
    this.#newestFootageMs = parts.settings.newestFootageMs;
    this.#began = this.#read(this.#clockState());
    this.#last = this.#began;
    this.#isDoubtful = isDoubtful(this.#began, this.#newestFootageMs);
    this.#askAgainAtMs = this.#began.monotonicMs;
  }

  /** Looks whether the clock was set while nothing arrived. Puts right what can be. */
  look(): void {
    const now = this.#read("unknown");
    const stepMs = stepBetween(this.#last, now);
    if (Math.abs(stepMs) < CLOCK_STEP_MS) return this.putRight();
    this.noteStep(stepMs);
  }

  /** The clock was set. What it puts right is put right before the step is noted. */
  noteStep(stepMs: number): void {
    this.#last = this.#read("unknown");
    this.#askAgainAtMs = this.#last.monotonicMs;
    this.putRight();
    const { settings: { camera }, send, log } = this.#parts;
    const detail = `the wall clock was set by ${stepMs} ms`;
    log.warning("A new run follows: {detail}", { detail });
    const atMs = this.#last.wallMs;
    const event: CameraEventEntry = {
      type: "event",
      cameraId: camera.id,
      atMs,
      untilMs: null,
      kind: "clock-step",
      cause: "clock-step",
      detail,
    };
    this.noteEvent(event);
    send(event);
  }

  /** A run begins now. */
  noteRun(run: number): void {
    const reading = this.#read(this.#clockState());
    if (!isDoubtful(reading, this.#newestFootageMs)) return;
    this.#runs.push({ what: run, reading });
    this.#runs.splice(0, this.#runs.length - MAX_REMEMBERED);
  }

  /** An event is sent now. */
  noteEvent(event: CameraEventEntry): void {
    if (!this.#isDoubtful) return;
    this.#events.push({ what: event, reading: this.#read("unknown") });
    this.#events.splice(0, this.#events.length - MAX_REMEMBERED);
  }

  /**
   * Moves earlier times once the clock is right; does nothing most of the time.
   * Runs are moved first: when the last entry is committed, nothing lies at its old
   * time any more.
   */
  putRight(): void {
    if (!this.#isDoubtful && this.#runs.length === 0) return;
    if (this.#parts.clock.monotonic() < this.#askAgainAtMs) return;
    const now = this.#read(this.#clockState());
    this.#askAgainAtMs = monotonicMs(now.monotonicMs + ASK_EVERY_MS);
    const runs = this.#takeRuns(now);
    const events = this.#takeEvents(now);
    if (now.state === "synchronised") this.#runs = [];
    if (events.length > 0 || now.state === "synchronised") {
      // From here on the clock is right, and nothing has to be remembered for it.
      this.#isDoubtful = false;
      this.#events = [];
    }
    const { settings: { camera }, send, log } = this.#parts;
    for (const { run, shiftMs } of runs) {
      send({ type: "run-shift", cameraId: camera.id, run, shiftMs });
    }
    for (const event of events) send(event);
    const [newest] = runs.slice(-1);
    if (newest === undefined) return;
    log.warning("The clock was wrong: times of {runs} runs were put right, the last by {shift} s", {
      runs: runs.length,
      shift: newest.shiftMs / 1_000,
    });
  }

  #takeRuns(now: ClockReading): { readonly run: number; readonly shiftMs: number }[] {
    const shifts: { readonly run: number; readonly shiftMs: number }[] = [];
    this.#runs = this.#runs.filter(({ what: run, reading }) => {
      const shiftMs = this.#correction(reading, now);
      if (shiftMs !== null) shifts.push({ run, shiftMs });
      return shiftMs === null;
    });
    return shifts;
  }

  /**
   * The session's events once more, at their right times, behind an event that
   * says that they replace those since "started" (store/coverage_reader.ts).
   */
  #takeEvents(now: ClockReading): CameraEventEntry[] {
    const shiftMs = this.#isDoubtful ? this.#correction(this.#began, now) : null;
    if (shiftMs === null) return [];
    const putRight: CameraEventEntry = {
      type: "event",
      cameraId: this.#parts.settings.camera.id,
      atMs: unixMs(this.#began.wallMs + shiftMs),
      untilMs: now.wallMs,
      kind: "clock-step",
      cause: "clock-step",
      detail: `the clock was wrong; the earlier times were put right by ${shiftMs / 1_000} s`,
    };
    const again = this.#events.map(({ what, reading }): CameraEventEntry => {
      const byMs = stepBetween(reading, now);
      return {
        ...what,
        atMs: unixMs(what.atMs + byMs),
        untilMs: what.untilMs === null ? null : unixMs(what.untilMs + byMs),
        // Other words, because the same event is never noted twice.
        detail: `${what.detail}; noted again by the right time`,
      };
    });
    return [putRight, ...again];
  }

  #correction(then: ClockReading, now: ClockReading): number | null {
    return correctionOf(then, now, this.#newestFootageMs);
  }

  #read(state: ClockState): ClockReading {
    const { clock } = this.#parts;
    return { wallMs: clock.now(), monotonicMs: clock.monotonic(), state };
  }
}
