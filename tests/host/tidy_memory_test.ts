import { deepStrictEqual } from "node:assert/strict";
import { LeftMemory, MOST_LEFT_BYTES, tidyNow } from "../../src/host/tidy_memory.ts";

const MB = 1024 * 1024;

Deno.test("LeftMemory.isDue() is true once more than a share lies above the least", () => {
  const left = new LeftMemory();
  const due = [20 * MB, 15 * MB, 15 * MB + MOST_LEFT_BYTES - 1, 15 * MB + MOST_LEFT_BYTES]
    .map((usedBytes) => left.isDue(usedBytes));
  deepStrictEqual(due, [false, false, false, true]);
});

Deno.test("tidyNow() collects when it is due, and counts from what was left after that", () => {
  const left = new LeftMemory();
  let [usedBytes, collections] = [10 * MB, 0];
  const tools = {
    usedBytes: () => usedBytes,
    collect: () => {
      collections += 1;
      usedBytes = 14 * MB;
    },
  };
  const after = [10, 19, 21, 23].map((megabytes) => {
    usedBytes = megabytes * MB;
    tidyNow(left, tools);
    return [collections, usedBytes / MB];
  });
  deepStrictEqual(after, [[0, 10], [1, 14], [1, 21], [2, 14]]);
});
