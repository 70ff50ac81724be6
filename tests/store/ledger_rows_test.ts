import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { isoUtc, type UnixMs, unixMs } from "../../src/base/units.ts";
import type {
  BatchEntry,
  CheckEntry,
  DeletionEntry,
  RepairEntry,
  RunShiftEntry,
} from "../../src/model/ledger.ts";
import { at, batchEntry, eventEntry, runStartEntry } from "../support/ledger_entries.ts";
import { ledgerHistory } from "../support/ledger_history.ts";
import { type LedgerWorld, makeLedgerWorld, type Row } from "../support/ledger_world.ts";

const NOTHING = "0".repeat(64);

/** A batch's chain value, as docs/design/storage.md says it is made. */
function chainOf(batch: BatchEntry, previous: string): string {
  const lines = [
    "lookback-chain-1",
    previous,
    batch.cameraId,
    `${batch.run}`,
    `${batch.startingFrameId}`,
    `${batch.endingFrameId}`,
    `${batch.startMs}`,
    `${batch.endMs}`,
    batch.recordingSha256,
    batch.framesSha256,
  ];
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

function deletion(
  batchIds: readonly number[],
  changes: Partial<DeletionEntry> = {},
): DeletionEntry {
  const cameraId = "front";
  return { type: "deletion", cameraId, atMs: at(0), cause: "age", batchIds, files: [], ...changes };
}

function chains({ rows }: LedgerWorld, cameraId = "front"): unknown[][] {
  return rows(`select previous_chain, chain from batches where camera_id = '${cameraId}'
    order by batch_id`).map(Object.values);
}

Deno.test("insert() chains each camera's batches in the order in which they are committed", async () => {
  await using world = await makeLedgerWorld();
  const [first, second, third] = [0, 1, 2].map((number) => batchEntry(number));
  const yard = batchEntry(7, { cameraId: "yard" });
  // The order is that of the commit, not that of the frames.
  world.writer.commit([first!, yard, third!]);
  world.writer.commit([second!]);
  const firstChain = chainOf(first!, NOTHING);
  const thirdChain = chainOf(third!, firstChain);
  deepStrictEqual(chains(world), [
    [NOTHING, firstChain],
    [firstChain, thirdChain],
    [thirdChain, chainOf(second!, thirdChain)],
  ]);
  deepStrictEqual(chains(world, "yard"), [[NOTHING, chainOf(yard, NOTHING)]]);
});

Deno.test("insert() goes on with the chain after a restart and after all batches were deleted", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([batchEntry(0), batchEntry(1)]);
  const last = String(chains(world)[1]![1]);
  world.writer.commit([deletion([1, 2])]);
  world.reopen();
  world.writer.commit([batchEntry(2)]);
  deepStrictEqual(chains(world), [[last, chainOf(batchEntry(2), last)]]);
  deepStrictEqual(world.rows("select previous_chain, chain from chain_breaks").map(Object.values), [
    [NOTHING, last],
  ]);
});

Deno.test("insert() chains the times as they were written when the run is shifted", async () => {
  await using world = await makeLedgerWorld();
  const shift = { type: "run-shift", cameraId: "front", run: at(0), shiftMs: 3_600_000 } as const;
  world.writer.commit([runStartEntry(), batchEntry(0), shift, batchEntry(1)]);
  const first = chainOf(batchEntry(0), NOTHING);
  deepStrictEqual(chains(world), [[NOTHING, first], [first, chainOf(batchEntry(1), first)]]);
});

/** Pieces of a chain of `count` batches that are gone, as [first, behind the last] each. */
function holes(count: number, gone: ReadonlySet<number>): number[][] {
  const found: number[][] = [];
  for (let number = 0; number < count; number += 1) {
    if (!gone.has(number)) continue;
    if (found.at(-1)?.[1] === number) found.at(-1)![1] = number + 1;
    else found.push([number, number + 1]);
  }
  return found;
}

Deno.test("insert() keeps one chain break for each hole, in whatever order batches are deleted", async () => {
  await using world = await makeLedgerWorld();
  const COUNT = 12;
  const shuffled = fc.shuffledSubarray(Array.from({ length: COUNT }, (_, number) => number));
  const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: COUNT, maxLength: COUNT });
  let camera = 0;
  let firstId = 1;
  fc.assert(
    fc.property(shuffled, cuts, (order, cuts) => {
      camera += 1;
      const cameraId = `camera${camera}`;
      const batches = Array.from(
        { length: COUNT },
        (_, number) => batchEntry(number, { cameraId }),
      );
      world.writer.commit(batches);
      const values = [NOTHING, ...chains(world, cameraId).map(([, chain]) => chain)];
      const gone = new Set<number>();
      for (const [index, size] of cuts.entries()) {
        const some = order.slice(gone.size, gone.size + size);
        for (const number of some) gone.add(number);
        world.writer.commit([deletion(some.map((number) => firstId + number), { cameraId })]);
        const found = world.rows(`select previous_chain, chain from chain_breaks
        where camera_id = '${cameraId}'`).map(Object.values);
        const wanted = holes(COUNT, gone).map(([from, to]) => [values[from!], values[to!]]);
        deepStrictEqual(found.sort(), wanted.sort(), `after ${index + 1} deletions`);
      }
      firstId += COUNT;
    }),
    { numRuns: 25 },
  );
});

