import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Orderable, PresentationOrder } from "../../src/media/presentation_order.ts";

/** Length of a frame, in ticks. */
const FRAME = 3_600;

/**
 * Frames in decode order out of words such as "I0 P3 B1 B2": kind and place in
 * the order shown. Decode times run ahead by as many frames as it takes.
 */
function frames(words: string): Orderable[] {
  const places = words.split(" ").map((word) => ({
    isKey: word.startsWith("I"),
    place: Number(word.slice(1)),
  }));
  const ahead = Math.max(...places.map(({ place }, index) => index - place));
  return places.map(({ isKey, place }, index) => ({
    isKey,
    pts: place * FRAME,
    dts: (index - ahead) * FRAME,
  }));
}

/** Places of what each push gives, then of what the flush gives. */
function ordered(decoded: readonly Orderable[]): number[][] {
  const order = new PresentationOrder();
  const given = [...decoded.map((frame) => order.push(frame)), order.flush()];
  return given.map((group) => group.map(({ pts }) => pts / FRAME));
}

const CASES = [
  {
    name: "passes frames on at once when there are no B-frames",
    words: "I0 P1 P2 P3 I4 P5",
    given: [[0], [1], [2], [3], [4], [5], []],
  },
  {
    name: "holds B-frames until the next reference frame",
    words: "I0 P3 B1 B2 P6 B4 B5",
    given: [[0], [], [], [], [1, 2, 3], [], [], [4, 5, 6]],
  },
  {
    name: "takes in a pyramid of B-frames",
    words: "I0 P4 B2 B1 B3 P8 B6 B5 B7",
    given: [[0], [], [], [], [], [1, 2, 3, 4], [], [], [], [5, 6, 7, 8]],
  },
  {
    name: "gives out everything before a key frame that begins a closed group",
    words: "I0 P2 B1 I3 P5 B4",
    given: [[0], [], [], [1, 2], [3], [], [4, 5]],
  },
  {
    name: "puts leading pictures before the key frame that they follow in the stream",
    words: "I0 P3 B1 B2 I6 B4 B5 P9 B7 B8",
    given: [[0], [], [], [], [1, 2, 3], [], [], [4, 5, 6], [], [], [7, 8, 9]],
  },
];

for (const { name, words, given } of CASES) {
  Deno.test(`PresentationOrder ${name}`, () => {
    const found = ordered(frames(words));
    deepStrictEqual(found.flat(), given.flat());
    // Never later than here, so that the JSON log keeps up with the stream.
    const shownBy = (groups: readonly number[][], pushes: number) => groups.slice(0, pushes).flat();
    for (const pushes of given.keys()) {
      ok(shownBy(found, pushes + 1).length >= shownBy(given, pushes).length, `after ${pushes}`);
    }
  });
}

Deno.test("PresentationOrder puts leading pictures first when a stream begins with them", () => {
  deepStrictEqual(ordered(frames("I2 B0 B1 P5 B3 B4")).flat(), [0, 1, 2, 3, 4, 5]);
});

Deno.test("PresentationOrder holds nothing for long when a camera's times jitter", () => {
  // Without B-frames each frame is decoded when it is shown.
  const times = [0, 3_500, 7_300, 10_800, 14_420].map((pts) => ({
    pts,
    dts: pts,
    isKey: pts === 0,
  }));
  const order = new PresentationOrder();
  const given = times.map((frame) => order.push(frame).length);
  // The first frame may wait for the second: only that tells what kind of stream it is.
  ok(
    given.every((_, index) => given.slice(0, index + 1).reduce((sum, each) => sum + each) >= index),
  );
  deepStrictEqual(given.slice(2), [1, 1, 1]);
  deepStrictEqual(order.flush(), []);
});

/** Places of the B-frames between two others, in decode order: the middle one first, or in a row. */
function between(from: number, to: number, isPyramid: boolean): number[] {
  if (to - from < 2) return [];
  if (!isPyramid) return Array.from({ length: to - from - 1 }, (_, index) => from + 1 + index);
  const middle = Math.floor((from + to) / 2);
  return [middle, ...between(from, middle, true), ...between(middle, to, true)];
}

interface MiniGop {
  readonly length: number;
  readonly isPyramid: boolean;
}

/** Closed groups, each a key frame and mini groups behind it. */
function closedGroups(groups: readonly (readonly MiniGop[])[]): string {
  const words: string[] = [];
  let place = 0;
  for (const group of groups) {
    words.push(`I${place}`);
    for (const { length, isPyramid } of group) {
      const bframes = between(place, place + length, isPyramid).map((each) => `B${each}`);
      words.push(`P${place + length}`, ...bframes);
      place += length;
    }
    place += 1;
  }
  return words.join(" ");
}

Deno.test("PresentationOrder gives every frame once, in the order shown, for any mini groups", () => {
  const miniGop = fc.record({ length: fc.integer({ min: 1, max: 8 }), isPyramid: fc.boolean() });
  const group = fc.array(miniGop, { maxLength: 6 });
  fc.assert(fc.property(fc.array(group, { minLength: 1, maxLength: 5 }), (groups) => {
    const decoded = frames(closedGroups(groups));
    deepStrictEqual(ordered(decoded).flat(), decoded.map((_, index) => index));
  }));
});

Deno.test("PresentationOrder never holds more than a mini group and the frame behind it", () => {
  const miniGop = fc.record({ length: fc.integer({ min: 1, max: 8 }), isPyramid: fc.boolean() });
  fc.assert(fc.property(fc.array(miniGop, { minLength: 1, maxLength: 12 }), (group) => {
    const longest = Math.max(...group.map(({ length }) => length));
    let held = 0;
    for (const given of ordered(frames(closedGroups([group]))).slice(0, -1)) {
      held += 1 - given.length;
      ok(held <= longest, `${held} frames are held`);
    }
  }));
});

Deno.test("PresentationOrder gives the rest of a stream once", () => {
  const order = new PresentationOrder();
  for (const frame of frames("I0 P2 B1")) order.push(frame);
  strictEqual(order.flush().length, 2);
  strictEqual(order.flush().length, 0);
});
