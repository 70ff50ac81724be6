import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type UnixMs, unixMs } from "../../src/base/units.ts";
import {
  eventPicturePaths,
  frameLogPath,
  recordingPath,
  slotOf,
  stillPath,
} from "../../src/model/paths.ts";

const at = (iso: string) => unixMs(Date.parse(iso));

Deno.test("recordingPath() has a folder for each hour and names the hundredth of a second", () => {
  strictEqual(
    recordingPath("front", at("2026-11-21T20:57:09.349Z")),
    "data/recordings/front/2026-11-21/20/570934.mp4",
  );
});

Deno.test("recordingPath() counts in UTC when a day begins", () => {
  strictEqual(
    recordingPath("front", at("2027-01-01T00:00:00.000Z")),
    "data/recordings/front/2027-01-01/00/000000.mp4",
  );
});

Deno.test("frameLogPath() has one log for each hour", () => {
  strictEqual(
    frameLogPath("front", at("2026-11-21T20:57:09.340Z")),
    "data/frames/front/2026-11-21/20.jsonl",
  );
});

Deno.test("stillPath() names the start of the still's interval", () => {
  strictEqual(
    stillPath("front", at("2026-11-21T20:57:09.000Z")),
    "frames/front/2026-11-21/20/570900.jpg",
  );
});

Deno.test("eventPicturePaths() has a folder for each day, and names the event", () => {
  const event = { eventId: "front-1795294629340-1", startMs: at("2026-11-21T20:57:09.340Z") };
  deepStrictEqual(eventPicturePaths("front", event), {
    wholePath: "data/events/front/2026-11-21/front-1795294629340-1.jpg",
    cropPath: "data/events/front/2026-11-21/front-1795294629340-1-crop.jpg",
  });
});

// From 2001 to 2128: what is recorded lies within.
const INSTANT = fc.integer({ min: 1e12, max: 5e12 }).map(unixMs);

for (const [name, path] of Object.entries({ recordingPath, frameLogPath, stillPath })) {
  Deno.test(`${name}() sorts as time does`, () => {
    fc.assert(fc.property(INSTANT, fc.integer({ min: 10, max: 1e10 }), (fromMs, laterMs) => {
      const later = path("front", unixMs(fromMs + laterMs));
      const earlier = path("front", fromMs);
      ok(name === "frameLogPath" ? earlier <= later : earlier < later, `${earlier}, ${later}`);
    }));
  });
}

Deno.test("stillPath() gives no two seconds the same name", () => {
  const second = (ms: UnixMs) => unixMs(Math.floor(ms / 1_000) * 1_000);
  fc.assert(fc.property(INSTANT, INSTANT, (one, other) => {
    const isSame = second(one) === second(other);
    strictEqual(stillPath("a", second(one)) === stillPath("a", second(other)), isSame);
  }));
});

const SLOTS = [
  { atMs: 1_000, everyMs: 1_000, slotMs: 1_000 },
  { atMs: 1_999.9, everyMs: 1_000, slotMs: 1_000 },
  { atMs: 1_399.9, everyMs: 200, slotMs: 1_200 },
  { atMs: -1, everyMs: 1_000, slotMs: -1_000 },
];

for (const { atMs, everyMs, slotMs } of SLOTS) {
  Deno.test(`slotOf() puts ${atMs} ms into the interval from ${slotMs} ms`, () => {
    strictEqual(slotOf(unixMs(0) + atMs, everyMs), slotMs);
  });
}
