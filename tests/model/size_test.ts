import { strictEqual } from "node:assert/strict";
import { parseShare, parseSize } from "../../src/model/size.ts";

const SIZES = [
  { written: "500 GB", bytes: 500e9 },
  { written: "2TB", bytes: 2e12 },
  { written: " 20 GiB ", bytes: 20 * 1_024 ** 3 },
  { written: "1.5 mb", bytes: 1_500_000 },
  { written: "12", bytes: 12 },
  { written: 1_000_000, bytes: 1_000_000 },
  { written: "7 kib", bytes: 7_168 },
  { written: 0, bytes: 0 },
  { written: "10 G", bytes: undefined },
  { written: "-1 GB", bytes: undefined },
  { written: "GB", bytes: undefined },
  { written: "", bytes: undefined },
  { written: "1e9", bytes: undefined },
  { written: -5, bytes: undefined },
  { written: NaN, bytes: undefined },
  { written: "99999 PB", bytes: undefined },
] as const;

for (const { written, bytes } of SIZES) {
  Deno.test(`parseSize() reads ${JSON.stringify(written)} as ${bytes} bytes`, () => {
    strictEqual(parseSize(written), bytes);
  });
}

const SHARES = [
  { written: "5%", share: 0.05 },
  { written: "2.5 %", share: 0.025 },
  { written: "101%", share: undefined },
  { written: "5", share: undefined },
  { written: 5, share: undefined },
] as const;

for (const { written, share } of SHARES) {
  Deno.test(`parseShare() reads ${JSON.stringify(written)} as ${share}`, () => {
    strictEqual(parseShare(written), share);
  });
}
