import { strictEqual } from "node:assert/strict";
import { readTypedTime } from "../../page/base/typed_time.ts";
import {
  agoText,
  bytesText,
  clockText,
  durationText,
  fieldOfInstant,
  instantOfField,
  nearText,
  shareText,
} from "../../page/base/time_text.ts";

const NOON = new Date(2026, 10, 22, 12, 0, 0).getTime();

const DURATIONS = [
  [0, "0 s"],
  [2_430, "2.4 s"],
  [12_600, "13 s"],
  [59_700, "1 min"],
  [90_000, "1 min 30 s"],
  [3 * 3_600_000 + 5 * 60_000, "3 h 5 min"],
  [52 * 3_600_000, "2 d 4 h"],
] as const;

for (const [lengthMs, text] of DURATIONS) {
  Deno.test(`durationText() says "${text}" for ${lengthMs} ms`, () => {
    strictEqual(durationText(lengthMs), text);
  });
}

Deno.test("agoText() gives whole units, and says which way", () => {
  strictEqual(agoText(NOON - 3 * 3_600_000 - 59_000, NOON), "3 h ago");
  strictEqual(agoText(NOON + 90_000, NOON), "in 1 min");
  strictEqual(agoText(NOON - 1_000, NOON), "now");
});

Deno.test("nearText() names the day only where it is another one", () => {
  strictEqual(nearText(NOON, NOON + 1_000), "12:00:00");
  strictEqual(nearText(NOON, NOON + 86_400_000), "Sun 22 Nov, 12:00:00");
});

Deno.test("bytesText() counts in powers of ten, with a digit behind the point below 100", () => {
  strictEqual(bytesText(999), "999 B");
  strictEqual(bytesText(1_234_000), "1.2 MB");
  strictEqual(bytesText(999_600_000), "1.0 GB");
  strictEqual(bytesText(271e9), "271 GB");
});

Deno.test("shareText() never says 100 % where something is missing", () => {
  strictEqual(shareText(0.999999), "99.99 %");
  strictEqual(shareText(1), "100 %");
  strictEqual(shareText(0.954), "95.4 %");
});

Deno.test("fieldOfInstant() and instantOfField() are each other's way back", () => {
  strictEqual(instantOfField(fieldOfInstant(NOON)), NOON);
  strictEqual(instantOfField(""), undefined);
});

Deno.test("readTypedTime() takes a clock time as one of the day on show", () => {
  strictEqual(clockText(readTypedTime("14:05", NOON)!), "14:05:00");
  strictEqual(readTypedTime("9:05:30.25", NOON), new Date(2026, 10, 22, 9, 5, 30, 250).getTime());
});

Deno.test("readTypedTime() reads dates, and ISO 8601 with a zone", () => {
  strictEqual(readTypedTime("2026-11-21 14:05", NOON), new Date(2026, 10, 21, 14, 5).getTime());
  strictEqual(readTypedTime("2026-11-21", NOON), new Date(2026, 10, 21).getTime());
  strictEqual(
    readTypedTime("2026-11-21T14:05:00+05:30", NOON),
    Date.UTC(2026, 10, 21, 8, 35),
  );
});

for (const text of ["yesterday 14:05", "25:00", "12:61", "2026-02-31", ""]) {
  Deno.test(`readTypedTime() leaves "${text}" to the server`, () => {
    strictEqual(readTypedTime(text, NOON), undefined);
  });
}
