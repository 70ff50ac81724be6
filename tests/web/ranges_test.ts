import { deepStrictEqual } from "node:assert/strict";
import { answerRange, contentRange, type RangeQuestion } from "../../src/web/ranges.ts";

const BODY = { totalBytes: 1_000, etag: '"abc"' };

const PLAIN: RangeQuestion = {
  method: "GET",
  range: null,
  ifRange: null,
  ifMatch: null,
  ifNoneMatch: null,
};

const WHOLE = { status: 200, from: 0, to: 1_000 };
const REFUSED = { status: 416 };

function part(from: number, to: number) {
  return { status: 206, from, to };
}

const RANGES: readonly (readonly [string, unknown])[] = [
  ["bytes=0-0", part(0, 1)],
  ["bytes=0-999", part(0, 1_000)],
  ["bytes=500-", part(500, 1_000)],
  ["bytes=500-4000", part(500, 1_000)],
  ["bytes=-1", part(999, 1_000)],
  ["bytes=-5000", part(0, 1_000)],
  ["BYTES = 10-19", part(10, 20)],
  ["bytes=999-", part(999, 1_000)],
  // Nothing of it is there, or it is no range, or there are several.
  ["bytes=1000-", REFUSED],
  ["bytes=99999999999999999999-", REFUSED],
  ["bytes=20-10", REFUSED],
  ["bytes=-0", REFUSED],
  ["bytes=-", REFUSED],
  ["bytes=", REFUSED],
  ["bytes=a-b", REFUSED],
  ["bytes=1.5-2", REFUSED],
  ["bytes=0x1-5", REFUSED],
  ["bytes=--5", REFUSED],
  ["bytes=0-1,5-6", REFUSED],
  ["bytes", REFUSED],
  // Another unit is not for us.
  ["seconds=1-2", WHOLE],
];

Deno.test("answerRange() gives one range of bytes, refuses what is none or several", () => {
  for (const [range, answer] of RANGES) {
    deepStrictEqual(answerRange({ ...PLAIN, range }, BODY), answer, range);
  }
});

Deno.test("answerRange() gives the whole where nothing is asked for, and to HEAD", () => {
  deepStrictEqual(answerRange(PLAIN, BODY), WHOLE);
  deepStrictEqual(answerRange({ ...PLAIN, method: "HEAD", range: "bytes=5-" }, BODY), WHOLE);
});

Deno.test("answerRange() gives a range of nothing but what If-Range names", () => {
  const range = "bytes=10-";
  deepStrictEqual(answerRange({ ...PLAIN, range, ifRange: '"abc"' }, BODY), part(10, 1_000));
  for (const ifRange of ['"abd"', 'W/"abc"', "Sat, 21 Nov 2026 20:57:09 GMT"]) {
    deepStrictEqual(answerRange({ ...PLAIN, range, ifRange }, BODY), WHOLE, ifRange);
  }
});

Deno.test("answerRange() looks at conditions before ranges", () => {
  const range = "bytes=5000-";
  const known = { ...PLAIN, range, ifNoneMatch: 'W/"abc", "x"' };
  deepStrictEqual(answerRange(known, BODY), { status: 304 });
  deepStrictEqual(answerRange({ ...PLAIN, range, ifMatch: '"x"' }, BODY), { status: 412 });
  deepStrictEqual(answerRange({ ...PLAIN, ifMatch: "*" }, BODY), WHOLE);
  deepStrictEqual(answerRange({ ...PLAIN, ifMatch: 'W/"abc"' }, BODY), { status: 412 });
});

Deno.test("answerRange() has nothing to give of an empty body", () => {
  const empty = { ...BODY, totalBytes: 0 };
  deepStrictEqual(answerRange(PLAIN, empty), { status: 200, from: 0, to: 0 });
  deepStrictEqual(answerRange({ ...PLAIN, range: "bytes=0-" }, empty), REFUSED);
  deepStrictEqual(answerRange({ ...PLAIN, range: "bytes=-5" }, empty), REFUSED);
});

Deno.test("contentRange() names the bytes, or only how many there are", () => {
  deepStrictEqual(contentRange({ status: 206, from: 10, to: 20 }, 1_000), "bytes 10-19/1000");
  deepStrictEqual(contentRange({ status: 416 }, 1_000), "bytes */1000");
});
