import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { FrameLength, FrameStepper, stepTarget } from "../../page/recorded/frame_step.ts";
import { correctionOf, StepClock } from "../../page/recorded/in_step.ts";
import { mapOf } from "../../page/recorded/position_map.ts";
import { boxAt } from "../../page/recorded/traces.ts";

const WALL = Date.UTC(2026, 10, 22, 8);

/** Two seconds, a gap of eight, then four seconds: six in the player's time. */
const MAP = mapOf([
  { start: 0, duration: 1, programDateTime: WALL },
  { start: 1, duration: 1, programDateTime: WALL + 1_000 },
  { start: 2, duration: 4, programDateTime: WALL + 10_000 },
]);

Deno.test("mapOf() joins what follows each other and keeps gaps", () => {
  deepStrictEqual(MAP.stretches, [
    { startS: 0, endS: 2, wallMs: WALL },
    { startS: 2, endS: 6, wallMs: WALL + 10_000 },
  ]);
});

Deno.test("mapOf() carries the time on for pieces that have none", () => {
  const map = mapOf([
    { start: 0, duration: 1, programDateTime: WALL },
    { start: 1, duration: 2, programDateTime: null },
  ]);
  strictEqual(map.endMs, WALL + 3_000);
});

Deno.test("PositionMap.wallMsAt() jumps where footage has a gap", () => {
  strictEqual(MAP.wallMsAt(1.5), WALL + 1_500);
  strictEqual(MAP.wallMsAt(2), WALL + 10_000);
  strictEqual(mapOf([]).wallMsAt(1), undefined);
});

const PLACES = [
  { name: "finds an instant of the second stretch", atMs: 12_000, positionS: 4.001, isExact: true },
  { name: "goes to where footage goes on", atMs: 5_000, positionS: 2.001, isExact: false },
  { name: "goes to the beginning from before it", atMs: -9_000, positionS: 0.001, isExact: false },
] as const;

for (const { name, atMs, positionS, isExact } of PLACES) {
  Deno.test(`PositionMap.positionAt() ${name}`, () => {
    const place = MAP.positionAt(WALL + atMs)!;
    ok(Math.abs(place.positionS - positionS) < 1e-9, String(place.positionS));
    strictEqual(place.isExact, isExact);
  });
}

Deno.test("PositionMap.positionAt() knows nothing behind the end", () => {
  strictEqual(MAP.positionAt(WALL + 20_000), undefined);
});

Deno.test("stepTarget() lands in the middle of the next frame or of the one before", () => {
  ok(Math.abs(stepTarget(10, 1, 0.04) - 10.06) < 1e-9);
  ok(Math.abs(stepTarget(10, -1, 0.04) - 9.98) < 1e-9);
  strictEqual(stepTarget(0, -1, 0.04), 0);
});

const END_S = 10.28;

/** Shows the frames of a camera that left two out, a seek behind what is asked of it. */
class FakeVideo {
  seeking = false;
  paused = true;
  /** Where what is buffered begins; it reaches to the end. */
  bufferedS = 10;
  /** How often it was put somewhere. */
  seeks = 0;
  #currentTime = 0;
  #hadS = 0;
  readonly #frames = [10, 10.04, 10.08, 10.2, 10.24];

  get currentTime(): number {
    return this.#currentTime;
  }

  /** A player goes no further than its end. */
  set currentTime(atS: number) {
    this.seeks += 1;
    this.#hadS = this.bufferedS;
    this.#currentTime = Math.min(atS, END_S);
  }

  get buffered() {
    return { length: 1, start: () => this.bufferedS, end: () => END_S };
  }

