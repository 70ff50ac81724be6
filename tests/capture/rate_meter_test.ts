import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { monotonicMs } from "../../src/base/units.ts";
import { RateMeter } from "../../src/capture/rate_meter.ts";

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
