import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { prepareCamera, type PreparedCamera } from "../../src/app/prepare_camera.ts";
import type { BatchEntry, LedgerEntry } from "../../src/model/ledger.ts";
import {
  formatOpenHours,
  nothingOpen,
  openHoursPath,
  type OpenHoursState,
  parseOpenHours,
} from "../../src/model/open_hours.ts";
import { at, batchEntry, runStartEntry } from "../support/ledger_entries.ts";
import { type LedgerWorld, makeLedgerWorld } from "../support/ledger_world.ts";
import { type RecordedRunOptions, recordRun } from "../support/recorded_run.ts";

interface World extends AsyncDisposable {
  readonly root: string;
  readonly ledger: LedgerWorld;
  /** What was committed while the camera was prepared. */
  readonly committed: LedgerEntry[];
  prepare(): Promise<PreparedCamera>;
  /** Records a run and commits all but the rows of some batches; its open hours stay as a crash leaves them. */
  crash(options: RecordedRunOptions, without: readonly number[]): Promise<readonly BatchEntry[]>;
  writeOpen(text: string): Promise<void>;
  readOpen(): Promise<OpenHoursState | undefined>;
}

async function makeWorld(): Promise<World> {
  const ledger = await makeLedgerWorld();
  const { root } = ledger;
  const committed: LedgerEntry[] = [];
  const openPath = join(root, openHoursPath("front"));
  return {
    ...{ root, ledger, committed },
    prepare: () =>
      prepareCamera(root, "front", (entries) => {
        committed.push(...entries);
        deepStrictEqual(ledger.writer.commit(entries), []);
        return Promise.resolve();
      }),
    async crash(options, without) {
      const entries = await recordRun(root, options);
      const batches = entries.filter((entry): entry is BatchEntry => entry.type === "batch");
      const lost = without.map((number) => batches[number]);
      ledger.writer.commit(entries.filter((entry) => !lost.includes(entry as BatchEntry)));
      return batches;
    },
    async writeOpen(text) {
      await Deno.mkdir(dirname(openPath), { recursive: true });
      await Deno.writeTextFile(openPath, text);
    },
    async readOpen() {
      return parseOpenHours(await Deno.readTextFile(openPath));
    },
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  };
}

Deno.test("prepareCamera() begins at 0 where nothing was recorded, and writes nothing", async () => {
  await using world = await makeWorld();
  deepStrictEqual(await world.prepare(), {
    newestFrameId: 0,
    newestRun: 0,
    newestFootageMs: 0,
    openHours: nothingOpen("front", { newestFrameId: 0, newestRun: 0 }),
  });
  await rejects(world.readOpen(), Deno.errors.NotFound);
});

Deno.test("prepareCamera() goes on with the numbers of the database after a clean stop", async () => {
  await using world = await makeWorld();
  world.ledger.writer.commit([runStartEntry("front", 7_000), batchEntry(1, { run: 7_000 })]);
  const state = nothingOpen("front", { newestFrameId: 500, newestRun: 7_000 });
  await world.writeOpen(formatOpenHours(state));
  const newest = { newestFrameId: 500, newestRun: 7_000, newestFootageMs: at(20) };
  deepStrictEqual(await world.prepare(), { ...newest, openHours: state });
  deepStrictEqual(world.committed, []);
});

Deno.test("prepareCamera() mends what a crash left, commits it, and has nothing open then", async () => {
  await using world = await makeWorld();
  const batches = await world.crash({}, [2]);
  const newest = { newestFrameId: 150, newestRun: at(0) };
  const newestFootageMs = batches[2]!.endMs;
  const openHours = nothingOpen("front", newest);
  deepStrictEqual(await world.prepare(), { ...newest, newestFootageMs, openHours });
  deepStrictEqual(world.committed.find(({ type }) => type === "batch"), batches[2]);
  deepStrictEqual(await world.readOpen(), openHours);
  // It is not done again, and the numbers are the same.
  world.committed.length = 0;
  deepStrictEqual(await world.prepare(), { ...newest, newestFootageMs, openHours });
  deepStrictEqual(world.committed, []);
});

Deno.test("prepareCamera() never uses ids again of frames that the log has and the footage has not", async () => {
  await using world = await makeWorld();
  const batches = await world.crash({}, [2]);
  // The recording never reached the disk, its lines did.
  await Deno.truncate(join(world.root, batches[2]!.recordingPath), 0);
  const { newestFrameId } = await world.prepare();
  strictEqual(newestFrameId, 150);
  strictEqual((await world.prepare()).newestFrameId, 150);
});

Deno.test("prepareCamera() never uses ids again of frames that only the footage has", async () => {
  await using world = await makeWorld();
  const batches = await world.crash({}, [2]);
  await Deno.truncate(join(world.root, batches[2]!.framesPath), batches[2]!.framesOffset);
  strictEqual((await world.prepare()).newestFrameId, 150);
});

Deno.test("prepareCamera() goes on behind what was written down, though nothing else has it", async () => {
  await using world = await makeWorld();
  const newest = { newestFrameId: 9_000, newestRun: at(777) };
  await world.writeOpen(formatOpenHours(nothingOpen("front", newest)));
  const openHours = nothingOpen("front", newest);
  deepStrictEqual(await world.prepare(), { ...newest, newestFootageMs: 0, openHours });
});

for (const [name, text] of [["missing", undefined], ["torn", '{"format":"lookback-op']] as const) {
  Deno.test(`prepareCamera() looks everywhere when it is ${name} what may be unfinished`, async () => {
    await using world = await makeWorld();
    const first = await world.crash({ startMs: at(-86_400) }, [0]);
    const options = { startMs: at(7_200), startingFrameId: first.at(-1)!.endingFrameId + 1 };
    const second = await world.crash(options, [1]);
    if (text === undefined) await Deno.remove(join(world.root, openHoursPath("front")));
    else await world.writeOpen(text);
    const newest = { newestFrameId: 300, newestRun: at(7_200) };
    const newestFootageMs = second.at(-1)!.endMs;
    const openHours = nothingOpen("front", newest);
    deepStrictEqual(await world.prepare(), { ...newest, newestFootageMs, openHours });
    deepStrictEqual(
      world.committed.filter(({ type }) => type === "batch"),
      [first[0], second[1]],
    );
    deepStrictEqual(await world.readOpen(), openHours);
  });
}

Deno.test("prepareCamera() leaves what is open as it was when nothing can be committed", async () => {
  await using world = await makeWorld();
  await world.crash({}, [2]);
  const before = await world.readOpen();
  const failing = prepareCamera(world.root, "front", () => Promise.reject(new Error("no writer")));
  await rejects(failing, /no writer/);
  deepStrictEqual(await world.readOpen(), before);
  strictEqual((await world.prepare()).newestFrameId, 150);
});

Deno.test("prepareCamera() looks at no other hour than those that are open", async () => {
  await using world = await makeWorld();
  await world.crash({ startMs: at(-86_400) }, [0]);
  const { folders } = (await world.readOpen())!;
  strictEqual(folders.length, 1);
  await world.writeOpen(
    formatOpenHours({
      ...nothingOpen("front", { newestFrameId: 150, newestRun: at(0) }),
      folders: ["data/recordings/front/2026-11-21/20"],
      logs: [],
    }),
  );
  await world.prepare();
  deepStrictEqual(world.committed, []);
});
