/**
 * Frame logs that also say what was seen: all that reads them finds the same frames,
 * and leaves those lines where they are.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { newestLoggedFrameId } from "../../src/capture/frame_log.ts";
import { readBatchFrames } from "../../src/footage/frame_reader.ts";
import { sha256OfText } from "../../src/host/hash.ts";
import type { Batch } from "../../src/model/batch.ts";
import { parseFrameLine } from "../../src/model/frame.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { nothingOpen } from "../../src/model/open_hours.ts";
import { parseSightLine } from "../../src/model/sight_line.ts";
import { Reader } from "../../src/store/reader.ts";
import type { Fault } from "../../src/upkeep/fault.ts";
import { LogIndex } from "../../src/upkeep/log_index.ts";
import { repairCamera, type Repaired } from "../../src/upkeep/repair.ts";
import { verifyBatch } from "../../src/upkeep/verify_batch.ts";
import { at } from "../support/ledger_entries.ts";
import { makeLedgerWorld } from "../support/ledger_world.ts";
import { flipByte } from "../support/real_archive.ts";
import { recordRun } from "../support/recorded_run.ts";

interface World extends AsyncDisposable {
  readonly root: string;
  readonly entries: readonly LedgerEntry[];
  /** Absolute path of the log; all batches lie in it. */
  readonly log: string;
  commit(entries: readonly LedgerEntry[]): void;
  batches(): Batch[];
  repair(): Promise<Repaired>;
}

/** Three batches, recorded for real, with something seen in a frame of each fragment. */
async function makeWorld(): Promise<World> {
  const ledger = await makeLedgerWorld();
  const { root } = ledger;
  const entries = await recordRun(root, { isSeen: true });
  const own = entries.filter((entry) => entry.type === "batch");
  const state = {
    ...nothingOpen("front", { newestFrameId: 0, newestRun: 0 }),
    folders: [...new Set(own.map(({ recordingPath }) => dirname(recordingPath)))],
    logs: [own[0]!.framesPath],
  };
  return {
    ...{ root, entries, log: join(root, own[0]!.framesPath) },
    commit: (some) => deepStrictEqual(ledger.writer.commit(some), []),
    batches() {
      using reader = new Reader(root);
      return reader.batchesAfterId("front", 0, 9);
    },
    async repair() {
      using index = new Reader(root);
      return await repairCamera({ root, index, nowMs: at(1_000) }, state);
    },
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  };
}

/** Everything but the rows of batches. */
function withoutBatches({ entries }: World): LedgerEntry[] {
  return entries.filter(({ type }) => type !== "batch");
}

function batchesIn(entries: readonly LedgerEntry[]) {
  return entries.filter((entry) => entry.type === "batch");
}

async function linesOf({ log }: World): Promise<string[]> {
  return (await Deno.readTextFile(log)).split("\n").slice(0, -1);
}

Deno.test("readBatchFrames() and newestLoggedFrameId() count frames, not what was seen in them", async () => {
  await using world = await makeWorld();
  world.commit(world.entries);
  const lines = await linesOf(world);
  const sights = lines.filter((line) => parseSightLine(line) !== undefined);
  ok(sights.length > 10);
  strictEqual(lines.length - sights.length, 150);
  for (const batch of world.batches()) {
    const read = readBatchFrames(world.root, batch);
    ok(read.ok);
    strictEqual(read.frames.length, batch.frameCount);
  }
  // The last line is not a frame's.
  const last = sights.at(-1)!;
  await Deno.writeTextFile(world.log, `${last}\n`.repeat(100), { append: true });
  const { framesPath } = world.batches()[0]!;
  strictEqual(await newestLoggedFrameId(world.root, [framesPath]), 150);
});

Deno.test("what was seen in a frame may stand in a later batch's part, which its hash covers", async () => {
  await using world = await makeWorld();
  world.commit(world.entries);
  const bytes = await Deno.readFile(world.log);
  let late = 0;
  for (const { framesOffset, framesBytes, startingFrameId, seals } of world.batches()) {
    const text = new TextDecoder().decode(bytes.subarray(framesOffset, framesOffset + framesBytes));
    strictEqual(sha256OfText(text), seals!.framesSha256);
    const sights = text.trimEnd().split("\n").map(parseSightLine)
      .filter((sight) => sight !== undefined);
    late += sights.filter(({ frameId }) => frameId < startingFrameId).length;
  }
  ok(late > 0);
});

Deno.test("LogIndex finds the parts that batches had, with what was seen between their frames", async () => {
  await using world = await makeWorld();
  world.commit(world.entries);
  for (const batch of world.batches()) {
    const { framesPath, framesOffset, framesBytes } = batch;
    const found = await new LogIndex(world.root).find(framesPath, batch);
    // What stands before a batch's first frame counts to the batch before.
    const end = framesOffset + framesBytes;
    ok(found !== undefined && found.framesOffset >= framesOffset);
    ok(found.framesOffset + found.framesBytes >= end);
    deepStrictEqual(
      readBatchFrames(world.root, { ...batch, ...found }),
      readBatchFrames(world.root, batch),
    );
  }
});

