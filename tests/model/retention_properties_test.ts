/**
 * What the rules of deleting never do, whatever the archive, the limits and the
 * holds are.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { type Hold, isHeld } from "../../src/model/hold.ts";
import {
  ageLimit,
  chooseVictims,
  type DeletionPlan,
  eventsLimit,
  folderOf,
  keepFreeBytes,
  type RetentionFacts,
  type Victim,
} from "../../src/model/retention.ts";
import { NO_RULES, second, Shelf, type ShelfBatch } from "../support/batch_shelf.ts";

const CAMERAS = ["a", "b", "c"] as const;

/** Batches of a few hours, with overlaps as a clock that was set back makes them. */
const anyShelf = fc.array(
  fc.record({
    cameraId: fc.constantFrom(...CAMERAS),
    startMs: fc.integer({ min: 0, max: 9_000_000 }),
    lengthMs: fc.integer({ min: 0, max: 60_000 }),
    bytes: fc.integer({ min: 1, max: 1_000 }),
    logBytes: fc.integer({ min: 1, max: 100 }),
    hasEvent: fc.boolean(),
  }),
  { maxLength: 40 },
).map((pieces) => {
  const shelf = new Shelf();
  for (const { lengthMs, ...piece } of pieces) {
    shelf.add({ ...piece, endMs: piece.startMs + lengthMs });
  }
  return shelf;
});

const anyAge = fc.option(fc.integer({ min: 1, max: 9_000_000 }));
const anyBytes = fc.option(fc.integer({ min: 0, max: 10_000 }));
const anyLimits = fc.record({ ageMs: anyAge, maxBytes: anyBytes, eventsMs: anyAge });

const anyFacts = fc.record({
  rules: fc.record({
    all: fc.record({
      ageMs: anyAge,
      maxBytes: anyBytes,
      eventsMs: anyAge,
      keepFree: fc.integer({ min: 0, max: 5_000 }).map((bytes) =>
        ({ kind: "bytes", bytes }) as const
      ),
    }),
    cameras: fc.dictionary(fc.constantFrom(...CAMERAS), anyLimits).map((limits) =>
      new Map(Object.entries(limits))
    ),
  }),
  nowMs: fc.integer({ min: 0, max: 12_000_000 }).map(unixMs),
  disk: fc.integer({ min: 0, max: 5_000 }).map((freeBytes) => ({ freeBytes, totalBytes: 10_000 })),
  urgentBytes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })),
  holds: fc.array(
    fc.record({
      name: fc.constant("h"),
      cameraId: fc.option(fc.constantFrom(...CAMERAS)),
      fromMs: fc.integer({ min: 0, max: 9_000_000 }).map(unixMs),
      lengthMs: fc.integer({ min: 1, max: 2_000_000 }),
    }).map(({ lengthMs, ...rest }): Hold => ({ ...rest, toMs: unixMs(rest.fromMs + lengthMs) })),
    { maxLength: 3 },
  ),
  busyFolders: fc.subarray(["a/0", "a/1", "b/0", "c/2"]).map((folders) => new Set(folders)),
  openLogs: fc.subarray(["a/2.jsonl", "b/2.jsonl", "c/0.jsonl"]).map((logs) => new Set(logs)),
});

/** Runs a claim on many archives and limits. */
function forAny(
  claim: (world: {
    readonly shelf: Shelf;
    readonly facts: RetentionFacts;
    readonly plan: DeletionPlan;
  }) => void,
): void {
  fc.assert(
    fc.property(anyShelf, anyFacts, (shelf, changes) => {
      const facts = shelf.facts(changes);
      claim({ shelf, facts, plan: chooseVictims(facts) });
    }),
    { numRuns: 400 },
  );
}

/** Whether a rule may not touch a batch. */
function isKept(batch: ShelfBatch, { holds, busyFolders }: RetentionFacts): boolean {
  return isHeld(batch, holds) || busyFolders.has(folderOf(batch.recordingPath));
}

/** Whether a batch is kept for its event, as long as anything else can go. */
function isForEvent({ cameraId, hasEvent, endMs }: ShelfBatch, facts: RetentionFacts): boolean {
  const eventsMs = eventsLimit(facts.rules, cameraId);
  return hasEvent && eventsMs !== null && endMs > facts.nowMs - eventsMs;
}

/** Each victim as it stood on the shelf, and the batches that its rule might have taken instead. */
function* choices(
  { shelf, facts, plan }: {
    readonly shelf: Shelf;
    readonly facts: RetentionFacts;
    readonly plan: DeletionPlan;
  },
): Generator<{ readonly victim: ShelfBatch & Victim; readonly rivals: readonly ShelfBatch[] }> {
  const gone = new Set(plan.victims.map(({ batchId }) => batchId));
  const isFree = (batch: ShelfBatch) =>
    !isKept(batch, facts) && !facts.openLogs.has(batch.framesPath);
  const left = shelf.batches.filter((batch) => !gone.has(batch.batchId) && isFree(batch));
  for (const chosen of plan.victims) {
    const isForAll = chosen.cause === "free-space" || chosen.cause === "disk-full";
    const batch = shelf.batches.find(({ batchId }) => batchId === chosen.batchId)!;
    const rivals = left.filter(({ cameraId }) => isForAll || cameraId === chosen.cameraId);
    yield { victim: { ...batch, cause: chosen.cause }, rivals };
  }
}

Deno.test("chooseVictims() never chooses a held batch, one that is read, or one twice", () => {
  forAny(({ shelf, facts, plan }) => {
    const chosen = plan.victims.map(({ batchId }) =>
      shelf.batches.find((batch) => batch.batchId === batchId)!
    );
    ok(!chosen.some((batch) => isKept(batch, facts)));
    strictEqual(new Set(chosen).size, chosen.length);
  });
});

