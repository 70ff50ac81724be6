import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { eventsGoBefore } from "../../src/model/event_retention.ts";
import { eventWindow } from "../../src/model/event_window.ts";
import { withoutAges } from "../../src/model/retention.ts";
import { NO_RULES } from "../support/batch_shelf.ts";
import { at, visionEntry } from "../support/ledger_entries.ts";

const DAY_MS = 86_400_000;
const NOW_MS = unixMs(1_000 * DAY_MS);

const CASES = [
  { name: "a day where there is no limit by age", all: {}, own: {}, days: 1 },
  { name: "a day at least", all: { ageMs: DAY_MS / 2 }, own: {}, days: 1 },
  { name: "the limit of all footage", all: { ageMs: 30 * DAY_MS }, own: {}, days: 30 },
  {
    name: "the time for events where that is longer",
    all: { ageMs: 30 * DAY_MS, eventsMs: 90 * DAY_MS },
    own: {},
    days: 90,
  },
  {
    name: "the camera's own time for events",
    all: { ageMs: 30 * DAY_MS, eventsMs: 90 * DAY_MS },
    own: { eventsMs: 60 * DAY_MS, ageMs: 7 * DAY_MS },
    days: 60,
  },
] as const;

for (const { name, all, own, days } of CASES) {
  Deno.test(`eventsGoBefore() keeps an event for ${name}`, () => {
    const limits = { ageMs: null, maxBytes: null, ...own };
    const rules = { all: { ...NO_RULES.all, ...all }, cameras: new Map([["front", limits]]) };
    const camera = { cameraId: "front", nowMs: NOW_MS };
    strictEqual(eventsGoBefore(rules, camera), NOW_MS - days * DAY_MS);
    strictEqual(eventsGoBefore(withoutAges(rules), camera), null);
  });
}

Deno.test("eventWindow() takes 5 s on each side, of what goes on up to where it was seen last", () => {
  deepStrictEqual(eventWindow(visionEntry(20)), { fromMs: at(15), toMs: at(33) });
  deepStrictEqual(eventWindow(visionEntry(20), 0), { fromMs: at(20), toMs: at(28) });
  const open = visionEntry(20, { endMs: null });
  deepStrictEqual(eventWindow(open), { fromMs: at(15), toMs: at(27) });
  // Seen in one picture: a moment, not nothing.
  const moment = eventWindow({ ...open, endMs: at(20) }, 0);
  strictEqual(moment.toMs - moment.fromMs, 1);
});
