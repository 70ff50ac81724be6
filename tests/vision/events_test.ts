import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Detection } from "../../src/model/vision.ts";
import type { VisionSettings } from "../../src/model/vision_settings.ts";
import { EventBuilder } from "../../src/vision/events.ts";
import { sureScore } from "../../src/vision/events_objects.ts";
import {
  empty,
  motionEvents,
  objectEvents,
  person,
  personAt,
  secondsOf,
  show,
  type Shown,
  visionSettings,
} from "../support/sights.ts";

function builder(other: Partial<VisionSettings> = {}): EventBuilder {
  return new EventBuilder(visionSettings(other), "front");
}

/** A walk from left to right in so many pictures. */
function walk(count: number, { from = 0.1, step = 0.02, score = 0.6 } = {}): Shown[] {
  return Array.from({ length: count }, (_, picture) => ({
    detections: [person(from + step * picture, score)],
  }));
}

Deno.test("EventBuilder makes one event of a visit, from its first picture to its last", () => {
  const changes = show(builder(), [...empty(5), ...walk(30), ...empty(40)]);
  const [event, ...others] = objectEvents(changes);
  deepStrictEqual(others, []);
  strictEqual(event!.class, "person");
  deepStrictEqual([secondsOf(event!.startMs), secondsOf(event!.endMs)], [1, 6.8]);
  strictEqual(event!.eventId, `front-${event!.startMs}-2`);
  strictEqual(event!.trace.length, 30);
});

Deno.test("EventBuilder tells of an event when it begins, once a second, and when it ends", () => {
  const changes = show(builder(), [...walk(26), ...empty(40)])
    .filter(({ event }) => event.kind === "object_detected");
  deepStrictEqual(
    changes.map(({ change }) => change),
    ["begun", "updated", "updated", "updated", "updated", "ended"],
  );
  deepStrictEqual(new Set(changes.slice(0, -1).map(({ event }) => event.endMs)), new Set([null]));
});

Deno.test("EventBuilder makes one event of each visit, however long and with whatever gaps below 2 s", () => {
  const visit = fc.record({
    pictures: fc.integer({ min: 10, max: 40 }),
    isSeen: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
  });
  fc.assert(fc.property(fc.array(visit, { maxLength: 4 }), (visits) => {
    const pictures = visits.flatMap(({ pictures: count, isSeen }) => [
      ...walk(count).map((shown, index) =>
        index < 4 || isSeen[index] || index % 8 === 0 ? shown : {}
      ),
      ...empty(60),
    ]);
    strictEqual(objectEvents(show(builder(), pictures)).length, visits.length);
  }));
});

const NO_VISITS: readonly { readonly name: string; readonly pictures: readonly Shown[] }[] = [
  { name: "two pictures", pictures: walk(2, { step: 0.1 }) },
  { name: "a detector that is never sure", pictures: walk(20, { score: 0.49 }) },
  {
    name: "a parked car that a walker passes",
    pictures: Array.from({ length: 40 }, (_, picture) => {
      const box = { x: 0.3 + (picture % 3) * 0.005, y: 0.4, width: 0.4, height: 0.3 };
      const car: Detection = { class: "vehicle", score: 0.8, box };
      return { detections: [car], moving: [personAt(0.1 + 0.02 * picture)] };
    }),
  },
  {
    name: "a statue that nothing moves at",
    pictures: Array.from({ length: 40 }, () => ({ detections: [person(0.5)], moving: [] })),
  },
];

for (const { name, pictures } of NO_VISITS) {
  Deno.test(`EventBuilder makes no event of ${name}`, () => {
    const made = builder();
    deepStrictEqual(
      objectEvents([...show(made, [...pictures, ...empty(40)]), ...made.finish()]),
      [],
    );
  });
}

Deno.test("EventBuilder ends the event of a car that has parked, and makes no other one of it", () => {
  const car = (x: number): Detection => ({
    class: "vehicle",
    score: 0.8,
    box: { x, y: 0.4, width: 0.3, height: 0.2 },
  });
  const parked = Array.from({ length: 600 }, (_, picture) => ({
    detections: [car(0.5 + (picture % 2) * 0.005)],
    moving: [],
  }));
  const made = builder();
  const arrival = Array.from(
    { length: 10 },
    (_, picture) => ({ detections: [car(picture * 0.05)] }),
  );
  const [event, ...others] = objectEvents(show(made, [...arrival, ...parked]));
  deepStrictEqual(others, []);
  ok(secondsOf(event!.endMs)! < 3, `${secondsOf(event!.endMs)}`);
  const leaving = Array.from(
    { length: 10 },
    (_, picture) => ({ detections: [car(0.5 - picture * 0.05)] }),
  );
  strictEqual(objectEvents(show(made, [...leaving, ...empty(60)], { from: 610 })).length, 1);
});

Deno.test("EventBuilder goes on with the event of somebody who stands still for 30 s", () => {
  const standing = Array.from(
    { length: 150 },
    (_, picture) =>
      picture % 5 === 0 ? { detections: [person(0.5)], moving: [] } : { detections: null },
  );
  const pictures = [...walk(20), ...standing, ...walk(10, { from: 0.5 }), ...empty(60)];
  const events = objectEvents(show(builder(), pictures));
  deepStrictEqual(events.map(({ endMs }) => secondsOf(endMs)), [35.8]);
});

