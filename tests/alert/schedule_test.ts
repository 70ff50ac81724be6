import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { isWithin, localMinute, localText } from "../../src/alert/schedule.ts";
import { unixMs } from "../../src/base/units.ts";
import { type AlertSchedule, WEEKDAYS } from "../../src/model/alert.ts";

function hours(from: number, to: number, days: AlertSchedule["days"] = WEEKDAYS): AlertSchedule {
  return { days, fromMinute: from * 60, toMinute: to * 60 };
}

const CASES = [
  { name: "begins at its first minute", schedule: hours(8, 17), at: ["mon", "08:00"], is: true },
  { name: "ends before its last one", schedule: hours(8, 17), at: ["mon", "17:00"], is: false },
  { name: "leaves days out", schedule: hours(8, 17, ["tue"]), at: ["mon", "09:00"], is: false },
  { name: "counts to midnight", schedule: hours(0, 24, ["mon"]), at: ["mon", "23:59"], is: true },
  { name: "counts after midnight", schedule: hours(22, 6), at: ["mon", "05:59"], is: true },
  { name: "ends in the morning", schedule: hours(22, 6), at: ["mon", "06:00"], is: false },
  {
    name: "takes Sunday's night on",
    schedule: hours(22, 6, ["sun"]),
    at: ["mon", "03:00"],
    is: true,
  },
  {
    name: "has no Monday's night yet",
    schedule: hours(22, 6, ["mon"]),
    at: ["mon", "3:00"],
    is: false,
  },
  {
    name: "begins Monday's night",
    schedule: hours(22, 6, ["mon"]),
    at: ["mon", "22:00"],
    is: true,
  },
] as const;

for (const { name, schedule, at: [weekday, clock], is } of CASES) {
  Deno.test(`isWithin() ${name}`, () => {
    const [hour = 0, minute = 0] = clock.split(":").map(Number);
    strictEqual(isWithin(schedule, { weekday, minute: hour * 60 + minute }), is);
  });
}

Deno.test("localMinute() knows zones, and days on which clocks are changed", () => {
  const at = (text: string, zone: string) => localMinute(unixMs(Date.parse(text)), zone);
  deepStrictEqual(at("2026-11-21T23:30:00Z", "Europe/Berlin"), { weekday: "sun", minute: 30 });
  deepStrictEqual(at("2026-11-22T00:10:00Z", "America/New_York"), {
    weekday: "sat",
    minute: 1_150,
  });
  // 02:00 becomes 03:00 at 01:00 UTC.
  deepStrictEqual(at("2026-03-29T00:59:00Z", "Europe/Berlin"), { weekday: "sun", minute: 119 });
  deepStrictEqual(at("2026-03-29T01:00:00Z", "Europe/Berlin"), { weekday: "sun", minute: 180 });
});

/** Minutes of a stretch in which a schedule counts. */
function minutesWithin(schedule: AlertSchedule, from: string, to: string): number {
  let count = 0;
  for (let atMs = Date.parse(from); atMs < Date.parse(to); atMs += 60_000) {
    if (isWithin(schedule, localMinute(unixMs(atMs), "Europe/Berlin"))) count += 1;
  }
  return count;
}

Deno.test("isWithin() counts a night of 7, 8 or 9 hours where clocks are changed", () => {
  const nights = hours(22, 6, ["sat"]);
  strictEqual(minutesWithin(nights, "2026-03-28T12:00Z", "2026-03-29T12:00Z"), 7 * 60);
  strictEqual(minutesWithin(nights, "2026-11-21T12:00Z", "2026-11-22T12:00Z"), 8 * 60);
  strictEqual(minutesWithin(nights, "2026-10-24T12:00Z", "2026-10-25T12:00Z"), 9 * 60);
});

Deno.test("localText() has seconds and no zone", () => {
  const at = unixMs(Date.parse("2026-11-21T20:57:09.340Z"));
  strictEqual(localText(at, "Europe/Berlin"), "2026-11-21 21:57:09");
});
