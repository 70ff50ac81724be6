import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  eventsAt,
  type Facts,
  gapAt,
  isRecorded,
  nextFootageMs,
} from "../../page/timeline/facts.ts";
import { markedStretch, NO_MARKS, withIn, withOut } from "../../page/timeline/marks.ts";
import { ticksOf } from "../../page/timeline/ticks.ts";
import { freshForMs, tilesFor } from "../../page/timeline/tiles.ts";
import {
  centred,
  DAY_MS,
  HOUR_MS,
  keptInSight,
  lengthMs,
  LONGEST_VIEW_MS,
  pinched,
  SHORTEST_VIEW_MS,
  timeAt,
  wheelFactor,
  xOf,
  zoomed,
} from "../../page/timeline/view.ts";

const START = Date.UTC(2026, 10, 22, 8);
const VIEW = { fromMs: START, toMs: START + HOUR_MS };

Deno.test("xOf() and timeAt() are each other's way back", () => {
  strictEqual(xOf(START + HOUR_MS / 4, VIEW, 1_000), 250);
  strictEqual(timeAt(250, VIEW, 1_000), START + HOUR_MS / 4);
});

Deno.test("zoomed() leaves what is under the pointer where it is", () => {
  const anchorMs = START + HOUR_MS / 4;
  const closer = zoomed(VIEW, 0.5, anchorMs);
  strictEqual(lengthMs(closer), HOUR_MS / 2);
  strictEqual(xOf(anchorMs, closer, 1_000), 250);
});

Deno.test("zoomed() stays between five seconds and a month", () => {
  strictEqual(lengthMs(zoomed(VIEW, 1e-9, START)), SHORTEST_VIEW_MS);
  strictEqual(lengthMs(zoomed(VIEW, 1e9, START)), LONGEST_VIEW_MS);
});

Deno.test("wheelFactor() is the same for many small turns as for one large one", () => {
  ok(Math.abs(wheelFactor(10) ** 10 - wheelFactor(100)) < 1e-9);
  ok(wheelFactor(100) > 1);
  ok(wheelFactor(-100) < 1);
});

Deno.test("pinched() keeps what lay under both fingers under them", () => {
  const [left, right] = [timeAt(400, VIEW, 1_000), timeAt(600, VIEW, 1_000)];
  const fresh = pinched(VIEW, [400, 600], [300, 800], 1_000);
  ok(Math.abs(xOf(left, fresh, 1_000) - 300) < 1e-6);
  ok(Math.abs(xOf(right, fresh, 1_000) - 800) < 1e-6);
});

Deno.test("keptInSight() moves only for what is out of sight", () => {
  strictEqual(keptInSight(VIEW, START + HOUR_MS / 2), VIEW);
  const moved = keptInSight(VIEW, START + 2 * HOUR_MS);
  strictEqual(lengthMs(moved), HOUR_MS);
  ok(moved.fromMs < START + 2 * HOUR_MS && START + 2 * HOUR_MS < moved.toMs);
});

Deno.test("centred() has an instant in the middle", () => {
  const view = centred(VIEW, START);
  strictEqual((view.fromMs + view.toMs) / 2, START);
});

const utc = () => 0;

Deno.test("ticksOf() stands at whole steps that leave room for their texts", () => {
  const ticks = ticksOf(VIEW, 1_000, utc);
  deepStrictEqual(ticks.map(({ atMs }) => (atMs - START) / 60_000), [
    ...[0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55],
  ]);
});

Deno.test("ticksOf() begins days at local midnight", () => {
  const offset = 5.5 * HOUR_MS;
  const days = { fromMs: START, toMs: START + 3 * DAY_MS };
  const ticks = ticksOf(days, 400, () => offset);
  deepStrictEqual(ticks.map(({ atMs }) => (atMs + offset) % DAY_MS), [0, 0, 0]);
  ok(ticks.every(({ isDay }) => isDay));
});