Deno.test("repairCamera() gives batches their rows back, and their logs keep every line", async () => {
  await using world = await makeWorld();
  const before = await linesOf(world);
  world.commit(withoutBatches(world));
  const repaired = await world.repair();
  deepStrictEqual(
    batchesIn(repaired.entries).map(({ frameCount, startingFrameId }) => [
      frameCount,
      startingFrameId,
    ]),
    batchesIn(world.entries).map(({ frameCount, startingFrameId }) => [
      frameCount,
      startingFrameId,
    ]),
  );
  world.commit(repaired.entries);
  deepStrictEqual(await linesOf(world), before);
  deepStrictEqual((await world.repair()).entries, []);
  for (const batch of world.batches()) {
    deepStrictEqual(await verifyBatch(world.root, batch, () => {}), []);
  }
});

const CUTS = [
  { name: "behind what was seen", isKept: (line: string) => parseSightLine(line) !== undefined },
  { name: "behind a frame", isKept: (line: string) => parseFrameLine(line) !== undefined },
];

for (const { name, isKept } of CUTS) {
  Deno.test(`repairCamera() completes a log that ends ${name}`, async () => {
    await using world = await makeWorld();
    const [, , third] = batchesIn(world.entries);
    const lines = await linesOf(world);
    const end = lines.findLastIndex((line, index) => index < lines.length - 20 && isKept(line));
    await Deno.writeTextFile(world.log, `${lines.slice(0, end + 1).join("\n")}\n{"cam`);
    world.commit(world.entries.filter((entry) => entry !== third));
    const repaired = await world.repair();
    world.commit(repaired.entries);
    const after = await linesOf(world);
    deepStrictEqual(after.slice(0, end + 1), lines.slice(0, end + 1));
    // All frames, once and in order.
    deepStrictEqual(
      after.map(parseFrameLine).filter((frame) => frame !== undefined).map(({ frameId }) =>
        frameId
      ),
      Array.from({ length: 150 }, (_, index) => index + 1),
    );
    deepStrictEqual((await world.repair()).entries, []);
    for (const batch of world.batches()) {
      deepStrictEqual(await verifyBatch(world.root, batch, () => {}), []);
    }
  });
}

Deno.test("repairCamera() leaves lines of frames behind what was seen before them", async () => {
  await using world = await makeWorld();
  world.commit(world.entries);
  const lines = await linesOf(world);
  const sight = lines.find((line) => parseSightLine(line) !== undefined)!;
  const later = lines[0]!.replace('"frame_id":1,', '"frame_id":900,');
  await Deno.writeTextFile(world.log, `${sight}\n${later}\n`, { append: true });
  deepStrictEqual((await world.repair()).entries, []);
  await Deno.writeTextFile(world.log, "\0\0", { append: true });
  const { entries } = await world.repair();
  deepStrictEqual(entries.map((entry) => entry.type === "repair" && entry.kind), ["log-cut"]);
  deepStrictEqual(await linesOf(world), [...lines, sight, later]);
});

Deno.test("verifyBatch() names the frame of any byte that is flipped in a log with sights", async () => {
  await using world = await makeWorld();
  world.commit(world.entries);
  const batch = world.batches()[1]!;
  const bytes = await Deno.readFile(world.log);
  const property = fc.asyncProperty(
    fc.nat(batch.framesBytes - 2),
    fc.integer({ min: 1, max: 127 }),
    async (place, mask) => {
      const offset = batch.framesOffset + place;
      await flipByte(world.log, offset, mask);
      const faults = await verifyBatch(world.root, batch, () => {});
      await flipByte(world.log, offset, mask);
      strictEqual(faults.length, 1);
      const [{ bytes: range, detail }] = faults as [Fault];
      ok(range!.fromByte <= offset && offset < range!.toByte);
      const start = bytes.lastIndexOf(0x0a, offset - 1) + 1;
      const line = new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0x0a, offset)));
      const frame = parseFrameLine(line);
      // A sight that still reads as one can't be told from what was written.
      if (frame === undefined) match(detail, /what was seen|can't tell which|line of frame/);
      else match(detail, new RegExp(`lines? of frames? (${frame.frameId}|\\d+ to \\d+) ha`));
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

Deno.test("verifyBatch() tells a frame's line from what was seen behind it", async () => {
  await using world = await makeWorld();
  world.commit(world.entries);
  const [, batch] = world.batches();
  const bytes = await Deno.readFile(world.log);
  const text = new TextDecoder().decode(bytes);
  const from = text.indexOf('"detections"', batch!.framesOffset + 2_000);
  await flipByte(world.log, from);
  const [fault] = await verifyBatch(world.root, batch!, () => {}) as [Fault];
  match(fault.detail, /^what was seen, behind the line of frame \d+, has changed$/);
  strictEqual(fault.window!.toMs - fault.window!.fromMs, 40);
  ok(fault.window!.fromMs >= unixMs(batch!.startMs));
});
