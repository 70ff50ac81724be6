import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { KeptGroup } from "../../src/media/kept_group.ts";

function sizes(group: KeptGroup<{ bytes: Uint8Array; isKey: boolean }>): number[] {
  return group.fragments.map(({ bytes }) => bytes.length);
}

Deno.test("KeptGroup keeps all since the newest key frame, and nothing of a group over its cap", () => {
  const group = new KeptGroup(10);
  const add = (size: number, isKey: boolean) => group.add({ bytes: new Uint8Array(size), isKey });
  add(1, false);
  deepStrictEqual(sizes(group), []);
  add(2, true);
  add(3, false);
  deepStrictEqual(sizes(group), [2, 3]);
  add(4, true);
  add(6, false);
  deepStrictEqual(sizes(group), [4, 6]);
  add(1, false);
  add(1, false);
  deepStrictEqual(sizes(group), []);
  add(5, true);
  strictEqual(group.bytes, 5);
});