  /** The seek ends. @returns The frame that shows, of those that were buffered as it was asked for. */
  show(): number {
    const [first] = this.#frames.filter((atS) => atS >= this.#hadS);
    return Math.max(first!, this.#frames.findLast((atS) => atS <= this.currentTime + 1e-9)!);
  }
}

Deno.test("FrameStepper steps from the picture that a seek under way will show", () => {
  const video = new FakeVideo();
  const stepper = new FrameStepper(video);
  stepper.shown(10);
  stepper.seek(10.041);
  video.seeking = true;
  stepper.step(1);
  strictEqual(video.currentTime, 10.041, "not from the old picture");
  video.seeking = false;
  stepper.shown(video.show());
  strictEqual(video.show(), 10.08);
});

Deno.test("FrameStepper looks for the next frame behind those that a camera left out", () => {
  const video = new FakeVideo();
  const stepper = new FrameStepper(video);
  stepper.usualFps = 25;
  stepper.seek(10.081);
  stepper.shown(video.show());
  stepper.step(1);
  for (let looks = 0; looks < 4; looks += 1) {
    // The same frame is not shown again: the player tells that the seek is over.
    if (video.show() === 10.08) stepper.settle();
    else stepper.shown(video.show());
  }
  strictEqual(video.show(), 10.2);
  stepper.step(-1);
  strictEqual(video.show(), 10.08);
});

Deno.test("FrameStepper stays at the last frame, and steps back from there", () => {
  const video = new FakeVideo();
  const stepper = new FrameStepper(video);
  stepper.usualFps = 25;
  stepper.seek(10.25);
  stepper.shown(video.show());
  stepper.step(1);
  const before = video.seeks;
  for (let looks = 0; looks < 10; looks += 1) stepper.settle();
  ok(video.seeks - before <= 1, `${video.seeks - before} more seeks`);
  stepper.step(-1);
  strictEqual(video.show(), 10.2);
});

Deno.test("FrameStepper gives up a step forward for one back", () => {
  const video = new FakeVideo();
  const stepper = new FrameStepper(video);
  stepper.usualFps = 25;
  stepper.seek(10.081);
  stepper.shown(video.show());
  stepper.step(1);
  video.seeking = true;
  stepper.step(-1);
  video.seeking = false;
  stepper.settle();
  strictEqual(video.show(), 10.04);
});

/** What leads to a frame that is not buffered, and that frame. */
const AHEAD: readonly {
  readonly name: string;
  readonly act: (stepper: FrameStepper, video: FakeVideo) => void;
  readonly rightS: number;
}[] = [
  { name: "a seek", act: (stepper) => stepper.seek(10.041), rightS: 10.04 },
  { name: "a step back", act: (stepper) => stepper.step(-1), rightS: 10.04 },
  {
    name: "two steps back, one after the other",
    act: (stepper, video) => {
      stepper.step(-1);
      stepper.shown(video.show());
      stepper.step(-1);
    },
    rightS: 10,
  },
];

for (const { name, act, rightS } of AHEAD) {
  Deno.test(`FrameStepper shows the right frame once it is buffered, after ${name}`, () => {
    const video = new FakeVideo();
    const stepper = new FrameStepper(video);
    stepper.usualFps = 25;
    video.bufferedS = 10.08;
    stepper.seek(10.081);
    stepper.shown(video.show());
    act(stepper, video);
    stepper.shown(video.show());
    strictEqual(video.show(), 10.08, "the first one that is buffered");
    video.bufferedS = 10;
    stepper.buffered();
    stepper.shown(video.show());
    strictEqual(video.show(), rightS);
    const before = video.seeks;
    stepper.buffered();
    strictEqual(video.seeks, before, "once");
  });
}

Deno.test("FrameStepper steps from the picture on show where it has played on from one that was not buffered", () => {
  const video = new FakeVideo();
  const stepper = new FrameStepper(video);
  stepper.usualFps = 25;
  video.bufferedS = 10.08;
  stepper.seek(10.041);
  video.paused = false;
  stepper.shown(10.08);
  stepper.shown(10.2);
  video.paused = true;
  video.bufferedS = 10;
  stepper.buffered();
  strictEqual(video.seeks, 1, "stays where it is");
  stepper.step(-1);
  strictEqual(video.show(), 10.08);
});

Deno.test("FrameStepper shows the right frame too where it is buffered while the wrong one is decoded", () => {
  const video = new FakeVideo();
  const stepper = new FrameStepper(video);
  video.bufferedS = 10.08;
  stepper.seek(10.041);
  video.seeking = true;
  video.bufferedS = 10;
  stepper.buffered();
  video.seeking = false;
  stepper.shown(video.show());
  strictEqual(video.show(), 10.04);
});

for (
  const { name, atS, paused } of [
    { name: "what plays", atS: 10.041, paused: false },
    { name: "what was buffered", atS: 10.201, paused: true },
  ]
) {
  Deno.test(`FrameStepper puts ${name} nowhere again`, () => {
    const video = new FakeVideo();
    const stepper = new FrameStepper(video);
    video.paused = paused;
    video.bufferedS = 10.08;
    stepper.seek(atS);
    stepper.shown(video.show());
    video.bufferedS = 10;
    stepper.buffered();
    strictEqual(video.seeks, 1);
  });
}

Deno.test("FrameStepper steps nowhere while a new source shows nothing, and then does", () => {
  const video = new FakeVideo();
  const stepper = new FrameStepper(video);
  stepper.reset();
  stepper.step(1);
  stepper.settle();
  strictEqual(video.currentTime, 0);
  video.currentTime = 10.001;
  stepper.shown(video.show());
  strictEqual(video.show(), 10.04);
});

Deno.test("FrameLength learns the shortest distance, seeks left out", () => {
  const length = new FrameLength();
  strictEqual(length.seconds, undefined);
  for (const atS of [5, 5.1, 5.2, 90, 90.1, 90.3]) length.note(atS);
  ok(Math.abs(length.seconds! - 0.1) < 1e-9);
});

const CORRECTIONS = [
  { name: "leaves a frame's difference alone", aheadMs: 20, rate: 1, kind: "none" },
  { name: "slows down who is ahead", aheadMs: 200, rate: 1, kind: "rate" },
  { name: "seeks where the difference is large", aheadMs: -1_500, rate: 1, kind: "seek" },
  { name: "allows more at speed", aheadMs: -1_500, rate: 4, kind: "rate" },
] as const;

for (const { name, aheadMs, rate, kind } of CORRECTIONS) {
  Deno.test(`correctionOf() ${name}`, () => {
    const correction = correctionOf(aheadMs, rate);
    strictEqual(correction.kind, kind);
    if (correction.kind === "rate") strictEqual(correction.rate < rate, aheadMs > 0);
  });
}

Deno.test("StepClock goes on at its speed, stands, and keeps its instant over changes", () => {
  let clockMs = 500;
  const clock = new StepClock(WALL, () => clockMs);
  clockMs += 1_000;
  strictEqual(clock.instantMs, WALL);
  clock.run(2);
  clockMs += 1_000;
  strictEqual(clock.instantMs, WALL + 2_000);
  clock.run(0);
  clockMs += 1_000;
  strictEqual(clock.instantMs, WALL + 2_000);
});

const box = (x: number) => ({ x, y: 0, width: 0.1, height: 0.1 });

Deno.test("boxAt() goes straight between two points, and nowhere over a long absence", () => {
  const points = [{ atMs: 0, box: box(0) }, { atMs: 1_000, box: box(0.5) }, {
    atMs: 9_000,
    box: box(0.9),
  }];
  strictEqual(boxAt({ points }, 500)?.x, 0.25);
  strictEqual(boxAt({ points }, 5_000), undefined);
  strictEqual(boxAt({ points }, 9_100)?.x, 0.9);
  strictEqual(boxAt({ points }, 9_900), undefined);
  strictEqual(boxAt({ points }, -100)?.x, 0);
});
