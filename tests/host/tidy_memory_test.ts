import { deepStrictEqual } from "node:assert/strict";
import { LeftMemory, MOST_LEFT, tidyNow } from "../../src/host/tidy_memory.ts";

const MB = 1024 * 1024;

Deno.test("LeftMemory.isDue() is true once more than a share lies above the least, of the heap", () => {
  const left = new LeftMemory();
  const { heapBytes: share } = MOST_LEFT;
  const due = [20 * MB, 15 * MB, 15 * MB + share - 1, 15 * MB + share]
    .map((heapBytes) => left.isDue({ heapBytes, bufferBytes: MB }));
  deepStrictEqual(due, [false, false, false, true]);
});

Deno.test("LeftMemory.isDue() is true once more than a share lies above the least, of buffers", () => {
  const left = new LeftMemory();
  const { bufferBytes: share } = MOST_LEFT;
  const due = [9 * MB, 5 * MB, 5 * MB + share - 1, 5 * MB + share]
    .map((bufferBytes) => left.isDue({ heapBytes: 20 * MB, bufferBytes }));
  deepStrictEqual(due, [false, false, false, true]);
});

Deno.test("tidyNow() collects when it is due, and counts from what was left after that", () => {
  const left = new LeftMemory();
  let [heapMb, collections] = [0, 0];
  const tools = {
    used: () => ({ heapBytes: heapMb * MB, bufferBytes: 5 * MB }),
    collect: () => {
      collections += 1;
      heapMb = 11;
    },
  };
  const after = [10, 11, 12, 12.5, 13].map((megabytes) => {
    heapMb = megabytes;
    tidyNow(left, tools);
    return [collections, heapMb];
  });
  deepStrictEqual(after, [[0, 10], [0, 11], [1, 11], [1, 12.5], [2, 11]]);
});