function times({ rows }: LedgerWorld): Row[] {
  return rows("select timestamp, start_ms, end_ms, shift_ms from batches order by batch_id");
}

function timesOf(numbers: readonly number[], shiftMs: number): Row[] {
  return numbers.map((number) => ({
    timestamp: isoUtc(unixMs(at(number * 10) + shiftMs)),
    start_ms: at(number * 10) + shiftMs,
    end_ms: at(number * 10 + 10) + shiftMs,
    shift_ms: shiftMs,
  }));
}

function runShift(shiftMs: number): RunShiftEntry {
  return { type: "run-shift", cameraId: "front", run: at(0), shiftMs };
}

Deno.test("insert() moves a run's batches by its shift, those that are there and those to come", async () => {
  await using world = await makeLedgerWorld();
  const other = { run: at(500), cameraId: "front" };
  world.writer.commit([
    ...[runStartEntry(), batchEntry(0), batchEntry(1), runShift(7_200_123), batchEntry(2)],
    ...[
      runStartEntry("front", at(500)),
      batchEntry(50, other),
      batchEntry(9, { cameraId: "yard" }),
    ],
  ]);
  deepStrictEqual(times(world), [
    ...timesOf([0, 1, 2], 7_200_123),
    ...timesOf([50, 9], 0),
  ]);
  deepStrictEqual(world.rows("select shift_ms from runs").map(Object.values), [[7_200_123], [0]]);
});

Deno.test("insert() takes a shift that is told twice once, and a newer one in its place", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([runStartEntry(), batchEntry(0), runShift(1_000), runShift(1_000)]);
  deepStrictEqual(times(world), timesOf([0], 1_000));
  world.writer.commit([runShift(1_000), runShift(-250)]);
  deepStrictEqual(times(world), timesOf([0], -250));
  world.writer.commit([runShift(0)]);
  deepStrictEqual(times(world), timesOf([0], 0));
  strictEqual(world.files.recordsAfter(2).length, 3);
});

Deno.test("insert() writes the same timestamp for a shifted batch as for one that began then", async () => {
  await using world = await makeLedgerWorld();
  let number = 0;
  // From 1970 to 2100, as clocks without a battery begin and as they are then put right.
  const instant = fc.integer({ min: 0, max: 4e12 }).map(unixMs);
  fc.assert(fc.property(instant, instant, (startMs: UnixMs, trueMs) => {
    number += 1;
    const run = number;
    const batch = batchEntry(number, { run, startMs, endMs: unixMs(startMs + 10_000) });
    const shift = { ...runShift(trueMs - startMs), run };
    world.writer.commit([runStartEntry("front", run), batch, shift]);
    const [row] = world.rows(`select timestamp, start_ms from batches where run = ${run}`);
    deepStrictEqual(row, { timestamp: isoUtc(trueMs), start_ms: trueMs });
  }));
});

const NO_BATCH = { "batches": 0, "frames": 0, "recording_bytes": 0, "stills_bytes": 0 };

/** What tallies must say, counted anew. */
const COUNTED = `
  select camera_id, count(*) batches, ifnull(sum(frame_count), 0) frames,
    ifnull(sum(recording_bytes), 0) recording_bytes, ifnull(sum(stills_bytes), 0) stills_bytes
  from batches group by camera_id`;

Deno.test("insert() keeps tallies equal to the sums over the batches, whatever comes and goes", async () => {
  await fc.assert(
    fc.asyncProperty(ledgerHistory(), async (groups) => {
      await using world = await makeLedgerWorld();
      for (const group of groups) {
        deepStrictEqual(world.writer.commit(group), []);
        const counted = new Map(world.rows(COUNTED).map((row) => [row.camera_id, row]));
        for (const tally of world.rows("select * from tallies")) {
          const { camera_id } = tally;
          const { log_bytes, newest_frame_id, newest_batch_id, chain, ...sums } = tally;
          deepStrictEqual(sums, counted.get(camera_id) ?? { camera_id, ...NO_BATCH });
          ok(Number(log_bytes) >= 0);
          const ever = [...world.files.all()].flatMap(({ record }) =>
            record.type === "batch" && record.cameraId === camera_id ? [record] : []
          );
          strictEqual(newest_frame_id, Math.max(...ever.map((each) => each.endingFrameId)));
          strictEqual(newest_batch_id, ever.at(-1)!.batchId);
          strictEqual(chain, ever.at(-1)!.chain);
        }
      }
    }),
    { numRuns: 25 },
  );
});

