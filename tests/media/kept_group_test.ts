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

Deno.test("KeptGroup tells of what it keeps no more, and what it does not take", () => {
  const gone: number[] = [];
  const group = new KeptGroup<{ bytes: Uint8Array; isKey: boolean }>(
    10,
    ({ bytes }) => gone.push(bytes.length),
  );
  const add = (size: number, isKey: boolean) => group.add({ bytes: new Uint8Array(size), isKey });
  strictEqual(add(1, false), false);
  strictEqual(add(2, true), true);
  strictEqual(add(3, false), true);
  strictEqual(add(4, true), true);
  deepStrictEqual(gone.splice(0), [2, 3]);
  strictEqual(add(7, false), true, "and gone at once");
  deepStrictEqual(gone.splice(0), [4, 7]);
  add(5, true);
  group.clear();
  deepStrictEqual(gone, [5]);
});
