/**
 * The disk is full, read-only, broken, or not there: recording waits and goes on
 * by itself, and writes nothing where it must not.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { Batch } from "../../src/model/batch.ts";
import { lookback, type Running } from "../support/lookback.ts";
import { until } from "../support/until.ts";
import { isLong, noteMeasured } from "./measured.ts";
import { pause } from "./support/chance.ts";
import {
  batchesOf,
  checkAllKept,
  checkFiles,
  checkFrameIds,
  committedBatches,
} from "./support/committed.ts";
import { describeHoles, holesBetween } from "./support/holes.ts";
import { breakableDisk, fillDisk, mountTest, smallDisk } from "./support/mounts.ts";
import { verifyFindsNothing } from "./support/program_says.ts";
import { bothRecord, CAMERA_IDS, makeRig, type Rig, shownSoon } from "./support/rig.ts";

const MEGABYTE = 1_048_576;

/** The promise: how soon it goes on when it can, in milliseconds. */
const BACK_WITHIN_MS = 15_000;

/** How long the fault lasts once the cameras have paused, in milliseconds. */
const FAULT_MS = isLong ? 20_000 : 2_000;

/** No room is kept free: these tests are about the moment when none is left. */
const SETTINGS = "retention: { keep_free: 0 }\n";

const OLDEST_GOES = "run deletes the oldest when the disk is full, and loses nothing new";
const NOTHING_MAY_GO =
  "run pauses on a full disk of which nothing may be deleted, and goes on when there is room";
const READ_ONLY = "run pauses while its disk is read-only, and goes on by itself";
const UNPLUGGED = "run writes nothing to the folder below a disk that is gone, and goes on with it";
const BROKEN = "run survives a disk that breaks while it records, and starts on the mended one";

mountTest(OLDEST_GOES, async () => {
  await using rig = await makeRig({ settings: SETTINGS, bytesPerSecond: 700_000 });
  await using _disk = await smallDisk(rig.root, 14 * MEGABYTE);
  const framesWanted = isLong ? 3_000 : 450;
  {
    await using running = rig.start();
    await bothRecord(running);
    await until(() => newestFrame(rig) >= framesWanted, {
      limitMs: 2 * 40 * framesWanted,
      what: `${framesWanted} frames of each camera`,
    });
    const stderr = await stop(running);
    ok(!stderr.includes("Not recording"), stderr);
  }
  const batches = committedBatches(rig.root);
  await checkFiles(rig.root, batches, "deleted");
  for (const id of CAMERA_IDS) {
    const own = batchesOf(id, batches);
    const [fromMs, toMs] = [own[0]!.startMs, own.at(-1)!.endMs];
    ok(own[0]!.startingFrameId > 1, "the oldest batch is gone");
    const holes = holesBetween(rig.root, { cameraId: id, fromMs, toMs });
    strictEqual(holes.length, 0, describeHoles(holes));
    checkGapless(own);
  }
  await verifyFindsNothing(rig, "after deletions");
  await noteMeasured({
    fault: "the disk is full, the oldest footage may be deleted",
    lostAtMost: "the oldest footage; nothing new",
    measured: `${newestFrame(rig, "ended")} frames a camera on a disk of 14 MB that holds ` +
      `${batches.reduce((sum, { frameCount }) => sum + frameCount, 0) / 2}: no hole, no pause`,
    test: OLDEST_GOES,
  });
});

mountTest(NOTHING_MAY_GO, async () => {
  await using rig = await makeRig({ settings: SETTINGS });
  await using disk = await smallDisk(rig.root, 40 * MEGABYTE);
  let backMs = 0;
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, 4);
    const args = ["hold", "all", "--all", "--from", "-1h", "--duration", "1d"];
    const held = await lookback(args, { cwd: rig.home });
    strictEqual(held.code, 0, held.stderr);
    const before = committedBatches(rig.root, "running");
    await fillDisk(disk.backdoor, { leave: 0 });
    await bothPaused(running, "disk-full");
    await pause(FAULT_MS);
    await Deno.remove(join(disk.backdoor, "ballast"));
    backMs = await recordsAgain(rig);
    await stop(running);
    checkAllKept(before, committedBatches(rig.root), "held");
  }
  await checkAfterPause(rig, "disk-full");
  await noteMeasured({
    fault: "the disk is full, nothing may be deleted",
    lostAtMost: "what comes while there is no room; it goes on within 15 s",
    measured: `recording again ${
      seconds(backMs)
    } s after there was room; all that was held is there`,
    test: NOTHING_MAY_GO,
  });
});

mountTest(READ_ONLY, async () => {
  await using rig = await makeRig({ settings: SETTINGS });
  await using disk = await smallDisk(rig.root, 40 * MEGABYTE);
  let backMs = 0;
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, 2);
    await disk.unplug();
    await disk.plug({ readOnly: true });
    await bothPaused(running, "disk-");
    await pause(FAULT_MS);
    await disk.allowWriting();
    backMs = await recordsAgain(rig);
    const stderr = await stop(running);
    match(stderr, /Not recording \(disk-[a-z]+\): .*[Rr]ead-only/);
  }
  await checkAfterPause(rig, "disk-");
  await noteMeasured({
    fault: "the disk turns read-only and writable again",
    lostAtMost: "what comes meanwhile, and the open batch; it goes on within 15 s",
    measured: `recording again ${seconds(backMs)} s after it was writable`,
    test: READ_ONLY,
  });
});

