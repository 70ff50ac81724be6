import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Detection } from "../../src/model/vision.ts";
import { type Look, type Track, Tracker } from "../../src/vision/tracker.ts";
import { person, personAt } from "../support/sights.ts";

function look(picture: number, other: Partial<Look>): Look {
  return { atMs: 1_000_000 + picture * 200, moving: [], detections: [], looked: null, ...other };
}

/** Which thing each detection of each picture was, in the order of the detections. */
function follow(tracker: Tracker, pictures: readonly (readonly Detection[] | null)[]): Track[][] {
  return pictures.map((detections, index) => {
    const { seen } = tracker.follow(look(index, { detections }));
    return (detections ?? []).map((wanted) =>
      seen.find(({ detection }) => detection === wanted)!.track
    );
  });
}

Deno.test("Tracker follows a thing that moves half its width from picture to picture", () => {
  const pictures = [0.1, 0.15, 0.2, 0.25, 0.3].map((x) => [person(x)]);
  const tracks = follow(new Tracker(), pictures).flat();
  strictEqual(new Set(tracks).size, 1);
});

Deno.test("Tracker follows a car that moves two thirds of its length from picture to picture", () => {
  const car = (x: number) => ({
    class: "vehicle",
    score: 0.7,
    box: { x, y: 0.5, width: 0.24, height: 0.2 },
  });
  const tracks = follow(new Tracker(), [0, 0.16, 0.32, 0.48, 0.64].map((x) => [car(x)])).flat();
  strictEqual(new Set(tracks).size, 1);
});

Deno.test("Tracker keeps two people apart that cross, whatever their speeds and the noise", () => {
  const speed = fc.double({ min: 0.02, max: 0.06, noNaN: true });
  const jumps = fc.array(fc.double({ min: -0.005, max: 0.005, noNaN: true }), {
    minLength: 60,
    maxLength: 60,
  });
  fc.assert(fc.property(speed, speed, jumps, fc.boolean(), (right, left, noise, isSwapped) => {
    const tracker = new Tracker();
    const tracks = [];
    for (let picture = 0; picture < 20; picture += 1) {
      const places = [0.1 + right * picture, 0.9 - left * picture] as const;
      const along = places.map((x, index) => person(x + noise[picture * 2 + index]!));
      const both = isSwapped && picture % 2 === 1 ? along.toReversed() : along;
      const { seen } = tracker.follow(look(picture, { detections: both }));
      // Where one stands right in front of the other, nobody could tell.
      if (Math.abs(places[0] - places[1]) < 0.05) continue;
      tracks.push(along.map((wanted) => seen.find(({ detection }) => detection === wanted)?.track));
    }
    strictEqual(new Set(tracks.map(([first]) => first)).size, 1);
    strictEqual(new Set(tracks.map(([, second]) => second)).size, 1);
    ok(tracks[0]![0] !== tracks[0]![1]);
  }));
});

Deno.test("Tracker keeps who is who when one is hidden for 5 pictures of a crossing", () => {
  const hidden = new Set([8, 9, 10, 11, 12]);
  const right = (picture: number) => person(0.1 + 0.04 * picture);
  const left = (picture: number) => person(0.9 - 0.04 * picture);
  const tracker = new Tracker();
  const seen = Array.from({ length: 21 }, (_, picture) => {
    const detections = hidden.has(picture) ? [right(picture)] : [right(picture), left(picture)];
    const found = tracker.follow(look(picture, { detections })).seen;
    return detections.map((wanted) => found.find(({ detection }) => detection === wanted)?.track);
  });
  strictEqual(seen.at(-1)![0], seen[0]![0]);
  strictEqual(seen.at(-1)![1], seen[0]![1]);
});

Deno.test("Tracker knows a walker again after two seconds without a detection", () => {
  const walk = Array.from(
    { length: 20 },
    (_, picture) => picture >= 5 && picture < 15 ? [] : [person(0.1 + 0.03 * picture)],
  );
  strictEqual(new Set(follow(new Tracker(), walk).flat()).size, 1);
});

Deno.test("Tracker takes somebody who comes after three seconds for another one", () => {
  const walk = Array.from(
    { length: 20 },
    (_, picture) => picture >= 2 && picture < 17 ? [] : [person(0.5)],
  );
  strictEqual(new Set(follow(new Tracker(), walk).flat()).size, 2);
});

Deno.test("Tracker keeps a thing by its movement while the detector is busy", () => {
  const tracker = new Tracker();
  const [first] = tracker.follow(look(0, { detections: [person(0.1)] })).seen;
  tracker.follow(look(1, { detections: [person(0.12)] }));
  for (let picture = 2; picture < 40; picture += 1) {
    tracker.follow(look(picture, { detections: null, moving: [personAt(0.1 + 0.02 * picture)] }));
  }
  const { seen } = tracker.follow(look(40, { detections: [person(0.9)] }));
  strictEqual(seen[0]!.track, first!.track);
});

Deno.test("Tracker decides by the sum of scores what a thing is", () => {
  const as = (name: string, score: number) => ({ ...person(0.5), class: name, score });
  const tracker = new Tracker();
  [as("dog", 0.5), as("cat", 0.7), as("dog", 0.6)].forEach((detection, picture) =>
    tracker.follow(look(picture, { detections: [detection] }))
  );
  deepStrictEqual(tracker.tracks.map((track) => track.class), ["dog"]);
});

Deno.test("Tracker takes half of a person for the person", () => {
  const tracker = new Tracker();
  tracker.follow(look(0, { detections: [person(0.5)] }));
  const half = { ...person(0.5), box: { ...personAt(0.5), height: 0.2 } };
  tracker.follow(look(1, { detections: [person(0.5), half] }));
  strictEqual(tracker.tracks.length, 1);
});

const SHARES = [
  { name: "all of what moves alone", moving: [personAt(0.5)], want: [1] },
  { name: "nothing of what stands still", moving: [], want: [0] },
  { name: "half of what half moves", moving: [{ ...personAt(0.5), height: 0.2 }], want: [0.5] },
] as const;

for (const { name, moving, want } of SHARES) {
  Deno.test(`Tracker tells that movement is ${name}`, () => {
    const { seen } = new Tracker().follow(look(0, { detections: [person(0.5)], moving }));
    deepStrictEqual(seen.map(({ movingShare }) => Math.round(movingShare * 100) / 100), want);
  });
}

Deno.test("Tracker tells that the walker moves, and the car behind does not", () => {
  const car = { class: "vehicle", score: 0.8, box: { x: 0.3, y: 0.3, width: 0.4, height: 0.35 } };
  const walker = person(0.5);
  const { seen } = new Tracker().follow(
    look(0, { detections: [car, walker], moving: [walker.box] }),
  );
  const shareOf = (wanted: Detection) =>
    seen.find(({ detection }) => detection === wanted)!.movingShare;
  deepStrictEqual([shareOf(car), Math.round(shareOf(walker))], [0, 1]);
});
