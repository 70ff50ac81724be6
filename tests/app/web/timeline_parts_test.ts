import { deepStrictEqual } from "node:assert/strict";
import { joinedWindows, shares, surest } from "../../../src/app/web/timeline_parts.ts";
import type { TimeWindow } from "../../../src/model/window.ts";
import { at } from "../../support/ledger_entries.ts";

function span(from: number, to: number): TimeWindow {
  return { fromMs: at(from), toMs: at(to) };
}

Deno.test("shares() says how much of each part some stretches cover", () => {
  const window = span(0, 40);
  const cases: readonly (readonly [TimeWindow[], number[]])[] = [
    [[], [0, 0, 0, 0]],
    [[span(-100, 100)], [1, 1, 1, 1]],
    [[span(5, 12.5)], [0.5, 0.25, 0, 0]],
    [[span(10, 20)], [0, 1, 0, 0]],
    [[span(1, 2), span(4, 5), span(35, 90)], [0.2, 0, 0, 0.5]],
    [[span(-10, 0), span(40, 50)], [0, 0, 0, 0]],
  ];
  for (const [stretches, wanted] of cases) deepStrictEqual(shares(stretches, window, 4), wanted);
  // Parts that are no whole number of milliseconds.
  deepStrictEqual(shares([span(0, 1)], span(0, 1), 7), Array(7).fill(1));
});

Deno.test("joinedWindows() joins what touches or overlaps", () => {
  deepStrictEqual(joinedWindows([span(0, 10), span(10, 20), span(15, 18), span(21, 22)]), [
    ...[span(0, 20), span(21, 22)],
  ]);
});

Deno.test("surest() keeps the surest of each class in each part of a window", () => {
  const event = (seconds: number, name: string, score: number) => ({
    ...{ eventId: `${name}-${seconds}`, kind: "object_detected", class: name, score },
    ...{ startMs: at(seconds), endMs: null },
  });
  const events = [
    ...[event(-5, "person", 0.3), event(1, "person", 0.9), event(2, "dog", 0.1)],
    ...[event(3, "person", 0.8), event(399, "person", 0.2)],
  ];
  const kept = surest(events, span(0, 400)).map(({ eventId }) => eventId);
  deepStrictEqual(kept, ["person--5", "person-1", "dog-2", "person-3", "person-399"]);
  const fewer = surest(events, span(0, 40_000)).map(({ eventId }) => eventId);
  deepStrictEqual(fewer, ["person-1", "dog-2", "person-399"]);
});
