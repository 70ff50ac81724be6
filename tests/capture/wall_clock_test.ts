import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { monotonicMs, unixMs } from "../../src/base/units.ts";
import { type ArrivalVerdict, WallClock } from "../../src/capture/wall_clock.ts";

/** Wall time at stream time 0, as it truly is. */
const ORIGIN = Date.parse("2026-11-21T20:57:09.340Z");

/** Wall time minus monotonic time, while nobody sets the wall clock. */
const DISTANCE = ORIGIN - 777_000;

/** A stream of which a part arrives every so often. */
class Stream {
  readonly clock = new WallClock();
  readonly verdicts: ArrivalVerdict[] = [];
  /** By how much the wall clock was set since the stream began. */
  setByMs = 0;
  /** What the frames of an arrival fill. */
  filledMs = 200;

  /** Stream time `streamMs` arrives, late by `delayMs`. */
  arrive(streamMs: number, delayMs = 0): ArrivalVerdict {
    return this.arriveAt(streamMs + delayMs, streamMs);
  }

  /** Stream time `streamMs` arrives `atMs` after the true origin. */
  arriveAt(atMs: number, streamMs: number): ArrivalVerdict {
    const wallMs = unixMs(Math.round(ORIGIN + atMs) + this.setByMs);
    const verdict = this.clock.observe({
      wallMs,
      monotonicMs: monotonicMs(wallMs - DISTANCE - this.setByMs),
      streamEndMs: streamMs,
      filledMs: this.filledMs,
    });
    this.verdicts.push(verdict);
    return verdict;
  }

  /** Arrivals every 200 ms of stream time, each late by what `delayOf` says. */
  play(fromMs: number, toMs: number, delayOf: (streamMs: number) => number = () => 0): void {
    for (let at = fromMs; at < toMs; at += 200) this.arrive(at, delayOf(at));
  }

  /** How far the learnt origin lies from the true one, in milliseconds; the clock as set now. */
  get errorMs(): number {
    return this.clock.originMs - ORIGIN - this.setByMs;
  }
}

Deno.test("observe() learns the origin from the arrival that was delayed least", () => {
  const stream = new Stream();
  const delays = [90, 40, 7, 55, 300, 12];
  for (const [index, delayMs] of delays.entries()) {
    stream.arrive((index + 1) * 200, delayMs);
    strictEqual(stream.errorMs, Math.min(...delays.slice(0, index + 1)));
  }
});

Deno.test("observe() is not misled by a burst of old frames when a camera starts", () => {
  const stream = new Stream();
  // Four seconds that the camera had kept arrive within 100 ms.
  for (let index = 0; index <= 20; index += 1) stream.arriveAt(4_000 + index * 5, index * 200);
  stream.play(4_200, 6_000, () => 10);
  ok(stream.clock.isSettled);
  strictEqual(stream.errorMs, 10);
});

Deno.test("isSettled is false for the first second and true after it when arrivals are steady", () => {
  const stream = new Stream();
  stream.play(0, 1_000);
  strictEqual(stream.clock.isSettled, false);
  stream.play(1_000, 1_200);
  strictEqual(stream.clock.isSettled, true);
});

Deno.test("isSettled waits half a second after the last burst", () => {
  const stream = new Stream();
  stream.play(0, 800, () => 500);
  stream.arrive(1_000, 0);
  stream.play(1_200, 1_500);
  strictEqual(stream.clock.isSettled, false);
  stream.play(1_600, 1_700);
  strictEqual(stream.clock.isSettled, true);
  strictEqual(stream.errorMs, 0);
});

Deno.test("isSettled is true after three seconds even when arrivals never get steady", () => {
  const stream = new Stream();
  // Each arrival is 30 ms less late than the one before.
  stream.play(0, 2_800, (at) => 3_000 - at * 0.15);
  strictEqual(stream.clock.isSettled, false);
  stream.play(2_800, 4_000, (at) => 3_000 - at * 0.15);
  strictEqual(stream.clock.isSettled, true);
});

Deno.test("settle() believes at once what was learnt", () => {
  const stream = new Stream();
  stream.arrive(200, 25);
  stream.clock.settle();
  strictEqual(stream.clock.isSettled, true);
  stream.arrive(400, 0);
  strictEqual(stream.errorMs, 25);
});

Deno.test("observe() leaves a settled origin alone, so that a file has one", () => {
  const stream = new Stream();
  stream.play(0, 2_000, () => 100);
  stream.play(2_000, 12_000, (at) => at % 1_000);
  strictEqual(stream.errorMs, 100);
});