Deno.test("EventBuilder cuts an event after ten minutes and goes on with another", () => {
  const round = Array.from({ length: 3_200 }, (_, picture) => ({
    detections: [person(0.5 + 0.3 * Math.sin(picture / 10))],
  }));
  const changes = show(builder(), [...round, ...empty(60)]);
  for (const events of [objectEvents(changes), motionEvents(changes)]) {
    deepStrictEqual(events.map(({ startMs }) => secondsOf(startMs)), [0, 600]);
    ok(events.every(({ trace }) => trace.length > 20 && trace.length <= 200));
  }
});

Deno.test("EventBuilder shows an event best where score and size together are highest", () => {
  const pictures = walk(20);
  pictures[7] = { detections: [{ ...person(0.24, 0.9) }] };
  const [event] = objectEvents(show(builder(), [...pictures, ...empty(60)]));
  deepStrictEqual([event!.score, event!.best.score, secondsOf(event!.best.atMs)], [0.9, 0.9, 1.4]);
  strictEqual(event!.best.wholePath, null);
});

const COUNTED = [
  { name: "classes that do not count", settings: { classes: ["vehicle"] }, want: 0 },
  {
    name: "a score that the settings want higher",
    settings: { minScore: { person: 0.7 } },
    want: 0,
  },
  { name: "scores of other classes", settings: { minScore: { vehicle: 0.9 } }, want: 1 },
  { name: "a person in a mask", settings: { masks: [[[0, 0], [1, 0], [1, 1], [0, 1]]] }, want: 0 },
] as const;

for (const { name, settings, want } of COUNTED) {
  Deno.test(`EventBuilder makes ${want} events with ${name}`, () => {
    const masks = "masks" in settings
      ? settings.masks.map((mask) => mask.map(([x, y]) => ({ x, y })))
      : [];
    const made = builder({ ...settings as Partial<VisionSettings>, masks });
    strictEqual(objectEvents(show(made, [...walk(20), ...empty(60)])).length, want);
  });
}

Deno.test("sureScore() follows the score that the settings ask for", () => {
  strictEqual(sureScore("person", { minScore: {} }), 0.5);
  strictEqual(sureScore("person", { minScore: { person: 0.3 } }).toFixed(2), "0.42");
  strictEqual(sureScore("person", { minScore: { person: 0.95 } }), 1);
});

Deno.test("EventBuilder tells zones and lines of an event", () => {
  const polygon = [[0.3, 0], [0.5, 0], [0.5, 1], [0.3, 1]].map(([x, y]) => ({ x: x!, y: y! }));
  const made = builder({
    zones: [{ name: "path", polygon, classes: ["person"], afterMs: 1_000 }],
    lines: [{
      name: "gate",
      from: { x: 0.4, y: 0 },
      to: { x: 0.4, y: 1 },
      direction: "any",
      classes: null,
    }],
  });
  const [event] = objectEvents(show(made, [...walk(30), ...empty(60)]));
  deepStrictEqual(event!.zones, ["path"]);
  deepStrictEqual(
    event!.crossings.map(({ line, direction, atMs }) => [line, direction, secondsOf(atMs)]),
    [["gate", "to-left", 3.2]],
  );
});

Deno.test("EventBuilder tells a zone only of things that are in it", () => {
  const polygon = [[0.8, 0], [1, 0], [1, 1], [0.8, 1]].map(([x, y]) => ({ x: x!, y: y! }));
  const made = builder({ zones: [{ name: "gate", polygon, classes: null, afterMs: 0 }] });
  const changes = show(made, [...walk(20), ...empty(60)]);
  deepStrictEqual(objectEvents(changes)[0]!.zones, []);
  deepStrictEqual(motionEvents(changes)[0]!.zones, []);
});

Deno.test("EventBuilder makes one motion event until it is quiet for 5 s, beside those of things", () => {
  const stir = (count: number) =>
    Array.from({ length: count }, () => ({ moving: [personAt(0.5)], detections: null }));
  const changes = show(builder(), [
    ...stir(10),
    ...empty(20),
    ...stir(5),
    ...empty(30),
    ...stir(3),
    ...empty(30),
  ]);
  const events = motionEvents(changes);
  deepStrictEqual(
    events.map(({ startMs, endMs }) => [secondsOf(startMs), secondsOf(endMs)]),
    [[0, 6.8], [13, 13.4]],
  );
  deepStrictEqual([events[0]!.class, events[0]!.score.toFixed(2)], [null, "0.04"]);
});

Deno.test("EventBuilder makes no motion event of two pictures", () => {
  const stir = { moving: [personAt(0.5)], detections: null };
  deepStrictEqual(show(builder(), [stir, stir, ...empty(20), stir, ...empty(30)]), []);
});

Deno.test("finish() of EventBuilder ends what goes on", () => {
  const made = builder();
  show(made, walk(20));
  const changes = made.finish();
  deepStrictEqual(changes.map(({ change }) => change), ["ended", "ended"]);
  deepStrictEqual(changes.map(({ event }) => secondsOf(event.endMs)), [3.8, 3.8]);
});
