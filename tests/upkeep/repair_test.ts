import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import { childBoxes } from "../../src/media/boxes.ts";
import { parseFrameLine } from "../../src/model/frame.ts";
import type { BatchEntry, LedgerEntry, RepairEntry } from "../../src/model/ledger.ts";
import { nothingOpen, type OpenHoursState } from "../../src/model/open_hours.ts";
import { Reader } from "../../src/store/reader.ts";
import { repairCamera, type Repaired } from "../../src/upkeep/repair.ts";
import { scanRecording } from "../../src/upkeep/recording_scan.ts";
import { at } from "../support/ledger_entries.ts";
import { makeLedgerWorld } from "../support/ledger_world.ts";
import { type RecordedRunOptions, recordRun } from "../support/recorded_run.ts";

const NOW_MS = at(1_000);

/** A run of three batches, recorded for real; of its rows a test commits those that it wants. */
interface World extends AsyncDisposable {
  readonly root: string;
  readonly entries: readonly LedgerEntry[];
  readonly batches: readonly BatchEntry[];
  readonly state: OpenHoursState;
  /** Absolute path of a batch's recording, or of its log. */
  recording(number: number): string;
  readonly log: string;
  commit(entries: readonly LedgerEntry[]): void;
  /** Commits everything but the rows of these batches. */
  commitWithout(...numbers: readonly number[]): void;
  repair(state?: OpenHoursState): Promise<Repaired>;
  /** Rows as entries, in order of their frames; without what the database gave them. */
  rows(): BatchEntry[];
}

async function makeWorld(options: RecordedRunOptions = {}): Promise<World> {
  const ledger = await makeLedgerWorld();
  const { root } = ledger;
  const entries = await recordRun(root, options);
  const batches = entries.filter((entry): entry is BatchEntry => entry.type === "batch");
  const commit = (some: readonly LedgerEntry[]) => deepStrictEqual(ledger.writer.commit(some), []);
  const state = {
    ...nothingOpen("front", { newestFrameId: 0, newestRun: 0 }),
    folders: [...new Set(batches.map(({ recordingPath }) => dirname(recordingPath)))],
    logs: [...new Set(batches.map(({ framesPath }) => framesPath))],
  };
  return {
    ...{ root, entries, batches, state, commit },
    recording: (number) => join(root, batches[number]!.recordingPath),
    log: join(root, batches[0]!.framesPath),
    commitWithout: (...numbers) =>
      commit(entries.filter((entry) => !numbers.some((number) => entry === batches[number]))),
    async repair(repaired = state) {
      using index = new Reader(root);
      return await repairCamera({ root, index, nowMs: NOW_MS }, repaired);
    },
    rows() {
      using reader = new Reader(root);
      return reader.batchesIn("front", { fromMs: unixMs(0), toMs: unixMs(9e12) }).map((row) => {
        const { batchId: _, timestamp: __, shiftMs: ___, seals, ...batch } = row;
        const { recordingSha256, framesSha256 } = seals!;
        return { type: "batch", ...batch, recordingSha256, framesSha256 };
      });
    },
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  };
}

/** Repairs that were noted, as kind and path. */
function notesOf({ entries }: Repaired): [kind: RepairEntry["kind"], path: string][] {
  return entries.filter((entry) => entry.type === "repair").map(({ kind, path }) => [kind, path]);
}

function batchesOf({ entries }: Repaired): BatchEntry[] {
  return entries.filter((entry) => entry.type === "batch");
}

/** The files say what the row says of them, and every line is that of its frame. */
async function checkRow(root: string, row: BatchEntry): Promise<void> {
  const recording = await Deno.readFile(join(root, row.recordingPath));
  strictEqual(recording.length, row.recordingBytes);
  strictEqual(createHash("sha256").update(recording).digest("hex"), row.recordingSha256);
  const log = await Deno.readFile(join(root, row.framesPath));
  const part = log.subarray(row.framesOffset, row.framesOffset + row.framesBytes);
  strictEqual(createHash("sha256").update(part).digest("hex"), row.framesSha256);
  const frames = new TextDecoder().decode(part).trimEnd().split("\n").map(parseFrameLine);
  deepStrictEqual(
    frames.map((frame) => frame?.frameId),
    Array.from({ length: row.frameCount }, (_, index) => row.startingFrameId + index),
  );
  const { seal, fragments, headSum, fault } = scanRecording(join(root, row.recordingPath));
  deepStrictEqual(seal, [headSum, ...fragments.map(({ sum }) => sum)]);
  strictEqual(fault, undefined);
}