/** Plays batches of 10 s and steers after each. Returns how far each moved the origin. */
function steerBatches(
  stream: Stream,
  plan: { readonly delays: readonly number[]; readonly limitMs: number },
): number[] {
  return plan.delays.map((delayMs, index) => {
    stream.play(10_000 * (index + 1), 10_000 * (index + 2), (at) => delayMs + at % 1_000 / 10);
    return stream.clock.steer(plan.limitMs);
  });
}

Deno.test("steer() moves the origin down in steps of at most its limit until it fits", () => {
  const stream = new Stream();
  stream.play(0, 10_000, () => 12);
  const moved = steerBatches(stream, { delays: [0, 0, 0, 0], limitMs: 5 });
  deepStrictEqual(moved, [-5, -5, -2, 0]);
  strictEqual(stream.errorMs, 0);
});

Deno.test("steer() moves the origin up only when all of the last six batches were late", () => {
  const stream = new Stream();
  stream.play(0, 10_000);
  const moved = steerBatches(stream, { delays: [0, 30, 30, 30, 30, 30, 30, 30], limitMs: 5 });
  deepStrictEqual(moved, [0, 0, 0, 0, 0, 0, 5, 5]);
});

Deno.test("steer() moves nothing when nothing arrived or was learnt since", () => {
  const stream = new Stream();
  stream.play(0, 2_000, () => 50);
  strictEqual(stream.clock.steer(5), 0);
  strictEqual(stream.errorMs, 50);
});

Deno.test("steer() follows a camera whose clock is off by 100 ppm within 5 ms for an hour", () => {
  const stream = new Stream();
  // The camera's second is 0.1 ms too long: its stream falls behind.
  const delayOf = (at: number) => at * 0.0001;
  stream.play(0, 10_000, delayOf);
  for (let batch = 1; batch < 360; batch += 1) {
    stream.play(batch * 10_000, (batch + 1) * 10_000, delayOf);
    stream.clock.steer(5);
    // Up to six batches of 1 ms each are waited for before the origin goes up.
    const errorMs = stream.errorMs - delayOf(batch * 10_000);
    ok(Math.abs(errorMs) <= 8, `off by ${errorMs} ms after ${batch} batches`);
  }
});

const STEPS = [
  { name: "an hour back", stepMs: -3_600_000 },
  { name: "two seconds ahead", stepMs: 2_000 },
  { name: "a second back", stepMs: -1_000 },
];

for (const { name, stepMs } of STEPS) {
  Deno.test(`observe() tells once that the wall clock was set ${name}`, () => {
    const stream = new Stream();
    stream.play(0, 5_000);
    stream.setByMs = stepMs;
    deepStrictEqual(stream.arrive(5_000), { type: "clock-step", stepMs });
    deepStrictEqual(stream.arrive(5_200), { type: "normal" });
  });

  Deno.test(`step() moves the origin along when the wall clock was set ${name}`, () => {
    const stream = new Stream();
    stream.play(0, 5_000, () => 8);
    // What batches before the step showed says nothing of the time after it.
    stream.clock.steer(5);
    stream.setByMs = stepMs;
    stream.arrive(5_000, 8);
    // The run goes on up to its next key frame, in the old wall time.
    stream.play(5_200, 7_000, () => 8);
    strictEqual(stream.clock.originMs - ORIGIN, 8);
    stream.clock.step(stepMs);
    strictEqual(stream.errorMs, 8);
    stream.play(7_000, 17_000, () => 8);
    strictEqual(stream.clock.steer(5), 0);
    ok(stream.verdicts.every(({ type }) => type !== "stream-jump"));
  });

  Deno.test(`step() gives the right origin when the wall clock was set ${name} while it was learnt`, () => {
    const stream = new Stream();
    stream.play(0, 600, () => 8);
    stream.setByMs = stepMs;
    stream.play(600, 2_000, () => 8);
    ok(stream.clock.isSettled);
    stream.clock.step(stepMs);
    strictEqual(stream.errorMs, 8);
  });
}

Deno.test("observe() leaves small steps of the wall clock to steering", () => {
  const stream = new Stream();
  stream.play(0, 5_000);
  stream.setByMs = 900;
  deepStrictEqual(stream.arrive(5_000), { type: "normal" });
});

Deno.test("observe() tells when the camera's time stamps jump ahead", () => {
  const stream = new Stream();
  stream.play(0, 5_000, () => 10);
  deepStrictEqual(stream.arriveAt(5_010, 7_000), { type: "normal" });
  deepStrictEqual(stream.arriveAt(5_010, 7_001), { type: "stream-jump", aheadMs: 2_001 });
  deepStrictEqual(stream.arriveAt(5_210, 5_200), { type: "normal" });
});

