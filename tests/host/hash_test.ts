import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Sha256, sha256OfText } from "../../src/host/hash.ts";

// FIPS 180-2, appendix B.1 and B.2, and the hash of nothing.
const KNOWN = [
  { text: "", hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { text: "abc", hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  {
    text: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    hex: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  },
];

for (const { text, hex } of KNOWN) {
  Deno.test(`sha256OfText() gives the standard's value for "${text}"`, () => {
    strictEqual(sha256OfText(text), hex);
  });
}

Deno.test("Sha256 gives the same however the bytes are divided", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat(40)), (text, cuts) => {
    const bytes = new TextEncoder().encode(text);
    const hash = new Sha256();
    let from = 0;
    for (const cut of cuts) {
      hash.add(bytes.subarray(from, from + cut));
      from += cut;
    }
    hash.add(bytes.subarray(from));
    strictEqual(hash.hex(), sha256OfText(new TextDecoder().decode(bytes)));
  }));
});
