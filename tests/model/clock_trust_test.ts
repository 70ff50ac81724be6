import { strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { trustsAges } from "../../src/model/clock_trust.ts";

const DAY_MS = 86_400_000;
const NEWEST_MS = Date.parse("2026-11-21T20:57:00Z");

const CASES = [
  { name: "believes a clock that footage leads up to", days: 1, isSynchronised: false, is: true },
  { name: "believes it after a week without footage", days: 7, isSynchronised: false, is: true },
  { name: "doubts a clock that is far ahead", days: 8, isSynchronised: false, is: false },
  { name: "doubts a clock that woke up in 2099", days: 26_000, isSynchronised: false, is: false },
  { name: "believes a time server whatever it says", days: 400, isSynchronised: true, is: true },
  { name: "believes a clock that is behind", days: -400, isSynchronised: false, is: true },
] as const;

for (const { name, days, isSynchronised, is } of CASES) {
  Deno.test(`trustsAges() ${name}`, () => {
    const nowMs = unixMs(NEWEST_MS + days * DAY_MS);
    strictEqual(trustsAges({ nowMs, newestFootageMs: NEWEST_MS, isSynchronised }), is);
  });
}

Deno.test("trustsAges() believes any clock where nothing was recorded before", () => {
  const nowMs = unixMs(NEWEST_MS);
  strictEqual(trustsAges({ nowMs, newestFootageMs: 0, isSynchronised: false }), true);
});
