import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { maskSecrets } from "../../src/base/secrets.ts";

const CASES = [
  { text: "rtsp://user:secret@10.0.0.5/a", masked: "rtsp://user:***@10.0.0.5/a" },
  { text: "rtsps://user:secret@[fe80::1]:322/a", masked: "rtsps://user:***@[fe80::1]:322/a" },
  { text: "HTTP://user:secret@host", masked: "HTTP://user:***@host" },
  { text: "rtsp://token@host/a", masked: "rtsp://***@host/a" },
  { text: "rtsp://user:@host/a", masked: "rtsp://user:***@host/a" },
  { text: "rtsp://user:p@ss@host/a", masked: "rtsp://user:***@host/a" },
  { text: "rtsp://user:p/a/s@host/a", masked: "rtsp://user:***@host/a" },
  { text: "rtsp://user:p:a:s@host/a", masked: "rtsp://user:***@host/a" },
  { text: "rtsp://user:p#a?s@host/a", masked: "rtsp://user:***@host/a" },
  { text: "rtsp://user:p'a\"s@host/a", masked: "rtsp://user:***@host/a" },
  { text: 'no "rtsp://u:pw@host/a": why', masked: 'no "rtsp://u:***@host/a": why' },
  {
    text: "from rtsp://u:one@a and rtsp://v:two@b",
    masked: "from rtsp://u:***@a and rtsp://v:***@b",
  },
  { text: "http://host/a?user=me&password=pw", masked: "http://host/a?user=me&password=***" },
  { text: "http://host/a?Token=t0k&x=1", masked: "http://host/a?Token=***&x=1" },
  { text: "http://host/a?access_token=t0k", masked: "http://host/a?access_token=***" },
  { text: "http://host/a?api_key=t0k&x=1", masked: "http://host/a?api_key=***&x=1" },
] as const;

for (const { text, masked } of CASES) {
  Deno.test(`maskSecrets() leaves no secret in ${text}`, () => {
    strictEqual(maskSecrets(text), masked);
  });
}

const HARMLESS = [
  "test://1280x720@25",
  "TEST://1280x720@25",
  "rtsp://10.0.0.5:554/stream1?channel=2",
  "/srv/footage/yard@night.mp4",
  "mail me@example.org about http://host/a",
  "frames: 12, pass: 3",
];

for (const text of HARMLESS) {
  Deno.test(`maskSecrets() leaves "${text}" as it is`, () => {
    strictEqual(maskSecrets(text), text);
  });
}

Deno.test("maskSecrets() hides any password without a blank, and masks a masked text no further", () => {
  const password = fc.string({ unit: "grapheme-ascii", minLength: 1 })
    .filter((text) => /^\S+$/.test(text));
  fc.assert(fc.property(password, (secret) => {
    const masked = maskSecrets(`rtsp://user:${secret}@10.0.0.5/stream1`);
    strictEqual(masked, "rtsp://user:***@10.0.0.5/stream1");
    strictEqual(maskSecrets(masked), masked);
  }));
});

const MEGABYTE = 1_000_000;
const LONG_WORDS = [
  { name: "one letter", text: "a".repeat(MEGABYTE) },
  { name: "an address without credentials", text: `http://${"a/b:c?".repeat(MEGABYTE / 6)}` },
  { name: "starts of addresses", text: "a://".repeat(MEGABYTE / 4) },
  { name: "starts of queries", text: "?a&pass".repeat(MEGABYTE / 7) },
  { name: "colons and slashes", text: "://".repeat(MEGABYTE / 3) },
];

for (const { name, text } of LONG_WORDS) {
  Deno.test(`maskSecrets() stays linear in a word of 1 MB of ${name}`, () => {
    const tookMs = (part: string) => {
      const startedAt = performance.now();
      maskSecrets(part);
      return performance.now() - startedAt;
    };
    // Linear, 1 MB takes 20 ms. Quadratic, already 40 kB take a second and 1 MB
    // takes minutes, which nobody has to wait for.
    const partMs = tookMs(text.slice(0, 40_000));
    ok(partMs < 300, `40 kB took ${partMs} ms`);
    const wholeMs = tookMs(text);
    ok(wholeMs < 2_000, `1 MB took ${wholeMs} ms`);
  });
}
