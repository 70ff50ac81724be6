import { strictEqual } from "node:assert/strict";
import { Silence } from "../../src/base/silence.ts";
import { monotonicMs } from "../../src/base/units.ts";

const at = monotonicMs;

Deno.test("Silence tells how long nothing was heard", () => {
  const silence = new Silence(at(5_000), 1_000);
  strictEqual(silence.look(at(6_000)), 1_000);
  silence.hear(at(6_200));
  strictEqual(silence.look(at(7_000)), 800);
  // A busy machine is late by a little.
  strictEqual(silence.look(at(9_500)), 3_300);
});

Deno.test("Silence does not count what passed while the thread that looks stood still", () => {
  const silence = new Silence(at(5_000), 1_000);
  for (const nowMs of [6_000, 7_000, 8_000]) silence.look(at(nowMs));
  strictEqual(silence.look(at(3_608_000)), 4_000);
  strictEqual(silence.look(at(3_609_000)), 5_000);
  silence.hear(at(3_609_500));
  strictEqual(silence.look(at(3_610_000)), 500);
  // Heard just before it stood still.
  silence.hear(at(3_610_900));
  strictEqual(silence.look(at(3_710_000)), 100);
});
