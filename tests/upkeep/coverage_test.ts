import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { intersect, type TimeWindow } from "../../src/model/window.ts";
import { type BatchSpan, measureCoverage, sumMs } from "../../src/upkeep/coverage.ts";

const span = (fromMs: number, toMs: number): TimeWindow => ({
  fromMs: unixMs(fromMs),
  toMs: unixMs(toMs),
});

const batch = (startMs: number, endMs: number, run = 1): BatchSpan => ({
  run,
  startMs: unixMs(startMs),
  endMs: unixMs(endMs),
});

const RANGE = span(0, 60_000);

const CASES = [
  {
    name: "counts a range without batches as one hole",
    batches: [],
    holes: [[0, 60_000]],
    onDiskMs: 0,
  },
  {
    name: "closes the seam between two batches of one run",
    batches: [batch(0, 30_000), batch(30_099, 60_000)],
    holes: [],
    onDiskMs: 60_000,
  },
  {
    name: "reports 100 ms between two batches of one run",
    batches: [batch(0, 30_000), batch(30_100, 60_000)],
    holes: [[30_000, 30_100]],
    onDiskMs: 59_900,
  },
  {
    name: "reports what is missing between two runs, however little",
    batches: [batch(0, 30_000), batch(30_040, 60_000, 2)],
    holes: [[30_000, 30_040]],
    onDiskMs: 59_960,
  },
  {
    name: "counts time that two runs share once, after the clock was set back",
    batches: [batch(0, 40_000), batch(10_000, 50_000, 2)],
    holes: [[50_000, 60_000]],
    onDiskMs: 50_000,
  },
  {
    name: "cuts batches to the range",
    batches: [batch(-5_000, 10_000), batch(50_000, 70_000)],
    holes: [[10_000, 50_000]],
    onDiskMs: 20_000,
  },
];

for (const { name, batches, holes, onDiskMs } of CASES) {
  Deno.test(`measureCoverage() ${name}`, () => {
    const measured = measureCoverage({ range: RANGE, wanted: [RANGE], batches, lost: [] });
    deepStrictEqual(measured.holes.map(({ fromMs, toMs }) => [fromMs, toMs]), holes);
    strictEqual(measured.onDiskMs, onDiskMs);
    strictEqual(measured.wantedMs, 60_000);
  });
}

Deno.test("measureCoverage() takes what was lost inside a batch off what is on disk", () => {
  const measured = measureCoverage({
    range: RANGE,
    wanted: [RANGE],
    batches: [batch(0, 50_000)],
    lost: [span(10_000, 12_000), span(11_000, 13_000), span(48_000, 55_000)],
  });
  strictEqual(measured.onDiskMs, 45_000);
  deepStrictEqual(measured.lost, [span(10_000, 13_000), span(48_000, 50_000)]);
  deepStrictEqual(measured.holes, [span(50_000, 60_000)]);
});

Deno.test("measureCoverage() asks for nothing while the camera was not wanted", () => {
  const measured = measureCoverage({
    range: RANGE,
    wanted: [span(-10_000, 10_000), span(40_000, 45_000)],
    batches: [batch(0, 9_000), batch(20_000, 30_000)],
    lost: [],
  });
  strictEqual(measured.wantedMs, 15_000);
  strictEqual(measured.onDiskMs, 9_000);
  deepStrictEqual(measured.holes, [span(9_000, 10_000), span(40_000, 45_000)]);
});

/** Up to three wanted windows, batches of some runs that may overlap, and lost stretches. */
const worlds = fc.record({
  wanted: fc.uniqueArray(fc.integer({ min: 0, max: 60_000 }), { maxLength: 6 })
    .map((edges) => {
      const sorted = edges.toSorted((one, other) => one - other);
      return Array.from(
        { length: Math.floor(sorted.length / 2) },
        (_, index) => span(sorted[2 * index]!, sorted[2 * index + 1]!),
      );
    }),
  batches: fc.array(
    fc.record({
      at: fc.integer({ min: -5_000, max: 62_000 }),
      lengthMs: fc.integer({ min: 0, max: 9_000 }),
      run: fc.integer({ min: 1, max: 3 }),
    }).map(({ at, lengthMs, run }) => batch(at, at + lengthMs, run)),
    { maxLength: 25 },
  ),
  lost: fc.array(
    fc.record({
      at: fc.integer({ min: -1_000, max: 60_000 }),
      lengthMs: fc.integer({ min: 1, max: 3_000 }),
    }).map(({ at, lengthMs }) => span(at, at + lengthMs)),
    { maxLength: 5 },
  ),
});

Deno.test("measureCoverage() finds all wanted time on disk or missing, and holes apart and inside it", () => {
  fc.assert(fc.property(worlds, (world) => {
    const measured = measureCoverage({ range: RANGE, ...world });
    const missing = [...measured.holes, ...measured.lost]
      .toSorted((one, other) => one.fromMs - other.fromMs);
    strictEqual(measured.wantedMs, measured.onDiskMs + sumMs(missing));
    ok(measured.onDiskMs >= 0);
    for (const [index, hole] of missing.entries()) {
      ok(hole.fromMs < hole.toMs);
      ok(index === 0 || missing[index - 1]!.toMs <= hole.fromMs);
      ok(world.wanted.some((window) => window.fromMs <= hole.fromMs && hole.toMs <= window.toMs));
    }
    // What no batch is near is never on disk.
    const spanned = world.batches.map(({ startMs, endMs }) => span(startMs - 100, endMs + 100));
    for (const window of world.wanted) {
      for (let atMs = window.fromMs + 0; atMs < window.toMs; atMs += 501) {
        const isNear = spanned.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
        const isMissing = missing.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
        ok(isNear || isMissing, `${atMs}`);
      }
    }
  }));
});

Deno.test("measureCoverage() of two parts adds up to that of the whole", () => {
  fc.assert(fc.property(worlds, fc.integer({ min: 0, max: 60_000 }), (world, cutMs) => {
    const whole = measureCoverage({ range: RANGE, ...world });
    const parts = [span(0, cutMs), span(cutMs, 60_000)]
      .map((range) => measureCoverage({ range, ...world }));
    strictEqual(parts[0]!.wantedMs + parts[1]!.wantedMs, whole.wantedMs);
    strictEqual(parts[0]!.onDiskMs + parts[1]!.onDiskMs, whole.onDiskMs);
    const firstHoles = whole.holes.map((hole) => intersect(hole, span(0, cutMs)));
    deepStrictEqual(parts[0]!.holes, firstHoles.filter((hole) => hole !== null));
  }));
});

Deno.test("measureCoverage() heeds neither the order of batches nor batches given twice", () => {
  const shuffled = worlds.chain((world) =>
    fc.shuffledSubarray([...world.batches, ...world.batches], {
      minLength: world.batches.length * 2,
    }).map((batches) => ({ world, batches }))
  );
  fc.assert(fc.property(shuffled, ({ world, batches }) => {
    deepStrictEqual(
      measureCoverage({ range: RANGE, ...world, batches }),
      measureCoverage({ range: RANGE, ...world }),
    );
  }));
});
