import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { nearestWord } from "../../src/base/did_you_mean.ts";

const KEYS = ["duration_seconds", "every_seconds", "enabled", "source", "name", "id", "lat", "lon"];

const CASES = [
  { name: "finds a word with a letter too few", word: "sorce", nearest: "source" },
  { name: "finds a word with a letter too many", word: "nname", nearest: "name" },
  { name: "finds a word with a wrong letter", word: "enabeld", nearest: "enabled" },
  { name: "counts swapped neighbours as one edit", word: "lta", nearest: "lat" },
  { name: "finds an abbreviated word", word: "duration_secs", nearest: "duration_seconds" },
  { name: "leaves case and separators out", word: "Duration-Seconds", nearest: "duration_seconds" },
  { name: "prefers the first of two equally near", word: "lxt", nearest: "lat" },
  { name: "answers null for an unrelated word", word: "resolution", nearest: null },
  { name: "answers null for a short word that differs", word: "fps", nearest: null },
  { name: "answers null for an empty word", word: "", nearest: null },
] as const;

for (const { name, word, nearest } of CASES) {
  Deno.test(`nearestWord() ${name}`, () => {
    strictEqual(nearestWord(word, KEYS), nearest);
  });
}

Deno.test("nearestWord() answers null when there is nothing to choose from", () => {
  strictEqual(nearestWord("source", []), null);
});

Deno.test("nearestWord() finds every word that is spelt right", () => {
  fc.assert(fc.property(fc.constantFrom(...KEYS), (key) => {
    strictEqual(nearestWord(key, KEYS), key);
  }));
});

Deno.test("nearestWord() finds a long word of which one letter was dropped", () => {
  fc.assert(fc.property(fc.nat({ max: "duration_seconds".length - 1 }), (index) => {
    const word = "duration_seconds".slice(0, index) + "duration_seconds".slice(index + 1);
    strictEqual(nearestWord(word, KEYS), "duration_seconds");
  }));
});
