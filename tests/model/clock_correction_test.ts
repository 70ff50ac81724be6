import { strictEqual } from "node:assert/strict";
import { monotonicMs, unixMs } from "../../src/base/units.ts";
import {
  type ClockReading,
  type ClockState,
  correctionOf,
  isDoubtful,
  stepBetween,
} from "../../src/model/clock_correction.ts";

const RIGHT = Date.parse("2026-11-21T20:57:00Z");
const DAY_MS = 86_400_000;

/** Both clocks some seconds after the process began, the wall clock off by `wrongMs`. */
function reading(seconds: number, state: ClockState, wrongMs = 0): ClockReading {
  return {
    wallMs: unixMs(RIGHT + seconds * 1_000 + wrongMs),
    monotonicMs: monotonicMs(seconds * 1_000),
    state,
  };
}

const CASES: readonly {
  readonly name: string;
  readonly then: ClockReading;
  readonly now: ClockReading;
  readonly newestFootageMs?: number;
  readonly correctionMs: number | null;
}[] = [
  {
    name: "moves times of an unset clock that a time server has set since",
    then: reading(5, "not-synchronised", -DAY_MS),
    now: reading(65, "synchronised"),
    correctionMs: DAY_MS,
  },
  {
    name: "moves times back where the unset clock was ahead",
    then: reading(5, "not-synchronised", DAY_MS),
    now: reading(65, "synchronised"),
    correctionMs: -DAY_MS,
  },
  {
    name: "leaves times of a clock that was called right, whoever set it since",
    then: reading(5, "synchronised", -DAY_MS),
    now: reading(65, "synchronised"),
    correctionMs: null,
  },
  {
    name: "leaves times of an unset clock that is still not set",
    then: reading(5, "not-synchronised", -DAY_MS),
    now: reading(65, "not-synchronised"),
    correctionMs: null,
  },
  {
    name: "leaves times where nobody knows of the clock",
    then: reading(5, "unknown", -DAY_MS),
    now: reading(65, "unknown"),
    correctionMs: null,
  },
  {
    name: "leaves less than a second",
    then: reading(5, "not-synchronised", -999),
    now: reading(65, "synchronised"),
    correctionMs: null,
  },
  {
    name: "moves times of before this program was written, without a time server too",
    then: reading(5, "unknown", -RIGHT),
    now: reading(65, "unknown"),
    correctionMs: RIGHT,
  },
  {
    name: "leaves times that the step would not make possible",
    then: reading(5, "unknown", -RIGHT),
    now: reading(65, "unknown", -RIGHT + DAY_MS),
    correctionMs: null,
  },
  {
    name: "moves times that lie before the camera's newest footage",
    then: reading(5, "unknown", -DAY_MS),
    now: reading(65, "unknown"),
    newestFootageMs: RIGHT - 3_600_000,
    correctionMs: DAY_MS,
  },
  {
    name: "leaves times that lie a little before the newest footage: streams run ahead",
    then: reading(5, "unknown"),
    now: reading(65, "unknown", DAY_MS),
    newestFootageMs: RIGHT + 7_000,
    correctionMs: null,
  },
];

for (const { name, then, now, newestFootageMs = 0, correctionMs } of CASES) {
  Deno.test(`correctionOf() ${name}`, () => {
    strictEqual(correctionOf(then, now, newestFootageMs), correctionMs);
    // What may be put right later has to be remembered.
    if (correctionMs !== null) strictEqual(isDoubtful(then, newestFootageMs), true);
  });
}

Deno.test("isDoubtful() lets go of times by a clock that was right as far as anybody knows", () => {
  strictEqual(isDoubtful(reading(5, "synchronised"), RIGHT - DAY_MS), false);
  strictEqual(isDoubtful(reading(5, "unknown"), RIGHT - DAY_MS), false);
});

Deno.test("stepBetween() knows the step from the time that went by", () => {
  strictEqual(stepBetween(reading(5, "unknown"), reading(9_000, "unknown", -2_000)), -2_000);
});