/** Commits what was done, and sees that there is nothing more to do. */
async function settle(world: World, repaired: Repaired): Promise<void> {
  world.commit(repaired.entries);
  for (const row of world.rows()) await checkRow(world.root, row);
  deepStrictEqual((await world.repair()).entries, []);
}

/** Where the seal of a recording begins, and each of its fragments. */
async function placesOf(path: string): Promise<{ seal: number; fragments: number[] }> {
  let offset = 0;
  const fragments: number[] = [];
  let seal = 0;
  for (const { type, bytes } of childBoxes(await Deno.readFile(path))) {
    if (type === "moof") fragments.push(offset);
    if (type === "uuid") seal = offset;
    offset += bytes.length;
  }
  return { seal, fragments };
}

/** Cuts a log behind a number of its lines, and some bytes more. */
async function cutLog(path: string, lines: number, moreBytes = 0): Promise<void> {
  const text = await Deno.readTextFile(path);
  const kept = text.split("\n").slice(0, lines).join("\n").length + (lines > 0 ? 1 : 0);
  await Deno.truncate(path, kept + moreBytes);
}

Deno.test("repairCamera() finds nothing to do after a clean end", async () => {
  await using world = await makeWorld();
  world.commitWithout();
  deepStrictEqual(await world.repair(), { entries: [], newestFrameId: 0, newestRun: 0 });
  deepStrictEqual(world.rows(), world.batches);
});

Deno.test("repairCamera() looks only where something can be unfinished", async () => {
  await using world = await makeWorld();
  world.commitWithout(2);
  deepStrictEqual((await world.repair({ ...world.state, folders: [] })).entries, []);
});

for (const isSealed of [true, false]) {
  const name = isSealed ? "just closed" : "still open";
  Deno.test(`repairCamera() gives a recording that was ${name} the row that it would have had`, async () => {
    await using world = await makeWorld({ geoLocation: { lat: 1, lon: 2 } });
    const path = world.recording(2);
    if (!isSealed) await Deno.truncate(path, (await placesOf(path)).seal);
    world.commitWithout(2);
    const repaired = await world.repair();
    deepStrictEqual(batchesOf(repaired), [world.batches[2]]);
    deepStrictEqual(notesOf(repaired), [["row-made", world.batches[2]!.recordingPath]]);
    strictEqual(repaired.newestFrameId, 150);
    strictEqual(repaired.newestRun, at(0));
    await settle(world, repaired);
    deepStrictEqual(world.rows(), world.batches);
  });
}

Deno.test("repairCamera() gives every batch and the run their rows back when all are gone", async () => {
  await using world = await makeWorld();
  const repaired = await world.repair();
  deepStrictEqual(batchesOf(repaired), world.batches);
  const runs = repaired.entries.filter((entry) => entry.type === "run-start");
  deepStrictEqual(runs[0], world.entries.find((entry) => entry.type === "run-start"));
  await settle(world, repaired);
  deepStrictEqual(world.rows(), world.batches);
});

Deno.test("repairCamera() gives the same again when it was cut off before the commit", async () => {
  await using world = await makeWorld();
  const { fragments } = await placesOf(world.recording(2));
  await Deno.truncate(world.recording(2), fragments.at(-1)! + 20);
  world.commitWithout(1, 2);
  const first = await world.repair();
  const second = await world.repair();
  deepStrictEqual(batchesOf(second), batchesOf(first));
  deepStrictEqual([second.newestFrameId, second.newestRun], [first.newestFrameId, first.newestRun]);
  await settle(world, second);
});

const TORN = [
  {
    name: "within a fragment",
    tear: (places: number[]) => ({ at: places.at(-1)! + 500, kept: -1 }),
  },
  { name: "behind an index", tear: (places: number[]) => ({ at: places[2]! + 10, kept: 2 }) },
  { name: "behind its first fragment", tear: (places: number[]) => ({ at: places[1]!, kept: 1 }) },
];

for (const { name, tear } of TORN) {
  Deno.test(`repairCamera() cuts a recording back that is torn ${name}, and its lines with it`, async () => {
    await using world = await makeWorld();
    const path = world.recording(2);
    const { fragments } = await placesOf(path);
    const cut = tear(fragments);
    const whole = fragments.slice(0, cut.kept);
    const samples = scanRecording(path).fragments.slice(0, whole.length).flatMap(({ video }) =>
      video
    );
    await Deno.truncate(path, cut.at);
    world.commitWithout(2);
    const repaired = await world.repair();
    const [row] = batchesOf(repaired);
    strictEqual(row!.frameCount, samples.length);
    const { startMs, startingFrameId, framesOffset, recordingPath } = world.batches[2]!;
    deepStrictEqual(
      [row!.startMs, row!.startingFrameId, row!.framesOffset],
      [startMs, startingFrameId, framesOffset],
    );
    strictEqual(repaired.newestFrameId, row!.endingFrameId);
    const isTorn = cut.at !== fragments[cut.kept];
    deepStrictEqual(notesOf(repaired), [
      ...(isTorn ? [["tail-cut", recordingPath]] : []),
      ["log-cut", row!.framesPath],
      ["row-made", recordingPath],
    ]);
    await settle(world, repaired);
  });
}

