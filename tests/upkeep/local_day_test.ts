import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { windowLengthMs } from "../../src/model/window.ts";
import { daysAsked } from "../../src/upkeep/local_day.ts";

/** 22:30 of 21 November in UTC is 23:30 in Berlin. */
const AT = { nowMs: unixMs(Date.parse("2026-11-21T22:30:00Z")), timeZone: "Europe/Berlin" };

const CASES = [
  { name: "today when nothing is asked", asked: {}, days: ["2026-11-21"] },
  { name: "one day", asked: { day: "2026-11-19" }, days: ["2026-11-19"] },
  {
    name: "several days up to today",
    asked: { from: "2026-11-20" },
    days: ["2026-11-20", "2026-11-21"],
  },
  {
    name: "the days from the first to the last",
    asked: { from: "2026-02-28", to: "2026-03-01" },
    days: ["2026-02-28", "2026-03-01"],
  },
  { name: "the last day alone", asked: { to: "2026-11-01" }, days: ["2026-11-01"] },
];

for (const { name, asked, days } of CASES) {
  Deno.test(`daysAsked() gives ${name}`, () => {
    deepStrictEqual(daysAsked(asked, AT).map(({ day }) => day), days);
  });
}

Deno.test("daysAsked() begins a day at local midnight and knows days of 23 and 25 hours", () => {
  const hours = (day: string) => windowLengthMs(daysAsked({ day }, AT)[0]!.window) / 3_600_000;
  strictEqual(daysAsked({}, AT)[0]!.window.fromMs, Date.parse("2026-11-20T23:00:00Z"));
  deepStrictEqual(["2026-03-29", "2026-10-25", "2026-11-21"].map(hours), [23, 25, 24]);
});

const REFUSED = [
  { asked: { day: "21.11.2026" }, code: "time-invalid" },
  { asked: { day: "2026-02-30" }, code: "time-invalid" },
  { asked: { day: "2026-11-20", from: "2026-11-19" }, code: "usage" },
  { asked: { from: "2026-11-21", to: "2026-11-20" }, code: "usage" },
  { asked: { from: "1999-01-01" }, code: "usage" },
];

for (const { asked, code } of REFUSED) {
  Deno.test(`daysAsked() refuses ${JSON.stringify(asked)}`, () => {
    throws(() => daysAsked(asked, AT), { code });
  });
}
