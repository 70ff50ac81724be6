import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { slope } from "../../src/bench/memory_slope.ts";
import { costFigures, growthFigure } from "../../src/bench/memory_soak.ts";

Deno.test("slope() finds what each camera adds, whatever is there without one", () => {
  strictEqual(slope([{ x: 1, y: 115 }, { x: 4, y: 160 }, { x: 16, y: 340 }]), 15);
});

Deno.test("growthFigure() tells a leak from memory that goes up and down", () => {
  const sizes = (perMinute: number) =>
    Array.from({ length: 50 }, (_, minute) => (300 + perMinute * minute + minute % 7) * 1e6);
  const steady = growthFigure("it", sizes(0), { isJudged: true });
  const leaking = growthFigure("it", sizes(1), { isJudged: true });
  deepStrictEqual([steady.target?.isMet, leaking.target?.isMet], [true, false]);
  ok(leaking.samples.every((each) => each > 50 && each < 70));
});

Deno.test("costFigures() counts what comes once in the mean of all minutes", () => {
  const minutes = Array.from({ length: 60 }, (_, minute) => minute === 12 ? 31 : 1);
  deepStrictEqual(costFigures(minutes).map(({ samples }) => samples), [[1, 4, 1, 1, 1, 1], [1.5]]);
});