Deno.test("repairCamera() cuts off what is no footage behind the last fragment", async () => {
  await using world = await makeWorld();
  const path = world.recording(2);
  await Deno.truncate(path, (await placesOf(path)).seal);
  await Deno.writeFile(path, new Uint8Array(70_000), { append: true });
  world.commitWithout(2);
  const repaired = await world.repair();
  deepStrictEqual(batchesOf(repaired), [world.batches[2]]);
  deepStrictEqual(notesOf(repaired).map(([kind]) => kind), ["tail-cut", "row-made"]);
  await settle(world, repaired);
});

const EMPTY = [
  { name: "that is empty", bytes: 0 },
  { name: "whose head is torn", bytes: 300 },
];

for (const { name, bytes } of EMPTY) {
  Deno.test(`repairCamera() removes a recording ${name}`, async () => {
    await using world = await makeWorld();
    await Deno.truncate(world.recording(2), bytes);
    world.commitWithout(2);
    const repaired = await world.repair();
    deepStrictEqual(notesOf(repaired), [["recording-removed", world.batches[2]!.recordingPath]]);
    await rejects(Deno.stat(world.recording(2)), Deno.errors.NotFound);
    await settle(world, repaired);
  });
}

Deno.test("repairCamera() removes a recording that ends before its first whole fragment", async () => {
  await using world = await makeWorld();
  const { fragments } = await placesOf(world.recording(2));
  await Deno.truncate(world.recording(2), fragments[1]! - 1);
  world.commitWithout(2);
  const repaired = await world.repair();
  deepStrictEqual(notesOf(repaired), [["recording-removed", world.batches[2]!.recordingPath]]);
  await settle(world, repaired);
});

/** What can have become of the log's end; the last batch's 50 lines are numbers 101 to 150. */
const LOGS: readonly {
  readonly name: string;
  readonly damage: (path: string) => Promise<void>;
  readonly notes: readonly RepairEntry["kind"][];
}[] = [
  { name: "is behind", damage: (path) => cutLog(path, 120), notes: ["log-completed"] },
  { name: "has none of the lines", damage: (path) => cutLog(path, 100), notes: ["log-completed"] },
  {
    name: "ends within a line",
    damage: (path) => cutLog(path, 120, 77),
    notes: ["log-cut", "log-completed"],
  },
  {
    name: "ends with zeros",
    damage: (path) => Deno.writeFile(path, new Uint8Array(4_096), { append: true }),
    notes: ["log-cut"],
  },
];

for (const { name, damage, notes } of LOGS) {
  Deno.test(`repairCamera() makes the log hold all lines when it ${name}`, async () => {
    await using world = await makeWorld();
    await damage(world.log);
    world.commitWithout(2);
    const repaired = await world.repair();
    deepStrictEqual(batchesOf(repaired), [world.batches[2]]);
    const { framesPath, recordingPath } = world.batches[2]!;
    deepStrictEqual(notesOf(repaired), [
      ...notes.map((kind) => [kind, framesPath]),
      ["row-made", recordingPath],
    ]);
    await settle(world, repaired);
    deepStrictEqual(world.rows(), world.batches);
  });
}

Deno.test("repairCamera() makes a log that is gone again", async () => {
  await using world = await makeWorld();
  await Deno.remove(dirname(world.log), { recursive: true });
  const repaired = await world.repair();
  deepStrictEqual(batchesOf(repaired), world.batches);
  await settle(world, repaired);
});

Deno.test("repairCamera() finds the lines of a recording before those of batches that have rows", async () => {
  await using world = await makeWorld();
  const before = await Deno.readTextFile(world.log);
  world.commitWithout(0, 1);
  const repaired = await world.repair();
  deepStrictEqual(batchesOf(repaired), world.batches.slice(0, 2));
  strictEqual(await Deno.readTextFile(world.log), before);
  await settle(world, repaired);
  deepStrictEqual(world.rows(), world.batches);
});

