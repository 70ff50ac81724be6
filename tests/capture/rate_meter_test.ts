import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { monotonicMs } from "../../src/base/units.ts";
import { FrameRateMeter, RateMeter } from "../../src/capture/rate_meter.ts";

/** Rates found when the counter has these values, a second apart unless told otherwise. */
function rates(counts: readonly number[], everyMs = 1_000): number[] {
  const meter = new RateMeter();
  return counts.map((count, index) => meter.perSecond(count, monotonicMs(500 + index * everyMs)));
}

Deno.test("perSecond() is 0 at the first value and the growth per second after that", () => {
  deepStrictEqual(rates([100, 125, 150, 175]), [0, 25, 25, 25]);
});

Deno.test("perSecond() forgets what is older than five seconds", () => {
  const found = rates([0, 25, 50, 75, 100, 125, 125, 125, 125, 125, 125, 125]);
  deepStrictEqual(found.slice(6), [20, 15, 10, 5, 0, 0]);
});

Deno.test("perSecond() measures from value to value when they come more than five seconds apart", () => {
  deepStrictEqual(rates([0, 250, 250], 10_000), [0, 25, 0]);
});

Deno.test("perSecond() evens out values that come at any moment", () => {
  const meter = new RateMeter();
  let rate = 0;
  for (let atMs = 0; atMs < 60_000; atMs += 730) {
    rate = meter.perSecond(Math.floor(atMs / 40), monotonicMs(atMs));
    if (atMs > 5_000) ok(Math.abs(rate - 25) < 0.5, `${rate} at ${atMs} ms`);
  }
});

Deno.test("perSecond() is 0 when no time has passed", () => {
  const meter = new RateMeter();
  meter.perSecond(0, monotonicMs(10));
  strictEqual(meter.perSecond(7, monotonicMs(10)), 0);
});

/** Rates found when fragments of a stream arrive as told. */
function frameRates(
  arrivals: readonly {
    readonly frames: number;
    readonly streamMs: number;
    readonly atMs: number;
  }[],
): number[] {
  const meter = new FrameRateMeter();
  return arrivals.map(({ atMs, ...progress }) => meter.perSecond(progress, monotonicMs(atMs)));
}

Deno.test("FrameRateMeter measures by the stream's time, whatever the network does", () => {
  // 25 a second, in lumps that come early and late.
  const arrivals = [0, 900, 2_600, 2_700, 4_900, 5_000, 6_400].map((atMs, index) => ({
    frames: 1 + index * 25,
    streamMs: 40 + index * 1_000,
    atMs,
  }));
  deepStrictEqual(frameRates(arrivals), [0, 25, 25, 25, 25, 25, 25]);
});

Deno.test("FrameRateMeter gives a stream of variable rate that of its last seconds", () => {
  // Ten seconds at 30 a second, then at 10, as cameras do at night.
  let [frames, streamMs] = [0, 0];
  const arrivals = Array.from({ length: 20 }, (_, second) => {
    frames += second < 10 ? 30 : 10;
    streamMs += 1_000;
    return { frames, streamMs, atMs: second * 1_000 };
  });
  const found = frameRates(arrivals);
  strictEqual(found[9], 30);
  strictEqual(found[19], 10);
});

Deno.test("FrameRateMeter gives 0 once frames stop, and the rate of slow streams between frames", () => {
  const stalled = [0, 1_000, 5_900, 6_100].map((atMs, index) => ({
    frames: index === 0 ? 1 : 26,
    streamMs: index === 0 ? 40 : 1_040,
    atMs,
  }));
  deepStrictEqual(frameRates(stalled), [0, 25, 25, 0]);
  // A frame each ten seconds.
  const slow = [0, 10_000, 19_000, 20_000].map((atMs) => {
    const frames = 1 + Math.floor(atMs / 10_000);
    return { frames, streamMs: frames * 10_000, atMs };
  });
  deepStrictEqual(frameRates(slow), [0, 0.1, 0.1, 0.1]);
});
