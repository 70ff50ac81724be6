import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parseRate, perSecond, timesShown } from "../../src/footage/film_rate.ts";

const RATES = [
  { text: "10", rate: { numerator: 10, denominator: 1 } },
  { text: "12.5", rate: { numerator: 125, denominator: 10 } },
  { text: "30000/1001", rate: { numerator: 30_000, denominator: 1_001 } },
  { text: "0.5", rate: { numerator: 5, denominator: 10 } },
  { text: "0", rate: undefined },
  { text: "1/0", rate: undefined },
  { text: "1001", rate: undefined },
  { text: "-3", rate: undefined },
  { text: "ten", rate: undefined },
] as const;

for (const { text, rate } of RATES) {
  Deno.test(`parseRate() ${rate === undefined ? "refuses" : "reads"} "${text}"`, () => {
    deepStrictEqual(parseRate(text), rate);
  });
}

/** Frames at these times, in milliseconds. */
function shown(starts: readonly number[], totalTicks: number, text: string): number[] {
  return timesShown(starts, { totalTicks, timescale: 1_000, rate: parseRate(text)! });
}

Deno.test("timesShown() takes every fifth frame of 25 a second for 5 a second", () => {
  const starts = Array.from({ length: 25 }, (_, index) => index * 40);
  const times = shown(starts, 1_000, "5");
  deepStrictEqual(times.flatMap((count, index) => count > 0 ? [index] : []), [0, 5, 10, 15, 20]);
});

Deno.test("timesShown() shows a frame again while no other comes", () => {
  deepStrictEqual(shown([0, 100, 700], 1_000, "10"), [1, 6, 3]);
});

Deno.test("timesShown() shows the last frame that begins at or before an instant", () => {
  // Instants at 0, 100 and 200 ms; frames a little late and a little early.
  deepStrictEqual(shown([0, 60, 101, 199], 250, "10"), [1, 1, 0, 1]);
});

Deno.test("timesShown() gives a film as many frames as begin within its length", () => {
  const starts = Array.from({ length: 300 }, (_, index) => Math.round(index * 1_001 / 30));
  for (const text of ["0.5", "10", "25", "30000/1001", "60"]) {
    const totalTicks = 10_010;
    const sum = shown(starts, totalTicks, text).reduce((all, count) => all + count, 0);
    strictEqual(sum, Math.ceil(totalTicks * perSecond(parseRate(text)!) / 1_000), text);
  }
});