mountTest(UNPLUGGED, async () => {
  await using rig = await makeRig({ settings: SETTINGS });
  await using disk = await smallDisk(rig.root, 40 * MEGABYTE);
  let backMs = 0;
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, 2);
    await disk.unplug();
    await bothPaused(running, "disk-missing");
    await pause(FAULT_MS);
    const below = await Array.fromAsync(Deno.readDir(rig.root), ({ name }) => name);
    deepStrictEqual(below, [], "nothing is written below a disk that is gone");
    await disk.plug();
    backMs = await recordsAgain(rig);
    await stop(running);
  }
  await checkAfterPause(rig, "disk-missing");
  await disk.unplug();
  deepStrictEqual(await Array.fromAsync(Deno.readDir(rig.root)), [], "nor was it later");
  await noteMeasured({
    fault: "the disk is unmounted while it records, and mounted again",
    lostAtMost: "what comes meanwhile, and the open batch; nothing is written below it",
    measured: `recording again ${seconds(backMs)} s after it was mounted`,
    test: UNPLUGGED,
  });
});

mountTest(BROKEN, async () => {
  await using rig = await makeRig({ settings: SETTINGS });
  await using disk = await breakableDisk(rig.root, 64 * MEGABYTE);
  let before: readonly Batch[] = [];
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, 4);
    before = committedBatches(rig.root, "running");
    await disk.breakDown();
    await bothPaused(running, "disk-failed");
    await pause(FAULT_MS);
    running.kill("SIGTERM");
    const { stderr } = await running.finished;
    ok(!/Unexpected|Uncaught/.test(stderr), stderr);
  }
  await disk.repair();
  {
    await using running = rig.start();
    await bothRecord(running);
    await batchesToBe(rig, before.length + 2);
    await stop(running);
  }
  const after = committedBatches(rig.root);
  checkAllKept(before, after, "after the disk was mended");
  await checkFiles(rig.root, after);
  await checkFrameIds(rig.root, { batches: after, holes: "allowed" });
  await verifyFindsNothing(rig, "after fsck");
  await noteMeasured({
    fault: "the disk breaks while it records: the kernel makes it read-only",
    lostAtMost: "the open batch of each camera, and what comes until the disk is mended",
    measured: `the service stayed up; all ${before.length} batches were there after fsck`,
    test: BROKEN,
  });
});

/** Both cameras say that they don't record, and why. */
async function bothPaused(running: Running, cause: string): Promise<void> {
  await shownSoon(running, CAMERA_IDS.map((id) => `capture ${id}: Not recording (${cause}`));
}

/** Waits until both cameras have footage of after this call; returns how long after it begins. */
async function recordsAgain(rig: Rig): Promise<number> {
  const readyMs = Date.now();
  const firstMs = (id: string) =>
    batchesOf(id, committedBatches(rig.root, "running")).map(({ startMs }) => startMs)
      .find((startMs) => startMs > readyMs) ?? Infinity;
  const backMs = () => Math.max(...CAMERA_IDS.map(firstMs)) - readyMs;
  // A row follows its footage by a batch.
  const limitMs = BACK_WITHIN_MS + 5_000;
  await until(() => Number.isFinite(backMs()), { limitMs, what: "recording to go on" });
  ok(backMs() <= BACK_WITHIN_MS, `it went on after ${backMs()} ms`);
  return backMs();
}

/** All that has a row is whole; the pause has its cause. */
async function checkAfterPause(rig: Rig, cause: string): Promise<void> {
  const batches = committedBatches(rig.root);
  await checkFiles(rig.root, batches);
  await checkFrameIds(rig.root, { batches, holes: "allowed" });
  await verifyFindsNothing(rig, `after a pause for "${cause}"`);
  for (const cameraId of CAMERA_IDS) {
    const own = batchesOf(cameraId, batches);
    const [fromMs, toMs] = [own[0]!.startMs, own.at(-1)!.endMs];
    const holes = holesBetween(rig.root, { cameraId, fromMs, toMs });
    const named = holes.filter((hole) => hole.cause.startsWith(cause))
      .reduce((sum, { window }) => sum + window.toMs - window.fromMs, 0);
    ok(named >= FAULT_MS, `${cameraId}: ${describeHoles(holes)}`);
  }
}

function checkGapless(batches: readonly Batch[]): void {
  for (const [index, { startingFrameId }] of batches.slice(1).entries()) {
    strictEqual(startingFrameId, batches[index]!.endingFrameId + 1);
  }
}

/** The lower of the cameras' newest frame ids that have a row. */
function newestFrame(rig: Rig, program: "running" | "ended" = "running"): number {
  const batches = committedBatches(rig.root, program);
  return Math.min(
    ...CAMERA_IDS.map((id) => batchesOf(id, batches).at(-1)?.endingFrameId ?? 0),
  );
}

async function batchesToBe(rig: Rig, count: number): Promise<void> {
  await until(() => committedBatches(rig.root, "running").length >= count, {
    limitMs: 20_000,
    what: `${count} rows`,
  });
}

async function stop(running: Running): Promise<string> {
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  return stderr;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
