import { strictEqual } from "node:assert/strict";
import { Silence } from "../../src/base/silence.ts";
import { monotonicMs } from "../../src/base/units.ts";

const at = monotonicMs;

const WITH_LAST_WORDS = { everyMs: 1_000, lastWordsAfterMs: 7_500 } as const;

Deno.test("Silence tells how long nothing was heard", () => {
  const silence = new Silence(at(5_000), { everyMs: 1_000 });
  strictEqual(silence.look(at(6_000)), 1_000);
  silence.hear(at(6_200));
  strictEqual(silence.look(at(7_000)), 800);
  // A busy machine is late by a little.
  strictEqual(silence.look(at(9_500)), 3_300);
});

Deno.test("Silence does not count what passed while the thread that looks stood still", () => {
  const silence = new Silence(at(5_000), { everyMs: 1_000 });
  for (const nowMs of [6_000, 7_000, 8_000]) silence.look(at(nowMs));
  strictEqual(silence.look(at(3_608_000)), 4_000);
  strictEqual(silence.look(at(3_609_000)), 5_000);
  silence.hear(at(3_609_500));
  strictEqual(silence.look(at(3_610_000)), 500);
  // Heard just before it stood still.
  silence.hear(at(3_610_900));
  strictEqual(silence.look(at(3_710_000)), 100);
});

Deno.test("Silence is not ended by the last words of a go-between, and by what follows them", () => {
  const silence = new Silence(at(0), WITH_LAST_WORDS);
  silence.hear(at(100));
  for (let nowMs = 1_000; nowMs <= 8_000; nowMs += 1_000) silence.look(at(nowMs));
  // In two pieces.
  silence.hear(at(8_150));
  silence.hear(at(8_170));
  strictEqual(silence.look(at(9_000)), 8_900);
  // The stream goes on after all.
  silence.hear(at(9_100));
  strictEqual(silence.look(at(10_000)), 900);
});

Deno.test("Silence takes nothing for last words that comes after the thread stood still", () => {
  const silence = new Silence(at(0), WITH_LAST_WORDS);
  silence.hear(at(500));
  silence.look(at(1_000));
  silence.look(at(3_601_000));
  silence.hear(at(3_601_200));
  strictEqual(silence.look(at(3_602_000)), 800);
});

Deno.test("Silence takes nothing for last words of who has not spoken yet", () => {
  const silence = new Silence(at(0), WITH_LAST_WORDS);
  for (let nowMs = 1_000; nowMs <= 12_000; nowMs += 1_000) silence.look(at(nowMs));
  silence.hear(at(12_600));
  strictEqual(silence.look(at(13_000)), 400);
});
