import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { receiptText, signReceipt } from "../../src/footage/receipt.ts";
import { bytesOfBase64, generateKey } from "../../src/host/ed25519.ts";
import { RECEIPT, receiptWith } from "../support/receipts.ts";

Deno.test("makeReceipt() holds the chain values of each batch, and null for one without hashes", () => {
  const seals = {
    recordingSha256: "a".repeat(64),
    framesSha256: "b".repeat(64),
    previousChain: "c".repeat(64),
    chain: "d".repeat(64),
  };
  const [sealed, older] = receiptWith([{ seals }, { seals: null }]).batches;
  deepStrictEqual(
    [sealed?.recording_sha256, sealed?.frames_sha256, sealed?.previous_chain, sealed?.chain],
    [seals.recordingSha256, seals.framesSha256, seals.previousChain, seals.chain],
  );
  deepStrictEqual(
    [older?.recording_sha256, older?.frames_sha256, older?.previous_chain, older?.chain],
    [null, null, null, null],
  );
});

Deno.test("makeReceipt() names the shift of a batch only where its times were put right", () => {
  const [shifted, plain] = receiptWith([{ shiftMs: -3_600_000 }, { shiftMs: 0 }]).batches;
  strictEqual(shifted?.shift_ms, -3_600_000);
  ok(!("shift_ms" in plain!));
});

Deno.test("signReceipt() signs the receipt's text and puts the signature last", () => {
  const { key } = generateKey();
  const signed = signReceipt(RECEIPT, key);
  strictEqual(signed.format, "lookback-receipt-2");
  strictEqual(Object.keys(signed).at(-1), "signature");
  const { signature, ...rest } = signed;
  deepStrictEqual(rest, RECEIPT);
  deepStrictEqual(Object.keys(signature!), ["algorithm", "public_key", "key_id", "value"]);
  strictEqual(signature!.key_id, key.publicKey.id);
  ok(key.publicKey.verify(receiptText(RECEIPT), bytesOfBase64(signature!.value)!));
});

Deno.test("signReceipt() writes null where there is no key", () => {
  strictEqual(signReceipt(RECEIPT, null).signature, null);
});