Deno.test("insert() counts the bytes of logs until their files are gone", async () => {
  await using world = await makeLedgerWorld();
  const logBytes = () => world.rows("select log_bytes from tallies")[0]!.log_bytes;
  world.writer.commit([batchEntry(0), batchEntry(1)]);
  strictEqual(logBytes(), 150_000);
  const files = ["data/frames/front/2026-11-21/20.jsonl"];
  world.writer.commit([deletion([1, 2], { files })]);
  strictEqual(logBytes(), 150_000);
  const removed = { type: "removed", cameraId: "front", files, logBytes: 150_000 } as const;
  world.writer.commit([removed, batchEntry(2)]);
  strictEqual(logBytes(), 75_000);
  // Sent again by a camera that was not answered.
  world.writer.commit([removed]);
  strictEqual(logBytes(), 75_000);
});

Deno.test("insert() lists the files of a deletion until they are gone", async () => {
  await using world = await makeLedgerWorld();
  const listed = () => world.rows("select camera_id, path from removals order by path");
  world.writer.commit([batchEntry(0), deletion([1], { files: ["b", "a"] })]);
  deepStrictEqual(listed(), ["a", "b"].map((path) => ({ camera_id: "front", path })));
  world.writer.commit([{ type: "removed", cameraId: "front", files: ["b"], logBytes: 0 }]);
  deepStrictEqual(listed(), [{ camera_id: "front", path: "a" }]);
});

Deno.test("insert() deletes nothing of another camera, and nothing that is not there", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([batchEntry(0), batchEntry(0, { cameraId: "yard" })]);
  const before = world.tables();
  world.writer.commit([deletion([2, 77]), deletion([1], { cameraId: "yard" })]);
  const { facts: _, ...after } = world.tables();
  deepStrictEqual({ ...after, facts: before.facts }, before);
});

Deno.test("insert() takes an event once, and its end with it", async () => {
  await using world = await makeLedgerWorld();
  const lost = eventEntry(1, { kind: "frames-lost", untilMs: at(4) });
  world.writer.commit([lost, eventEntry(2)]);
  world.writer.commit([lost, eventEntry(2), eventEntry(2, { detail: "another" })]);
  deepStrictEqual(world.rows("select at_ms, until_ms, detail from events").map(Object.values), [
    [at(1), at(4), "after 1 s"],
    [at(2), null, "after 2 s"],
    [at(2), null, "another"],
  ]);
});

function check(seconds: number, ok: boolean): CheckEntry {
  return {
    ...{ type: "check", cameraId: "front", kind: "canary", ok },
    ...{ atMs: at(seconds), detail: `at ${seconds}` },
  };
}

Deno.test("insert() counts checks and keeps the newest one and the newest failure", async () => {
  await using world = await makeLedgerWorld();
  const row = () => {
    const { camera_id: _, ...rest } = world.rows("select * from checks where kind = 'canary'")[0]!;
    return Object.values(rest);
  };
  world.writer.commit([check(1, true)]);
  deepStrictEqual(row(), ["canary", at(1), 1, "at 1", 1, 0, null, null]);
  world.writer.commit([check(2, false), check(3, true)]);
  deepStrictEqual(row(), ["canary", at(3), 1, "at 3", 3, 1, at(2), "at 2"]);
  // Sent again: not counted again.
  world.writer.commit([check(3, true)]);
  deepStrictEqual(row(), ["canary", at(3), 1, "at 3", 3, 1, at(2), "at 2"]);
  world.writer.commit([{ ...check(4, false), kind: "scrub" }]);
  strictEqual(world.rows("select * from checks").length, 2);
});

Deno.test("insert() keeps each repair once", async () => {
  await using world = await makeLedgerWorld();
  const repair: RepairEntry = {
    type: "repair",
    cameraId: "front",
    atMs: at(1),
    kind: "tail-cut",
    path: "a.mp4",
    detail: "12 bytes",
  };
  world.writer.commit([repair, repair, { ...repair, kind: "row-made" }]);
  deepStrictEqual(world.rows("select kind, path, detail from repairs").map(Object.values), [
    ["tail-cut", "a.mp4", "12 bytes"],
    ["row-made", "a.mp4", "12 bytes"],
  ]);
});

Deno.test("insert() ends a run that a crash cut off where its last batch ends, or where it began", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([
    ...[runStartEntry("front", at(0)), batchEntry(0), batchEntry(1)],
    ...[runStartEntry("front", at(60)), runStartEntry("front", at(90))],
  ]);
  deepStrictEqual(world.rows("select run, ended_ms, end_cause from runs").map(Object.values), [
    [at(0), at(20), "restart"],
    [at(60), at(60), "restart"],
    [at(90), null, null],
  ]);
});
