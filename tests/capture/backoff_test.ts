import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { retryPauseMs } from "../../src/capture/backoff.ts";

Deno.test("retryPauseMs() doubles from 1 s and stays at 30 s", () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 100, 1_000_000].map((failures) => retryPauseMs(failures, 0));
  deepStrictEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

Deno.test("retryPauseMs() is half a second after a try that recorded", () => {
  deepStrictEqual(retryPauseMs(0, 0), 500);
});

Deno.test("retryPauseMs() lets chance take up to a fifth away", () => {
  deepStrictEqual([retryPauseMs(1, 0.5), retryPauseMs(6, 0.5)], [900, 27_000]);
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), chance, (failures, chance) => {
    const [pauseMs, fullMs] = [retryPauseMs(failures, chance), retryPauseMs(failures, 0)];
    ok(Number.isInteger(pauseMs) && pauseMs >= fullMs * 0.8 && pauseMs <= fullMs);
  }));
});
