import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { receiptText, signReceipt } from "../../src/footage/receipt.ts";
import {
  type Check,
  checkSignature,
  type KnownKeys,
  readReceipt,
} from "../../src/footage/receipt_check.ts";
import { generateKey } from "../../src/host/ed25519.ts";
import { RECEIPT } from "../support/receipts.ts";

const { key: KEY } = generateKey();
const { key: OTHER_KEY } = generateKey();
const NO_KEYS: KnownKeys = { wanted: undefined, own: undefined };
const SIGNED = receiptText(signReceipt(RECEIPT, KEY));

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Check and result of a text's signature; the text's fault where it has one. */
function judged(text: string | Uint8Array, keys = NO_KEYS): string[] {
  const receipt = readReceipt(typeof text === "string" ? bytesOf(text) : text);
  if (typeof receipt === "string") return [receipt];
  return checkSignature(receipt, keys).map(({ check, result }: Check) => `${check} ${result}`);
}

Deno.test("readReceipt() reads what was written", () => {
  const receipt = readReceipt(bytesOf(SIGNED));
  ok(typeof receipt === "object");
  strictEqual(receipt.cameraId, "front");
  strictEqual(receipt.frames, 25);
  deepStrictEqual(receipt.film, { name: "film.mp4", sizeBytes: 3, sha256: "e".repeat(64) });
  deepStrictEqual(judged(SIGNED), ["signature ok", "key unsure"]);
});

Deno.test("readReceipt() and checkSignature() find every flipped bit of a signed receipt", () => {
  const bytes = bytesOf(SIGNED);
  const overlooked: string[] = [];
  for (let at = 0; at < bytes.length * 8; at += 1) {
    const changed = bytes.slice();
    changed[at >> 3]! ^= 1 << (at & 7);
    const found = judged(changed);
    const isFound = found.length === 1 && found[0] !== "signature unsure";
    if (!isFound) overlooked.push(`bit ${at}: ${found.join()}`);
  }
  ok(bytes.length > 1_500);
  deepStrictEqual(overlooked, []);
});

const NOT_AS_WRITTEN = [
  { name: "more blanks", text: SIGNED.replace('"mode": ', '"mode":  '), says: /line 4, column 11/ },
  { name: "no line end", text: SIGNED.trimEnd(), says: /not as it was written/ },
  { name: "a byte order mark", text: `\uFEFF${SIGNED}`, says: /can't be read/ },
  { name: "half of it", text: SIGNED.slice(0, 400), says: /can't be read/ },
  {
    name: "a field twice",
    text: SIGNED.replace('  "mode"', '  "mode": "strict",\n  "mode"'),
    says: /not as it was written/,
  },
  {
    name: "a number written otherwise",
    text: SIGNED.replace('"frames": 25', '"frames": 25.0'),
    says: /not as it was written/,
  },
  { name: "another format", text: SIGNED.replace("receipt-2", "receipt-9"), says: /no receipt/ },
  { name: "no object", text: "[]\n", says: /no receipt/ },
  { name: "nothing", text: "", says: /can't be read/ },
  {
    name: "a signature that is not the last field",
    text: receiptText({ signature: signReceipt(RECEIPT, KEY).signature, ...RECEIPT }),
    says: /no receipt/,
  },
] as const;

for (const { name, text, says } of NOT_AS_WRITTEN) {
  Deno.test(`readReceipt() refuses ${name}`, () => {
    const receipt = readReceipt(bytesOf(text));
    ok(typeof receipt === "string");
    match(receipt, says);
  });
}

Deno.test("readReceipt() reads a receipt of the version without signatures", () => {
  const text = receiptText(RECEIPT).replace("receipt-2", "receipt-1");
  deepStrictEqual(judged(text), ["signature unsure"]);
});

const OWNERS: readonly {
  readonly name: string;
  readonly keys: KnownKeys;
  readonly checks: readonly string[];
}[] = [
  {
    name: "says ok for the key that was given",
    keys: { wanted: KEY.publicKey, own: undefined },
    checks: ["signature ok", "key ok"],
  },
  {
    name: "finds the key of another box where one was given",
    keys: { wanted: OTHER_KEY.publicKey, own: { key: KEY.publicKey, root: "/root" } },
    checks: ["signature ok", "key fault"],
  },
  {
    name: "says ok for the key of the storage root at hand",
    keys: { wanted: undefined, own: { key: KEY.publicKey, root: "/root" } },
    checks: ["signature ok", "key ok"],
  },
  {
    name: "does not call the film of another box a fault",
    keys: { wanted: undefined, own: { key: OTHER_KEY.publicKey, root: "/root" } },
    checks: ["signature ok", "key unsure"],
  },
];

for (const { name, keys, checks } of OWNERS) {
  Deno.test(`checkSignature() ${name}`, () => deepStrictEqual(judged(SIGNED, keys), checks));
}

Deno.test("checkSignature() takes no receipt without signature where a key was given", () => {
  const text = receiptText(signReceipt(RECEIPT, null));
  deepStrictEqual(judged(text), ["signature unsure"]);
  deepStrictEqual(judged(text, { wanted: KEY.publicKey, own: undefined }), ["signature fault"]);
});

Deno.test("checkSignature() finds a signature that another key made under this key's name", () => {
  const mine = signReceipt(RECEIPT, KEY).signature!;
  const forged = { ...mine, value: signReceipt(RECEIPT, OTHER_KEY).signature!.value };
  deepStrictEqual(judged(receiptText({ ...RECEIPT, signature: forged })), ["signature fault"]);
  const renamed = { ...signReceipt(RECEIPT, OTHER_KEY).signature!, "key_id": mine.key_id };
  deepStrictEqual(judged(receiptText({ ...RECEIPT, signature: renamed })), ["signature fault"]);
});
