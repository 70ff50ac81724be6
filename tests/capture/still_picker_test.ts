import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { type PickableFrame, StillPicker } from "../../src/capture/still_picker.ts";

interface Named extends PickableFrame {
  readonly name: string;
}

/** A frame out of a word such as "3K" or "3-": its second and what it is ("L": leading). */
function frame(word: string, index: number): Named {
  const kind = word.at(-1);
  return {
    name: `${word}${index}`,
    slotMs: unixMs(Number(word.slice(0, -1)) * 1_000),
    isKey: kind === "K",
    isLeading: kind === "L",
  };
}

/** Names of what becomes a still, each with the number of the push that said so. */
function picked(words: string): string[] {
  const picker = new StillPicker<Named>();
  const frames = words.split(" ").map(frame);
  const chosen = frames.flatMap((each, push) =>
    picker.next(each).map(({ name }) => `${name} at ${push}`)
  );
  return [...chosen, ...picker.flush().map(({ name }) => `${name} at end`)];
}

const CASES = [
  {
    name: "takes a key frame as soon as it comes",
    words: "0K 0- 0- 1K 1-",
    chosen: ["0K0 at 0", "1K3 at 3"],
  },
  {
    name: "takes the first frame of a second without a key frame, once the second is over",
    words: "0K 0- 1- 1- 2- 2-",
    chosen: ["0K0 at 0", "1-2 at 4", "2-4 at end"],
  },
  {
    name: "prefers a key frame that comes later in the second",
    words: "0- 0- 0K 0-",
    chosen: ["0K2 at 2"],
  },
  {
    name: "takes the first of several key frames of a second",
    words: "0K 0K 0K",
    chosen: ["0K0 at 0"],
  },
  {
    name: "never takes a frame that is shown before the key frame it follows",
    words: "0L 0L 0- 1L 1L",
    chosen: ["0-2 at 3"],
  },
  {
    name: "leaves out seconds without frames",
    words: "0- 7- 7-",
    chosen: ["0-0 at 1", "7-1 at end"],
  },
];

for (const { name, words, chosen } of CASES) {
  Deno.test(`StillPicker ${name}`, () => {
    deepStrictEqual(picked(words), chosen);
  });
}

Deno.test("StillPicker.candidate is what would be taken now, and nothing once a still is", () => {
  const picker = new StillPicker<Named>();
  picker.next(frame("0-", 0));
  strictEqual(picker.candidate?.name, "0-0");
  picker.next(frame("0-", 1));
  strictEqual(picker.candidate?.name, "0-0");
  picker.next(frame("0K", 2));
  strictEqual(picker.candidate, undefined);
});

Deno.test("StillPicker.flush() begins anew: the same second can have another still", () => {
  const picker = new StillPicker<Named>();
  picker.next(frame("0K", 0));
  deepStrictEqual(picker.flush(), []);
  deepStrictEqual(picker.next(frame("0K", 1)).map(({ name }) => name), ["0K1"]);
});

Deno.test("StillPicker takes one frame of every second that has one to take", () => {
  const kind = fc.constantFrom("K", "-", "-", "-", "L");
  const step = fc.tuple(kind, fc.constantFrom(0, 0, 0, 1, 3));
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
    let second = 0;
    const frames = steps.map(([kind, passed], index) => frame(`${second += passed}${kind}`, index));
    const picker = new StillPicker<Named>();
    const chosen = [...frames.flatMap((each) => picker.next(each)), ...picker.flush()];
    const takable = frames.filter(({ isLeading }) => !isLeading);
    const seconds = [...new Set(takable.map(({ slotMs }) => slotMs))];
    deepStrictEqual(chosen.map(({ slotMs }) => slotMs), seconds);
    for (const { slotMs, isKey } of chosen) {
      ok(isKey || !takable.some((each) => each.slotMs === slotMs && each.isKey));
    }
  }));
});