Deno.test("observe() tells of a jump that grows out of several, each of them small", () => {
  const stream = new Stream();
  stream.play(0, 5_000);
  deepStrictEqual(stream.arriveAt(5_000, 6_500), { type: "normal" });
  deepStrictEqual(stream.arriveAt(5_200, 8_000), { type: "stream-jump", aheadMs: 2_800 });
});

Deno.test("lost says that all was late while it was learnt, and no frame is given up", () => {
  const stream = new Stream();
  // Five seconds late for as long as it is learnt, then a busy box catches up.
  stream.play(0, 4_000, () => 5_000);
  ok(stream.clock.isSettled);
  stream.play(4_000, 9_000, (at) => Math.max(0, 5_000 - 2 * (at - 4_000)));
  ok(stream.verdicts.every(({ type }) => type === "normal"));
  strictEqual(stream.clock.lost, "learnt-late");
  strictEqual(stream.errorMs, 5_000);
  stream.clock.steer(5);
  strictEqual(stream.clock.lost, "learnt-late", "also behind a batch that ends meanwhile");
});

Deno.test("observe() forgets the pauses of a camera: what is late after them is no jump", () => {
  const stream = new Stream();
  stream.play(0, 4_000, () => 5_000);
  // It films nothing for ten seconds, and wall time passes too.
  stream.play(14_000, 15_000, () => 5_000);
  stream.play(15_000, 19_000, () => 0);
  ok(stream.verdicts.every(({ type }) => type === "normal"));
  strictEqual(stream.clock.lost, "learnt-late");
});

Deno.test("observe() knows a jump in the arrival that brings it, also with a step of the wall clock", () => {
  const jumped = new Stream();
  jumped.play(0, 5_000);
  deepStrictEqual(jumped.arriveAt(5_000, 8_600), { type: "stream-jump", aheadMs: 3_600 });
  const both = new Stream();
  both.play(0, 5_000);
  both.setByMs = 3_600_000;
  deepStrictEqual(both.arriveAt(5_000, 8_600), { type: "clock-step", stepMs: 3_600_000 });
  deepStrictEqual(both.arriveAt(5_200, 8_800), { type: "stream-jump", aheadMs: 3_600 });
});

Deno.test("observe() gives a late stream up that has no key frame for a minute", () => {
  const stream = new Stream();
  stream.play(0, 4_000, () => 5_000);
  stream.play(4_000, 60_000);
  ok(stream.verdicts.every(({ type }) => type === "normal"));
  stream.play(60_000, 66_000);
  strictEqual(stream.verdicts.at(-1)?.type, "stream-jump");
});

Deno.test("observe() takes B-frames, whose ends come and go, for a stream without holes", () => {
  const stream = new Stream();
  stream.play(0, 4_000, () => 5_000);
  // The ends of fragments lie up to three frames further than what came fills.
  for (let at = 4_000; at < 12_000; at += 200) stream.arriveAt(at, at + at / 200 % 4 * 40);
  ok(stream.verdicts.every(({ type }) => type === "normal"));
  strictEqual(stream.clock.lost, "learnt-late");
});

Deno.test("observe() takes time stamps that run ahead for a burst while it learns", () => {
  const stream = new Stream();
  deepStrictEqual(stream.arriveAt(0, 0), { type: "normal" });
  deepStrictEqual(stream.arriveAt(10, 20_000), { type: "normal" });
});

Deno.test("originMs is never later than any arrival allows while it is learnt", () => {
  const delays = fc.array(fc.integer({ min: -500, max: 2_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(delays, (delays) => {
    const stream = new Stream();
    let least = Infinity;
    for (const [index, delayMs] of delays.entries()) {
      if (!stream.clock.isSettled) least = Math.min(least, delayMs);
      stream.arrive(index * 200, delayMs);
      strictEqual(stream.errorMs, least);
    }
  }));
});

Deno.test("steer() never moves past the least arrival of six batches, nor by more than its limit", () => {
  const batch = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 10 });
  const batches = fc.array(batch, { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(batches, fc.integer({ min: 1, max: 20 }), (batches, limitMs) => {
    const stream = new Stream();
    stream.arrive(0, 100);
    stream.clock.settle();
    const least: number[] = [];
    for (const [index, delays] of batches.entries()) {
      for (const [part, delayMs] of delays.entries()) {
        stream.arrive(1_000 + index * 10_000 + part * 500, delayMs);
      }
      least.push(Math.min(...delays));
      const wanted = Math.min(...least.slice(-6));
      const before = stream.errorMs;
      const moved = stream.clock.steer(limitMs);
      strictEqual(stream.errorMs - before, moved);
      ok(Math.abs(moved) <= limitMs);
      // Towards what is wanted, and never beyond it.
      ok(
        Math.sign(moved) === Math.sign(wanted - before) &&
          Math.abs(moved) <= Math.abs(wanted - before),
      );
    }
  }));
});
