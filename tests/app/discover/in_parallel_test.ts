import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { inParallel } from "../../../src/app/discover/in_parallel.ts";

Deno.test("inParallel() gives results in order and works on no more than the limit at once", async () => {
  let now = 0;
  let peak = 0;
  const results = await inParallel([5, 1, 4, 2, 3], {
    limit: 2,
    work: async (value) => {
      now += 1;
      peak = Math.max(peak, now);
      for (let turn = 0; turn < value; turn += 1) await Promise.resolve();
      now -= 1;
      return value * 10;
    },
  });
  deepStrictEqual(results, [50, 10, 40, 20, 30]);
  strictEqual(peak, 2);
});

Deno.test("inParallel() gives nothing for nothing", async () => {
  deepStrictEqual(await inParallel([], { limit: 4, work: () => Promise.resolve(1) }), []);
});

Deno.test("inParallel() fails with the first failure", async () => {
  const work = (value: number) =>
    value === 2 ? Promise.reject(new Error("two")) : Promise.resolve();
  await rejects(inParallel([1, 2, 3], { limit: 1, work }), /two/);
});
