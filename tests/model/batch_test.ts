import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { chainText, FIRST_CHAIN } from "../../src/model/batch.ts";
import { batchEntry } from "../support/ledger_entries.ts";

Deno.test("chainText() has the value before, and everything that the batch claims, a line each", () => {
  strictEqual(
    chainText(batchEntry(1), FIRST_CHAIN),
    [
      "lookback-chain-1",
      "0".repeat(64),
      "front",
      "1795294620000",
      "251",
      "500",
      "1795294630000",
      "1795294640000",
      "1".repeat(64),
      "f".repeat(64),
    ].join("\n"),
  );
});

Deno.test("chainText() is another text when any claim differs", () => {
  const claims = fc.record({
    cameraId: fc.string({ unit: fc.constantFrom(..."ab01-"), minLength: 1 }),
    run: fc.nat(20),
    startingFrameId: fc.nat(20),
    endingFrameId: fc.nat(20),
    startMs: fc.nat(20),
    endMs: fc.nat(20),
    recordingSha256: fc.constantFrom("a", "b"),
    framesSha256: fc.constantFrom("a", "b"),
  }, { noNullPrototype: true });
  fc.assert(fc.property(claims, claims, fc.nat(3), fc.nat(3), (one, other, before, otherBefore) => {
    const isSame = JSON.stringify([one, before]) === JSON.stringify([other, otherBefore]);
    strictEqual(
      chainText(one as never, String(before)) === chainText(other as never, String(otherBefore)),
      isSame,
    );
  }));
});
