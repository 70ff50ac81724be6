import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type CameraRate, forecast } from "../../src/model/forecast.ts";
import type { RetentionLimits, RetentionRules } from "../../src/model/retention.ts";
import { NO_RULES } from "../support/batch_shelf.ts";

const DAY_MS = 86_400_000;

/** A camera that records so many bytes a day. */
function rate(
  cameraId: string,
  bytesPerDay: number,
  changes: Partial<CameraRate> = {},
): CameraRate {
  return {
    cameraId,
    usedBytes: 0,
    heldBytes: 0,
    recentBytes: bytesPerDay,
    recentMs: DAY_MS,
    ...changes,
  };
}

function rules(
  all: Partial<RetentionRules["all"]>,
  cameras: Record<string, Partial<RetentionLimits>> = {},
): RetentionRules {
  const own = Object.entries(cameras).map(([id, limits]) =>
    [id, { ageMs: null, maxBytes: null, ...limits }] as const
  );
  return { all: { ...NO_RULES.all, ...all }, cameras: new Map(own) };
}

const DISK = { freeBytes: 10_000, totalBytes: 20_000 };

const CASES = [
  {
    name: "what the disk holds when nothing is limited",
    rates: [rate("a", 100)],
    rules: NO_RULES,
    is: [{ days: 100, limit: "free-space", promisedDays: null, isShort: false }],
  },
  {
    name: "the room that is kept free, and what there is already",
    rates: [rate("a", 100, { usedBytes: 2_000 })],
    rules: rules({ keepFree: { kind: "share", share: 0.1 } }),
    is: [{ days: 100, limit: "free-space", promisedDays: null, isShort: false }],
  },
  {
    name: "the days that are promised where they fit",
    rates: [rate("a", 100)],
    rules: rules({ ageMs: 30 * DAY_MS, maxBytes: 3_000 }),
    is: [{ days: 30, limit: "age", promisedDays: 30, isShort: false }],
  },
  {
    name: "less than promised where the size of all is reached first",
    rates: [rate("a", 100), rate("b", 300)],
    rules: rules({ ageMs: 30 * DAY_MS, maxBytes: 4_000 }),
    is: [
      { days: 10, limit: "size-of-all", promisedDays: 30, isShort: true },
      { days: 10, limit: "size-of-all", promisedDays: 30, isShort: true },
    ],
  },
  {
    name: "more for others where one camera has a limit of its own",
    rates: [rate("a", 100), rate("b", 300)],
    rules: rules({ maxBytes: 4_000 }, { b: { maxBytes: 1_500 } }),
    is: [
      { days: 25, limit: "size-of-all", promisedDays: null, isShort: false },
      { days: 5, limit: "size", promisedDays: null, isShort: false },
    ],
  },
  {
    name: "what holds leave",
    rates: [rate("a", 100, { heldBytes: 500 })],
    rules: rules({ maxBytes: 1_500 }, { a: { maxBytes: 700 } }),
    is: [{ days: 2, limit: "size", promisedDays: null, isShort: false }],
  },
  {
    name: "by the rate since the first batch, where that is less than a day ago",
    rates: [rate("a", 100, { recentMs: DAY_MS / 4 })],
    rules: rules({ maxBytes: 4_000 }),
    is: [{ days: 10, limit: "size-of-all", promisedDays: null, isShort: false }],
  },
  {
    name: "less for other footage, where footage with events has its room first",
    rates: [rate("a", 100, { recentEventBytes: 20 })],
    // 20 bytes a day for 50 days, and 80 a day out of the other 1000.
    rules: rules({ ageMs: 30 * DAY_MS, maxBytes: 2_000, eventsMs: 50 * DAY_MS }),
    is: [{
      ...{ days: 12.5, limit: "size-of-all", promisedDays: 30, isShort: true },
      eventsDays: 50,
    }],
  },
  {
    name: "all footage alike as soon as it reaches back further than that with events",
    rates: [rate("a", 100, { recentEventBytes: 20 })],
    rules: rules({ maxBytes: 2_000, eventsMs: 10 * DAY_MS }),
    is: [{
      ...{ days: 20, limit: "size-of-all", promisedDays: null, isShort: false },
      eventsDays: 10,
    }],
  },
  {
    name: "nothing of events that are kept no longer than all else",
    rates: [rate("a", 100, { recentEventBytes: 20 })],
    rules: rules({ ageMs: 30 * DAY_MS, maxBytes: 2_000, eventsMs: 20 * DAY_MS }),
    is: [{ days: 20, limit: "size-of-all", promisedDays: 30, isShort: true }],
  },
  {
    name: "nothing for a camera that records nothing",
    rates: [rate("a", 0), rate("b", 100, { recentMs: 0 })],
    rules: rules({ ageMs: DAY_MS }),
    is: [
      { days: null, limit: null, promisedDays: 1, isShort: false },
      { days: null, limit: null, promisedDays: 1, isShort: false },
    ],
  },
] as const;

for (const { name, rates, rules: given, is } of CASES) {
  Deno.test(`forecast() says ${name}`, () => {
    const found = forecast(rates, given, DISK).map(({ cameraId: _, ...rest }) => rest);
    deepStrictEqual(found, is);
  });
}

Deno.test("forecast() never promises more than fits", () => {
  const anyRate = fc.record({
    bytesPerDay: fc.integer({ min: 1, max: 1_000 }),
    maxBytes: fc.option(fc.integer({ min: 1, max: 5_000 })),
  });
  fc.assert(
    fc.property(
      fc.array(anyRate, { maxLength: 5 }),
      fc.nat({ max: 9_000 }),
      (cameras, maxBytes) => {
        const rates = cameras.map(({ bytesPerDay }, index) => rate(`c${index}`, bytesPerDay));
        const own = cameras.map(({ maxBytes }, index) => [`c${index}`, { maxBytes }] as const);
        const days = forecast(rates, rules({ maxBytes }, Object.fromEntries(own)), DISK);
        const bytes = days.reduce(
          (sum, each, index) => sum + (each.days ?? 0) * cameras[index]!.bytesPerDay,
          0,
        );
        ok(bytes <= maxBytes * (1 + 1e-9), `${bytes} of ${maxBytes}`);
        // All that is there is used, unless every camera has enough.
        const isFull = bytes >= maxBytes * (1 - 1e-9);
        strictEqual(days.some(({ limit }) => limit === "size-of-all") && !isFull, false);
      },
    ),
  );
});