Deno.test("repairCamera() writes lines into a log of their own where others are in the way", async () => {
  await using world = await makeWorld();
  const text = await Deno.readTextFile(world.log);
  const lines = text.split("\n");
  // Half of the batch's lines, then those of a later run.
  const later = lines[0]!.replace(/"run":\d+/, '"run":99').replace(
    '"frame_id":1,',
    '"frame_id":900,',
  );
  await Deno.writeTextFile(world.log, [...lines.slice(0, 120), later, ""].join("\n"));
  const before = await Deno.readTextFile(world.log);
  world.commitWithout(2);
  const repaired = await world.repair();
  const framesPath = world.batches[2]!.framesPath.replace(".jsonl", "-2.jsonl");
  deepStrictEqual(batchesOf(repaired), [{ ...world.batches[2]!, framesPath, framesOffset: 0 }]);
  strictEqual(await Deno.readTextFile(world.log), before);
  await settle(world, repaired);
});

Deno.test("repairCamera() makes a known gap of a row whose recording is gone", async () => {
  await using world = await makeWorld();
  world.commitWithout();
  await Deno.remove(world.recording(1));
  const repaired = await world.repair();
  const { recordingPath, startMs, endMs } = world.batches[1]!;
  deepStrictEqual(notesOf(repaired), [["row-removed", recordingPath]]);
  const detail = `there is no file "${recordingPath}"`;
  const cause = "recording-missing";
  const cameraId = "front";
  deepStrictEqual(repaired.entries.slice(1), [
    { type: "event", cameraId, atMs: startMs, untilMs: endMs, kind: "frames-lost", cause, detail },
    { type: "deletion", cameraId, atMs: NOW_MS, cause, batchIds: [2], files: [] },
  ]);
  await settle(world, repaired);
  deepStrictEqual(world.rows(), [world.batches[0], world.batches[2]]);
  using reader = new Reader(world.root);
  const { chain, previousChain } = reader.batchesAfterId("front", 2, 1)[0]!.seals!;
  const first = reader.batchesAfterId("front", 0, 1)[0]!.seals!;
  ok(reader.isChainBreak("front", { previousChain: first.chain, chain: previousChain }));
  ok(chain !== previousChain);
});

Deno.test("repairCamera() leaves files alone whose deletion is on its way", async () => {
  await using world = await makeWorld();
  world.commitWithout();
  const files = [world.batches[0]!.recordingPath];
  const deletion = { type: "deletion", cameraId: "front", atMs: at(0), cause: "age" } as const;
  world.commit([{ ...deletion, batchIds: [1], files }]);
  deepStrictEqual((await world.repair()).entries, []);
  strictEqual((await Deno.stat(world.recording(0))).size, world.batches[0]!.recordingBytes);
});

Deno.test("repairCamera() removes half-written stills and keeps whole ones", async () => {
  await using world = await makeWorld({ stillsEveryMs: 1_000 });
  world.commitWithout();
  const folder = join(world.root, dirname(world.batches[0]!.recordingPath))
    .replace("data/recordings", "frames");
  const whole = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  ok(whole.length >= 6);
  await Deno.writeTextFile(`${folder}/570900.jpg.part`, "half a picture");
  const repaired = await world.repair();
  deepStrictEqual(notesOf(repaired), [
    ["file-removed", "frames/front/2026-11-21/20/570900.jpg.part"],
  ]);
  const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  deepStrictEqual(left, whole);
  await settle(world, repaired);
});

Deno.test("repairCamera() gives no row to the recording of another camera", async () => {
  await using world = await makeWorld();
  world.commitWithout();
  const entries = await recordRun(world.root, { cameraId: "yard" });
  const { recordingPath } = entries.find((entry) => entry.type === "batch")!;
  const copy = recordingPath.replace("yard", "front").replace(".mp4", "-9.mp4");
  await Deno.copyFile(join(world.root, recordingPath), join(world.root, copy));
  deepStrictEqual((await world.repair()).entries, []);
  await Deno.stat(join(world.root, copy));
});

Deno.test("repairCamera() makes known gaps of the oldest rows whose recordings went before them", async () => {
  await using world = await makeWorld();
  world.commitWithout();
  await Deno.remove(world.recording(0));
  // Nothing of theirs is open any more: the oldest are looked at all the same.
  const repaired = await world.repair({ ...world.state, folders: [] });
  deepStrictEqual(notesOf(repaired), [["row-removed", world.batches[0]!.recordingPath]]);
  await settle(world, repaired);
  deepStrictEqual(world.rows(), world.batches.slice(1));
});