Deno.test("ticksOf() has each line once where clocks are put back", () => {
  const change = Date.UTC(2026, 9, 25, 1);
  const berlin = (atMs: number) => atMs < change ? 2 * HOUR_MS : HOUR_MS;
  const view = { fromMs: change - 12 * HOUR_MS, toMs: change + 12 * HOUR_MS };
  const ticks = ticksOf(view, 700, berlin);
  deepStrictEqual(
    ticks.map(({ atMs }) => (atMs + berlin(atMs)) % (3 * HOUR_MS)),
    ticks.map(() => 0),
  );
  const steps = ticks.slice(1).map(({ atMs }, index) => (atMs - ticks[index]!.atMs) / HOUR_MS);
  deepStrictEqual(steps, [3, 3, 3, 4, 3, 3, 3]);
});

Deno.test("tilesFor() asks for a few whole tiles, and for nothing of the future", () => {
  const tiles = tilesFor(VIEW, START + 30 * 60_000);
  ok(tiles.length <= 5);
  strictEqual(tiles[0]!.fromMs, START);
  ok(tiles.every(({ fromMs }) => fromMs < START + 30 * 60_000));
  ok(tiles.every(({ fromMs, toMs }) => fromMs % (toMs - fromMs) === 0));
});

Deno.test("tilesFor() gives the same tiles to a view that moved a little", () => {
  const keys = (fromMs: number) =>
    tilesFor({ fromMs, toMs: fromMs + HOUR_MS }, START + DAY_MS).map(({ key }) => key);
  const [here, near] = [keys(START + 60_000), keys(START + 120_000)];
  deepStrictEqual(here, near);
});

Deno.test("tilesFor() takes longer tiles for a longer view", () => {
  const month = { fromMs: START - LONGEST_VIEW_MS, toMs: START };
  ok(tilesFor(month, START).length <= 7);
});

Deno.test("freshForMs() asks for the present often and for the past seldom", () => {
  ok(freshForMs(VIEW, VIEW.toMs - 1) < 10_000);
  ok(freshForMs(VIEW, VIEW.toMs + DAY_MS) > 60_000);
});

const FACTS: Facts = {
  ...VIEW,
  spans: [{ fromMs: START, toMs: START + 1_000 }, { fromMs: START + 3_000, toMs: START + 9_000 }],
  gaps: [{ fromMs: START + 1_000, toMs: START + 3_000, cause: "camera-offline", detail: "" }],
  motion: [],
  events: [
    { id: "a", kind: "motion_detected", class: null, fromMs: START, toMs: START + 500, score: 0.2 },
    { id: "b", kind: "object_detected", class: "dog", fromMs: START + 400, toMs: null, score: 0.9 },
  ],
};

Deno.test("gapAt() and isRecorded() exclude the end", () => {
  strictEqual(gapAt([FACTS], START + 1_000)?.cause, "camera-offline");
  strictEqual(gapAt([FACTS], START + 3_000), undefined);
  ok(isRecorded([FACTS], START + 3_000));
  ok(!isRecorded([FACTS], START + 1_000));
});

Deno.test("nextFootageMs() goes over a gap, and stays where there is footage", () => {
  strictEqual(nextFootageMs([FACTS], START + 2_000), START + 3_000);
  strictEqual(nextFootageMs([FACTS], START + 4_000), START + 4_000);
  strictEqual(nextFootageMs([FACTS], START + 9_000), undefined);
});

Deno.test("eventsAt() finds each event once, the surest first", () => {
  deepStrictEqual(eventsAt([FACTS, FACTS], START + 450, 10).map(({ id }) => id), ["b", "a"]);
});

Deno.test("withIn() and withOut() forget the other end where it is on the wrong side", () => {
  const both = withOut(withIn(NO_MARKS, 1_000.4), 5_000);
  deepStrictEqual(markedStretch(both), { fromMs: 1_000, toMs: 5_000 });
  deepStrictEqual(withIn(both, 6_000), { inMs: 6_000, outMs: undefined });
  deepStrictEqual(withOut(both, 500), { inMs: undefined, outMs: 500 });
  strictEqual(markedStretch(withIn(NO_MARKS, 1)), undefined);
});
