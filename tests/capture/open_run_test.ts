import { deepStrictEqual } from "node:assert/strict";
import { monotonicMs } from "../../src/base/units.ts";
import { noteLate, nothingOpen } from "../../src/capture/open_run.ts";

Deno.test("noteLate() is false for the fifth time within two minutes, and forgets older ones", () => {
  const run = nothingOpen();
  const note = (seconds: number) => noteLate(run, monotonicMs(seconds * 1_000));
  deepStrictEqual([0, 4, 8, 12, 16].map(note), [true, true, true, true, false]);
  deepStrictEqual([200, 240, 280, 320, 360, 400].map(note), [true, true, true, true, true, true]);
});
