import { strictEqual, throws } from "node:assert/strict";
import { InvariantError } from "../../src/base/errors.ts";
import { CountedMemory } from "../../src/base/shared_memory.ts";

Deno.test("CountedMemory is gone with the last release, for all who have a view of it", () => {
  const bytes = new Uint8Array(1_000).fill(7);
  const view = bytes.subarray(10, 20);
  const memory = new CountedMemory(bytes);
  memory.hold();
  memory.release();
  strictEqual(view[0], 7);
  memory.release();
  strictEqual(view.length, 0);
  strictEqual(bytes.length, 0);
});

Deno.test("CountedMemory that is gone can be held by nobody and released by nobody", () => {
  const memory = new CountedMemory(new Uint8Array(8));
  memory.release();
  throws(() => memory.hold(), InvariantError);
  throws(() => memory.release(), InvariantError);
});
