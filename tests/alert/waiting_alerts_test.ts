import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { WaitingAlerts } from "../../src/alert/waiting_alerts.ts";
import { unixMs } from "../../src/base/units.ts";
import { PRIORITIES, type Priority } from "../../src/model/vision_settings.ts";

function lineOf(maxCount: number, words: string) {
  const line = new WaitingAlerts({ maxCount, maxAgeMs: 1_000 });
  const dropped = words.split(" ").flatMap((id, index) => {
    const priority = PRIORITIES.find((each) => each.startsWith(id.charAt(0)))!;
    return line.add({ id, priority, sinceMs: unixMs(index), content: "" });
  });
  const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id).join(" ");
  return { dropped: ids(dropped), left: ids(line.items) };
}

const CASES = [
  { name: "keeps what there is room for", in: "i1 w2 c3", dropped: "", left: "i1 w2 c3" },
  { name: "drops the oldest info", in: "w1 i2 i3 c4", dropped: "i2", left: "w1 i3 c4" },
  {
    name: "drops warnings where there is no info",
    in: "c1 w2 w3 c4",
    dropped: "w2",
    left: "c1 w3 c4",
  },
  {
    name: "drops the new one if it is the least",
    in: "c1 c2 w3 i4",
    dropped: "i4",
    left: "c1 c2 w3",
  },
  { name: "never drops the one on its way", in: "i1 c2 c3 c4", dropped: "c2", left: "i1 c3 c4" },
] as const;

for (const { name, in: words, dropped, left } of CASES) {
  Deno.test(`WaitingAlerts ${name}`, () => deepStrictEqual(lineOf(3, words), { dropped, left }));
}

Deno.test("WaitingAlerts keeps the order, its limit, and no info before a critical one", () => {
  const some = fc.array(fc.constantFrom<Priority>(...PRIORITIES), { maxLength: 40 });
  fc.assert(fc.property(some, (priorities) => {
    const line = new WaitingAlerts({ maxCount: 5, maxAgeMs: 1_000 });
    for (const [index, priority] of priorities.entries()) {
      const dropped = line.add({ id: `${index}`, priority, sinceMs: unixMs(0), content: "" });
      const isBetterGone = dropped.some((gone) => gone.priority === "critical") &&
        line.items.slice(1).some((left) => left.priority === "info");
      strictEqual(isBetterGone, false);
    }
    const numbers = line.items.map(({ number }) => number);
    deepStrictEqual(numbers, numbers.toSorted((one, other) => one - other));
    strictEqual(line.length, Math.min(5, priorities.length));
  }));
});

Deno.test("dropOld() lets go of what is too old, and of nothing after the clock was set back", () => {
  const line = new WaitingAlerts({ maxCount: 9, maxAgeMs: 1_000 });
  for (const sinceMs of [0, 500, 1_000]) {
    line.add({ id: `${sinceMs}`, priority: "info", sinceMs: unixMs(sinceMs), content: "" });
  }
  deepStrictEqual(line.dropOld(unixMs(-5_000)), []);
  deepStrictEqual(line.dropOld(unixMs(1_001)).map(({ id }) => id), ["0"]);
  strictEqual(line.length, 2);
});
