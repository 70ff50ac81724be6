import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { OperatorError } from "../../src/base/errors.ts";
import {
  formatDuration,
  LONGEST_DURATION_MS,
  parseDuration,
  quoteTyped,
  readAmount,
} from "../../src/footage/duration.ts";

const READABLE = [
  ["90", 90_000],
  [" 90 ", 90_000],
  ["2.5", 2_500],
  ["90s", 90_000],
  ["90 S", 90_000],
  ["1m30s", 90_000],
  ["1h", 3_600_000],
  ["1h 5m", 3_900_000],
  ["1h, 5m and 3 s", 3_903_000],
  ["1.5 h", 5_400_000],
  ["500ms", 500],
  ["1s 500ms", 1_500],
  ["2 min", 120_000],
  ["2 minutes 3 seconds", 123_000],
  ["2 minutes and 3 seconds", 123_000],
  ["a minute", 60_000],
  ["half an hour", 1_800_000],
  ["two hours", 7_200_000],
  ["1d", 86_400_000],
  ["2 weeks", 1_209_600_000],
  ["1:30", 90_000],
  ["0:05", 5_000],
  ["90:00", 5_400_000],
  ["1:30.25", 90_250],
  ["1:02:03", 3_723_000],
  ["PT90S", 90_000],
  ["PT1M30S", 90_000],
  ["pt1.5s", 1_500],
  ["P1D", 86_400_000],
  ["P1W", 604_800_000],
  ["P1DT1H", 90_000_000],
  ["31 d", LONGEST_DURATION_MS],
] as const;

for (const [text, durationMs] of READABLE) {
  Deno.test(`parseDuration() gives ${durationMs} ms when it reads "${text}"`, () => {
    strictEqual(parseDuration(text), durationMs);
  });
}

const REFUSED = [
  ["", "it is empty"],
  ["  ", "it is empty"],
  ["-5s", "it is negative"],
  ["-PT5S", "it is negative"],
  ["0", "it is shorter than 1 ms"],
  ["0:00", "it is shorter than 1 ms"],
  ["PT0S", "it is shorter than 1 ms"],
  ["0.0004s", "it is shorter than 1 ms"],
  ["32d", "it is longer than 31 d"],
  ["P5W", "it is longer than 31 d"],
  ["99999999999999999999d", "it is longer than can be counted in milliseconds"],
  ["1:60", "its seconds are above 59"],
  ["1:60:00", "its minutes must be 00 to 59, because it has hours"],
  ["1:2:03", "its minutes must be 00 to 59, because it has hours"],
  ["1:3", '"1:3" is not a number with a unit'],
  ["5 parsecs", '"parsecs" is not a unit; the units are w, d, h, min, s, ms'],
  ["5 constructor", '"constructor" is not a unit; the units are w, d, h, min, s, ms'],
  ["1 month", '"month" is not a unit; the units are w, d, h, min, s, ms'],
  ["1m 30m", '"m" must come before the shorter units, and once'],
  ["30s 1m", '"m" must come before the shorter units, and once'],
  ["1m30", '"30" is not a number with a unit'],
  ["1 min and", '"and" is not a number with a unit'],
  ["1,5 h", '"1,5 h" is not a number with a unit'],
  ["some time", '"some time" is not a number with a unit'],
  ["P", '"p" is not a number with a unit'],
  ["PT", '"pt" is not a number with a unit'],
  ["P1M", '"p1m" is not a number with a unit'],
  ["1\n\u0007", '"1\\n\\u0007" is not a number with a unit'],
] as const;

for (const [text, problem] of REFUSED) {
  Deno.test(`parseDuration() says what is wrong when it is given ${JSON.stringify(text)}`, () => {
    throws(() => parseDuration(text), (error) => {
      ok(error instanceof OperatorError);
      strictEqual(error.code, "duration-invalid");
      strictEqual(error.message.slice(error.message.indexOf(": ") + 2), problem);
      return true;
    });
  });
}

Deno.test("parseDuration() names what was typed, the fault and examples when it refuses", () => {
  throws(() => parseDuration("1 fortnight"), (error) => {
    ok(error instanceof OperatorError);
    strictEqual(
      error.toText(),
      `Cannot read duration "1 fortnight": "fortnight" is not a unit; the units are w, d, h, min, s, ms
  fix: give seconds ("90") or numbers with units ("90s", "1m30s", "1h 5m", "1.5 h", "500ms")
  fix: or give minutes and seconds ("1:30"), hours too ("1:02:03"), or ISO 8601 ("PT1M30S")
  more: docs/troubleshooting.md#duration-invalid`,
    );
    return true;
  });
});

Deno.test("parseDuration() gives whole milliseconds or an OperatorError for any text", () => {
  const word = fc.constantFrom("1", "30", ".5", ":", "h", "min", " ", "-", "P", "T", "and", "an");
  const text = fc.oneof(fc.string(), fc.array(word).map((words) => words.join("")));
  fc.assert(fc.property(text, (typed) => {
    try {
      const durationMs = parseDuration(typed);
      ok(Number.isSafeInteger(durationMs) && durationMs > 0 && durationMs <= LONGEST_DURATION_MS);
    } catch (error) {
      ok(error instanceof OperatorError);
    }
  }));
});

Deno.test("readAmount() reads zero and more than 31 days, which a distance may be", () => {
  deepStrictEqual(readAmount("0 s"), { ok: true, ms: 0 });
  deepStrictEqual(readAmount("90 days"), { ok: true, ms: 7_776_000_000 });
});

const FORMATTED = [
  [0, "0 s"],
  [1, "0.001 s"],
  [250, "0.250 s"],
  [10_000, "10 s"],
  [60_000, "1 min"],
  [90_000, "1 min 30 s"],
  [90_250, "1 min 30.250 s"],
  [3_600_000, "1 h"],
  [3_605_000, "1 h 0 min 5 s"],
  [3_900_000, "1 h 5 min"],
  [90_061_000, "1 d 1 h 1 min 1 s"],
  [-1_500, "-1.500 s"],
  [999.6, "1 s"],
  [-0.2, "0 s"],
] as const;

for (const [durationMs, text] of FORMATTED) {
  Deno.test(`formatDuration() gives "${text}" when it is given ${durationMs} ms`, () => {
    strictEqual(formatDuration(durationMs), text);
  });
}

Deno.test("parseDuration() reads back every text of formatDuration()", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: LONGEST_DURATION_MS }), (durationMs) => {
    strictEqual(parseDuration(formatDuration(durationMs)), durationMs);
  }));
});

Deno.test("quoteTyped() keeps a text on one line and cuts it when it is long", () => {
  strictEqual(quoteTyped("a\nb"), '"a\\nb"');
  match(quoteTyped("x".repeat(500)), /^"x{59}…"$/);
});
