import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type FromKeptWorker,
  KeptWorker,
  type KeptWorkerParts,
} from "../../src/app/kept_worker.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { FromTold, ToTold } from "../support/told_worker.ts";
import { until } from "../support/until.ts";

type Said = Exclude<FromTold, FromKeptWorker>;

interface World extends AsyncDisposable {
  readonly kept: KeptWorker<ToTold, FromTold>;
  readonly clock: FakeClock;
  /** What happened, in order. */
  readonly story: string[];
  readonly has: (what: string) => Promise<number>;
}

/** A Worker that is given its number when it starts. */
function keepOne(parts: Partial<KeptWorkerParts<FromTold>> = {}): World {
  const clock = new FakeClock();
  const story: string[] = [];
  let started = 0;
  const kept: World["kept"] = new KeptWorker<ToTold, FromTold>({
    room: "told",
    startWorker: () =>
      new Worker(new URL("../support/told_worker.ts", import.meta.url), { type: "module" }),
    onStart: () => kept.post({ type: "number", number: ++started }),
    onMessage: ({ number }: Said) => story.push(`got ${number}`),
    onLog: () => {},
    onGone: () => story.push("gone"),
    onFailed: () => story.push("failed"),
    clock,
    ...parts,
  });
  const has = (what: string) => until(() => story.includes(what), { limitMs: 10_000, what });
  return { kept, clock, story, has, [Symbol.asyncDispose]: () => kept.stop() };
}

Deno.test("KeptWorker starts a Worker once and ends it in order", async () => {
  await using world = keepOne();
  const { kept, story, has } = world;
  strictEqual(kept.isUp, false);
  kept.start();
  kept.start();
  strictEqual(kept.isUp, true);
  await has("got 1");
  await kept.stop();
  kept.start();
  deepStrictEqual(story, ["got 1", "gone"]);
  deepStrictEqual([kept.isUp, kept.failures], [false, 0]);
});

Deno.test("KeptWorker starts another Worker after a pause when one says that it failed", async () => {
  await using world = keepOne();
  const { kept, clock, story, has } = world;
  kept.start();
  kept.post({ type: "fail", reason: "out of luck" });
  await has("failed");
  deepStrictEqual([kept.isUp, kept.failures], [false, 1]);
  await until(() => clock.sleeping === 1, { limitMs: 1_000, what: "the pause" });
  await clock.advance(1_000);
  await has("got 2");
  deepStrictEqual(story, ["got 1", "gone", "failed", "got 2"]);
});

Deno.test("KeptWorker waits longer after each failure, and not after one of a Worker that was well", async () => {
  await using world = keepOne();
  const { kept, clock } = world;
  const failOnce = async (ranMs: number) => {
    await until(() => kept.isUp, { limitMs: 10_000, what: "a Worker" });
    await clock.advance(ranMs);
    kept.post({ type: "fail", reason: "a defect" });
    await until(() => clock.sleeping === 1, { limitMs: 10_000, what: "the pause" });
    await clock.advance(30_000);
  };
  kept.start();
  for (const ranMs of [0, 0, 0, 10 * 60_000]) await failOnce(ranMs);
  const [first, second, third, afterWell] = clock.slept as [number, number, number, number];
  ok(first > 500 && second > first && third > second, `paused ${clock.slept}`);
  ok(afterWell <= 1_000, `paused ${clock.slept}`);
  strictEqual(kept.failures, 4);
});

Deno.test("KeptWorker starts none after a failure where none is wanted any more, until it is started", async () => {
  let isWanted = true;
  await using world = keepOne({ isWanted: () => isWanted });
  const { kept, clock, has, story } = world;
  kept.start();
  await has("got 1");
  isWanted = false;
  kept.post({ type: "throw", reason: "a defect" });
  await until(() => clock.sleeping === 1, { limitMs: 10_000, what: "the pause" });
  await clock.advance(1_000);
  deepStrictEqual(story, ["got 1", "gone", "failed"]);
  kept.start();
  await has("got 2");
});

Deno.test("KeptWorker ends a Worker that does not stop in time", async () => {
  await using world = keepOne({ stopLimitMs: 3_000 });
  const { kept, clock, has, story } = world;
  kept.start();
  kept.post({ type: "deafen" });
  await has("got 1");
  const stopped = kept.stop();
  await clock.advance(3_000);
  await stopped;
  deepStrictEqual(story, ["got 1", "gone"]);
});

Deno.test("KeptWorker stops at once between two tries", async () => {
  await using world = keepOne();
  const { kept, clock } = world;
  kept.start();
  kept.post({ type: "fail", reason: "out of luck" });
  await until(() => clock.sleeping === 1, { limitMs: 10_000, what: "the pause" });
  await kept.stop();
  strictEqual(kept.isUp, false);
});
