import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  cameraRetentionSchema,
  retentionSchema,
  toLimits,
} from "../../../src/app/config/upkeep.ts";

const DAY_MS = 86_400_000;

Deno.test("toLimits() takes the days for events, of all cameras and of one", () => {
  const all = retentionSchema.parse({ days: 7, events_days: 90 });
  deepStrictEqual(toLimits(all), { ageMs: 7 * DAY_MS, maxBytes: null, eventsMs: 90 * DAY_MS });
  const own = cameraRetentionSchema.parse({ events_days: 1.5 });
  deepStrictEqual(toLimits(own), { ageMs: null, maxBytes: null, eventsMs: 1.5 * DAY_MS });
});

Deno.test("retentionSchema refuses days for events that are none", () => {
  for (const days of [0, -1, 40_000, "90"]) {
    strictEqual(retentionSchema.safeParse({ events_days: days }).success, false);
  }
});
