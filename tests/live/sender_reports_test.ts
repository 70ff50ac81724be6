import { ok, strictEqual } from "node:assert/strict";
import { lineSecondsOf, RtpClock } from "../../src/live/rtp_clock.ts";
import { ntpOf } from "../../src/live/sender_reports.ts";
import { unixMs } from "../../src/base/units.ts";

Deno.test("ntpOf() counts from 1900, and parts of a second in 32 bits", () => {
  strictEqual(ntpOf(0), 2_208_988_800n << 32n);
  strictEqual(ntpOf(1_500), (2_208_988_801n << 32n) | 0x80000000n);
});

Deno.test("lineSecondsOf() finds the lap that is nearest", () => {
  const lapS = 2 ** 32 / 90_000;
  strictEqual(lineSecondsOf(90_000, { rate: 90_000, nearS: 3 }), 1);
  strictEqual(lineSecondsOf(90_000, { rate: 90_000, nearS: 2 * lapS }), 1 + 2 * lapS);
  strictEqual(lineSecondsOf(2 ** 32 - 48_000, { rate: 48_000, nearS: 0 }), -1);
});

Deno.test("RtpClock has one line for all runs, which goes on where RTP's time starts again", () => {
  const clock = new RtpClock();
  strictEqual(clock.runStartS, undefined);
  // Half a second before the end of the first lap.
  const ticks = 2 ** 32 - 45_000;
  strictEqual(clock.timestamp(ticks, 90_000, unixMs(0)), 0);
  strictEqual(clock.runStartS, -ticks / 90_000);
  strictEqual(clock.timestamp(ticks + 2 ** 32, 90_000, unixMs(0)), 0);
  strictEqual(clock.lineS, 2 ** 32 / 90_000);
  clock.begin();
  strictEqual(clock.runStartS, undefined);
  const wallMs = Math.round((ticks + 2 ** 32) / 90) + 1_000;
  const timestamp = clock.timestamp(0, 90_000, unixMs(wallMs));
  ok(Math.abs(timestamp - 90_000) < 90);
  strictEqual(clock.runStartS, (2 ** 32 + timestamp) / 90_000);
});