Deno.test("chooseVictims() never lets an older batch survive a younger one of the same reach", () => {
  forAny((world) => {
    for (const { victim, rivals } of choices(world)) {
      const isSame = (batch: ShelfBatch) =>
        isForEvent(batch, world.facts) === isForEvent(victim, world.facts);
      ok(rivals.filter(isSame).every(({ endMs }) => endMs >= victim.endMs));
    }
  });
});

Deno.test("chooseVictims() takes no footage of an event while other footage could go, nor for its age", () => {
  let taken = 0;
  forAny((world) => {
    for (const { victim, rivals } of choices(world)) {
      if (!isForEvent(victim, world.facts)) continue;
      taken += 1;
      ok(victim.cause !== "age");
      ok(rivals.every((rival) => isForEvent(rival, world.facts)));
    }
  });
  ok(taken > 0);
});

Deno.test("chooseVictims() deletes nothing that a smaller deletion would have spared", () => {
  forAny(({ shelf, facts, plan }) => {
    for (const cause of ["age", "size", "disk-full", "free-space"] as const) {
      const index = plan.victims.findLastIndex((victim) => victim.cause === cause);
      if (index < 0) continue;
      // Without its last batch, and with all that was chosen before.
      const freedBytes = shelf.bytes() - bytesWithout(shelf, plan.victims.slice(0, index));
      ok(isBroken(plan.victims[index]!, { facts, freedBytes, shelf, index, plan }));
    }
  });
});

/** Bytes left when batches are taken away. */
function bytesWithout(shelf: Shelf, victims: readonly Victim[], cameraId?: string): number {
  const { batches } = shelf;
  const gone = new Set(victims.map(({ batchId }) => batchId));
  const left = batches.filter(({ batchId }) => !gone.has(batchId));
  const logs = new Set(left.map(({ framesPath }) => framesPath));
  const isOwn = (id: string) => cameraId === undefined || id === cameraId;
  const logBytes = batches.filter((batch) => logs.has(batch.framesPath) && isOwn(batch.cameraId))
    .reduce((sum, batch) => sum + batch.logBytes, 0);
  return left.filter((batch) => isOwn(batch.cameraId))
    .reduce((sum, { bytes }) => sum + bytes, logBytes);
}

/** Whether a victim's own rule is broken while it is still there. */
function isBroken(
  victim: Victim,
  world: {
    readonly facts: RetentionFacts;
    readonly freedBytes: number;
    readonly shelf: Shelf;
    readonly index: number;
    readonly plan: DeletionPlan;
  },
): boolean {
  const { facts, freedBytes, shelf, index, plan } = world;
  const { rules: { all, cameras }, disk, nowMs, urgentBytes } = facts;
  const { cameraId } = victim;
  const before = plan.victims.slice(0, index);
  switch (victim.cause) {
    case "age":
      return victim.endMs <= nowMs - ageLimit(facts.rules, cameraId)! &&
        !isForEvent(shelf.batches.find(({ batchId }) => batchId === victim.batchId)!, facts);
    case "size":
      return bytesWithout(shelf, before) > (all.maxBytes ?? Infinity) ||
        bytesWithout(shelf, before, cameraId) > (cameras.get(cameraId)?.maxBytes ?? Infinity);
    case "disk-full":
      return freedBytes < urgentBytes;
    default:
      return disk.freeBytes + freedBytes < keepFreeBytes(all.keepFree, disk);
  }
}

Deno.test("chooseVictims() leaves every limit met, or says which is not", () => {
  forAny(({ shelf, facts, plan }) => {
    shelf.remove(plan.victims);
    const after = shelf.facts({
      ...facts,
      usage: shelf.facts().usage,
      disk: { ...facts.disk, freeBytes: facts.disk.freeBytes + plan.freedBytes },
      urgentBytes: Math.max(0, facts.urgentBytes - plan.freedBytes),
      pageAfter: shelf.facts().pageAfter,
      logUse: shelf.facts().logUse,
    });
    const again = chooseVictims(after);
    deepStrictEqual(again.victims, []);
    deepStrictEqual(again.unmet, plan.unmet);
  });
});

Deno.test("chooseVictims() keeps recording of any rate within its limit and a batch of each camera", () => {
  const anyRate = fc.integer({ min: 1, max: 900 });
  const anyRecording = fc.array(fc.tuple(anyRate, anyRate, anyRate), {
    minLength: 20,
    maxLength: 60,
  });
  // About a third of the batches have events, which are kept longer than all of this lasts.
  const all = { ...NO_RULES.all, eventsMs: 1e9 };
  fc.assert(
    fc.property(anyRecording, fc.integer({ min: 2_000, max: 9_000 }), (rounds, maxBytes) => {
      const shelf = new Shelf();
      for (const [round, sizes] of rounds.entries()) {
        for (const [camera, bytes] of sizes.entries()) {
          const startMs = second(round * 10);
          const cameraId = CAMERAS[camera]!;
          // The open batch lies on the disk while the limit is looked at.
          const openBytes = bytes;
          const newest = shelf.facts().usage.map((usage) =>
            usage.cameraId === cameraId ? { ...usage, openBytes } : usage
          );
          const facts = shelf.facts({
            rules: { ...NO_RULES, all: { ...all, maxBytes } },
            usage: newest,
          });
          shelf.remove(chooseVictims(facts).victims);
          const hasEvent = bytes % 3 === 0;
          shelf.add({ cameraId, startMs, endMs: startMs + 10_000, bytes, logBytes: 5, hasEvent });
          const slack = sizes.reduce((sum, size) => sum + size, 0);
          ok(shelf.bytes() <= maxBytes + slack, `${shelf.bytes()} of ${maxBytes}`);
        }
      }
    }),
  );
});
