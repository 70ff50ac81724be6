import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import type { Point } from "../../src/model/vision.ts";
import type { TripLine, Zone } from "../../src/model/vision_settings.ts";
import { isInside } from "../../src/vision/polygon.ts";
import { LineCrossings } from "../../src/vision/trip_line.ts";
import { ZoneStays } from "../../src/vision/zones.ts";

function zone(name: string, left: number, rule: Partial<Zone> = {}): Zone {
  const polygon = [[left, 0], [left + 0.3, 0], [left + 0.3, 1], [left, 1]]
    .map(([x, y]) => ({ x: x!, y: y! }));
  return { name, polygon, classes: null, afterMs: 0, ...rule };
}

/** A thing stands at these places, one a second; the names of the zones that count it. */
function stays(zones: readonly Zone[], xs: readonly number[], name: string | null): string[] {
  const watched = new ZoneStays(zones);
  xs.forEach((x, second) => watched.stand({ x, y: 0.5 }, second * 1_000));
  return watched.namesFor(name);
}

const ZONES = [
  { name: "in the order of entering", rules: {}, xs: [0.6, 0.2], as: "person", want: ["b", "a"] },
  { name: "none outside", rules: {}, xs: [0.45, 0.95], as: "person", want: [] },
  { name: "only for its classes", rules: { classes: ["dog"] }, xs: [0.2], as: "person", want: [] },
  {
    name: "for one of its classes",
    rules: { classes: ["dog"] },
    xs: [0.2],
    as: "dog",
    want: ["a"],
  },
  { name: "for movement", rules: {}, xs: [0.2], as: null, want: ["a"] },
  {
    name: "not for movement where it has classes",
    rules: { classes: ["dog"] },
    xs: [0.2],
    as: null,
    want: [],
  },
  {
    name: "after its time",
    rules: { afterMs: 2_000 },
    xs: [0.2, 0.2, 0.2],
    as: "dog",
    want: ["a"],
  },
  {
    name: "not before its time",
    rules: { afterMs: 2_500 },
    xs: [0.2, 0.2, 0.2],
    as: "dog",
    want: [],
  },
  {
    name: "not after its time in two visits",
    rules: { afterMs: 2_000 },
    xs: [0.2, 0.2, 0.45, 0.45, 0.2, 0.2],
    as: "dog",
    want: [],
  },
] as const;

for (const { name, rules, xs, as, want } of ZONES) {
  Deno.test(`ZoneStays counts ${name}`, () => {
    deepStrictEqual(stays([zone("a", 0.1, rules), zone("b", 0.5, rules)], xs, as), want);
  });
}

Deno.test("ZoneStays forgives a step out of the zone of less than a second", () => {
  const watched = new ZoneStays([zone("a", 0.1, { afterMs: 2_000 })]);
  [0.2, 0.2, 0.2, 0.2, 0.45, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2].forEach((x, index) =>
    watched.stand({ x, y: 0.5 }, index * 200)
  );
  deepStrictEqual(watched.namesFor("dog"), ["a"]);
});

Deno.test("ZoneStays never counts a zone that the thing did not stand in", () => {
  const place = fc.record({
    x: fc.double({ min: 0, max: 1, noNaN: true }),
    y: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const polygon = fc.array(place, { minLength: 3, maxLength: 6 });
  fc.assert(fc.property(polygon, fc.array(place, { maxLength: 20 }), (corners, places) => {
    const watched = new ZoneStays([{ name: "a", polygon: corners, classes: null, afterMs: 0 }]);
    places.forEach((at, index) => watched.stand(at, index * 200));
    const want = places.some((at) => isInside(at, corners)) ? ["a"] : [];
    deepStrictEqual(watched.namesFor("person"), want);
  }));
});

const GATE: TripLine = {
  name: "gate",
  from: { x: 0.2, y: 0.5 },
  to: { x: 0.8, y: 0.5 },
  direction: "any",
  classes: null,
};

/** A thing goes along these places; the directions in which it crosses. */
function crossings(line: TripLine, places: readonly Point[], name = "person"): string[] {
  const watched = new LineCrossings([line]);
  places.forEach((at, index) => watched.stand(at, unixMs(index * 200)));
  return watched.of(name).map(({ direction }) => direction);
}

const UP = [0.7, 0.6, 0.4, 0.3].map((y) => ({ x: 0.5, y }));
const DOWN = UP.toReversed();

const LINES = [
  // Looking to the right, what is above is on the left.
  { name: "to the left on the way up", line: {}, places: UP, want: ["to-left"] },
  { name: "to the right on the way down", line: {}, places: DOWN, want: ["to-right"] },
  {
    name: "the other way round when the line is",
    line: { from: GATE.to, to: GATE.from },
    places: UP,
    want: ["to-right"],
  },
  {
    name: "only in its direction",
    line: { direction: "to-right" },
    places: [...UP, ...DOWN],
    want: ["to-right"],
  },
  {
    name: "nothing beside the line",
    line: {},
    places: UP.map(({ y }) => ({ x: 0.9, y })),
    want: [],
  },
  { name: "only its classes", line: { classes: ["dog"] }, places: UP, want: [] },
  {
    name: "once while a thing sways on it",
    line: {},
    places: [0.6, 0.495, 0.505, 0.495, 0.505, 0.4].map((y) => ({ x: 0.5, y })),
    want: ["to-left"],
  },
  {
    name: "nothing when a thing turns back on it",
    line: {},
    places: [0.6, 0.505, 0.495, 0.6].map((y) => ({ x: 0.5, y })),
    want: [],
  },
  {
    name: "there and back as two",
    line: {},
    places: [...UP, ...DOWN],
    want: ["to-left", "to-right"],
  },
] as const;

for (const { name, line, places, want } of LINES) {
  Deno.test(`LineCrossings counts ${name}`, () => {
    deepStrictEqual(crossings({ ...GATE, ...line }, places), want);
  });
}
