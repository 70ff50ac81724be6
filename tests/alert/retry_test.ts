import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { pauseMs } from "../../src/alert/retry.ts";

Deno.test("pauseMs() doubles up to 5 minutes, and waits longer where it is asked to", () => {
  const pauses = [1, 2, 3, 9, 10, 10_000].map((failures) => pauseMs(failures, { chance: 0 }));
  deepStrictEqual(pauses, [1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  strictEqual(pauseMs(1, { chance: 0.5 }), 900);
  strictEqual(pauseMs(1, { chance: 0, askedMs: 30_000 }), 30_000);
  strictEqual(pauseMs(1, { chance: 0, askedMs: 1e9 }), 300_000);
});
