import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { RtpClock } from "../../src/live/rtp_clock.ts";

const ORIGIN_MS = unixMs(Date.parse("2026-11-21T20:57:09Z"));

Deno.test("RtpClock counts 90,000 to a second whatever the stream's timescale", () => {
  for (const timescale of [600, 12_800, 90_000, 30_000]) {
    const clock = new RtpClock();
    const times = [0, 1, 2].map((seconds) =>
      clock.timestamp(seconds * timescale, timescale, ORIGIN_MS)
    );
    deepStrictEqual(times, [0, 90_000, 180_000]);
  }
});

Deno.test("RtpClock stays exact after a month and starts again from 0 after 32 bits", () => {
  const clock = new RtpClock();
  const timescale = 12_800;
  clock.timestamp(0, timescale, ORIGIN_MS);
  const monthSeconds = 30 * 86_400;
  const at = (pts: number) => clock.timestamp(pts, timescale, ORIGIN_MS);
  strictEqual(at(monthSeconds * timescale), monthSeconds * 90_000 % 2 ** 32);
  strictEqual(at(monthSeconds * timescale + 512) - at(monthSeconds * timescale), 3_600);
});

/** From the last frame of a run to the first of the next one, in wall time and in RTP time. */
const STEPS = [
  { name: "by what passed", passedMs: 2_500, stepMs: 2_500 },
  { name: "by a frame where the clock was set back", passedMs: -60_000, stepMs: 40 },
  { name: "by 10 s where it was set forward", passedMs: 3_600_000, stepMs: 10_000 },
] as const;

for (const { name, passedMs, stepMs } of STEPS) {
  Deno.test(`RtpClock goes on ${name} when a run begins`, () => {
    const clock = new RtpClock();
    const before = clock.timestamp(45_000, 90_000, ORIGIN_MS);
    clock.begin();
    const after = clock.timestamp(900, 90_000, unixMs(ORIGIN_MS + 490 + passedMs));
    strictEqual(after - before, stepMs * 90);
  });
}

Deno.test("RtpClock.originMs is the wall time of tick 0, over runs that begin anew", () => {
  const clock = new RtpClock();
  strictEqual(clock.originMs, undefined);
  clock.timestamp(12_800, 12_800, unixMs(1_000_000));
  strictEqual(clock.originMs, 1_001_000);
  clock.begin();
  const timestamp = clock.timestamp(0, 12_800, unixMs(1_005_000));
  strictEqual(clock.originMs! + timestamp / 90, 1_005_000);
});
