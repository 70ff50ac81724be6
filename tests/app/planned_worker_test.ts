import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type FromPlannedWorker,
  PlannedWorker,
  type PlannedWorkerParts,
} from "../../src/app/planned_worker.ts";
import type { ReloadAnswer } from "../../src/app/reload_calls.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { FromPlannedTold, ToldPlan, ToPlannedTold } from "../support/planned_told_worker.ts";
import { until } from "../support/until.ts";

type Parts = PlannedWorkerParts<ToldPlan, FromPlannedTold>;
type Said = Exclude<FromPlannedTold, FromPlannedWorker>;

interface World extends AsyncDisposable {
  readonly worker: PlannedWorker<ToldPlan, ToPlannedTold, FromPlannedTold>;
  readonly clock: FakeClock;
  /** What happened, in order. */
  readonly story: string[];
  readonly has: (what: string) => Promise<number>;
}

function openWorker(parts: Partial<Parts> = {}): World {
  const clock = new FakeClock();
  const story: string[] = [];
  const worker: World["worker"] = new PlannedWorker<ToldPlan, ToPlannedTold, FromPlannedTold>({
    room: "told",
    startWorker: () =>
      new Worker(new URL("../support/planned_told_worker.ts", import.meta.url), { type: "module" }),
    startOf: ({ start }) => start,
    onStart: (plan) => worker.post({ type: "start", plan }),
    onMessage: ({ text }: Said) => story.push(text),
    onLog: () => {},
    onGone: () => story.push("gone"),
    report: () => story.push("report"),
    readSettings: undefined,
    stopLimitMs: 3_000,
    farewellMs: 0,
    clock,
    ...parts,
  });
  const has = (what: string) => until(() => story.includes(what), { limitMs: 10_000, what });
  return { worker, clock, story, has, [Symbol.asyncDispose]: () => worker.stop() };
}

/** Settings that are read when the test says so; one promise for each time that they are asked for. */
function slowSettings() {
  const asked: PromiseWithResolvers<ReloadAnswer>[] = [];
  const readSettings = () => {
    const next = Promise.withResolvers<ReloadAnswer>();
    asked.push(next);
    return next.promise;
  };
  const areAsked = (times: number) =>
    until(() => asked.length === times, { limitMs: 10_000, what: `${times} questions` });
  const answer = (index: number) => asked[index]!.resolve({ ok: true, text: "read" });
  return { readSettings, areAsked, answer };
}

Deno.test("PlannedWorker hands on a plan that needs no other Worker, and starts one for a plan that does", async () => {
  await using world = openWorker();
  const { worker, clock, story, has } = world;
  worker.reload(null);
  strictEqual(worker.isUp, false);
  worker.reload({ start: "a", name: "1" });
  await has("start 1");
  await clock.advance(1_000);
  worker.reload({ start: "a", name: "2" });
  await has("plan 2");
  worker.reload({ start: "b", name: "3" });
  await has("start 3");
  worker.reload(null);
  await worker.stop();
  deepStrictEqual(story, ["start 1", "report", "plan 2", "gone", "start 3", "gone"]);
  deepStrictEqual([worker.isUp, worker.failures, worker.plan], [false, 0, null]);
});

Deno.test("PlannedWorker starts none once it is stopped", async () => {
  await using world = openWorker();
  const { worker, story, has } = world;
  worker.reload({ start: "a", name: "1" });
  await has("start 1");
  await worker.stop();
  worker.reload({ start: "b", name: "2" });
  deepStrictEqual([story, worker.isUp], [["start 1", "gone"], false]);
});

Deno.test("PlannedWorker answers who had the settings read, before it starts another for them", async () => {
  await using world: World = openWorker({
    readSettings() {
      world.worker.reload({ start: "b", name: "2" });
      return Promise.resolve({ ok: true, text: "read" });
    },
  });
  const { worker, story, has } = world;
  worker.reload({ start: "a", name: "1" });
  await has("start 1");
  worker.post({ type: "ask", id: 7 });
  await has("start 2");
  deepStrictEqual(story, ["start 1", "reloaded 7: read", "gone", "start 2"]);
});

Deno.test("PlannedWorker says why settings can't be read", async () => {
  await using world = openWorker();
  const { worker, has } = world;
  worker.reload({ start: "a", name: "1" });
  await has("start 1");
  worker.post({ type: "ask", id: 1 });
  await has("reloaded 1: settings can't be read again here");
});

Deno.test("PlannedWorker answers all who had the settings read, and starts one for the newest plan", async () => {
  const { readSettings, areAsked, answer } = slowSettings();
  await using world = openWorker({ readSettings });
  const { worker, story, has } = world;
  worker.reload({ start: "a", name: "1" });
  await has("start 1");
  for (const id of [1, 2]) worker.post({ type: "ask", id });
  await areAsked(2);
  worker.reload({ start: "b", name: "2" });
  worker.reload({ start: "b", name: "3" });
  answer(0);
  await has("reloaded 1: read");
  answer(1);
  await has("start 3");
  deepStrictEqual(story, ["start 1", "reloaded 1: read", "reloaded 2: read", "gone", "start 3"]);
});

Deno.test("PlannedWorker starts none for settings that are read when it is stopped", async () => {
  const { readSettings, areAsked, answer } = slowSettings();
  await using world = openWorker({ readSettings });
  const { worker, clock, story, has } = world;
  worker.reload({ start: "a", name: "1" });
  await has("start 1");
  worker.post({ type: "ask", id: 1 });
  await areAsked(1);
  worker.reload({ start: "b", name: "2" });
  await worker.stop();
  answer(0);
  await clock.advance(1_000);
  deepStrictEqual([story, worker.isUp], [["start 1", "gone"], false]);
});
