import { deepStrictEqual, strictEqual } from "node:assert";
import { TakenBytes, TOLD_BYTES } from "../../src/model/taken_bytes.ts";

Deno.test("TakenBytes.add() tells of a portion once it is whole, and of all that is in it", () => {
  const taken = new TakenBytes();
  const told = [1, TOLD_BYTES - 2, 1, TOLD_BYTES - 1, 3].map((bytes) => taken.add(bytes));
  deepStrictEqual(told, [0, 0, TOLD_BYTES, 0, TOLD_BYTES + 2]);
});

Deno.test("TakenBytes.add() keeps less than a portion back, whatever the fragments' sizes", () => {
  const taken = new TakenBytes();
  let [offered, told] = [0, 0];
  for (let index = 0; index < 1_000; index += 1) {
    const bytes = 1 + (index * 7_919) % 150_000;
    offered += bytes;
    told += taken.add(bytes);
    strictEqual(offered - told < TOLD_BYTES && told <= offered, true, `fragment ${index}`);
  }
});
