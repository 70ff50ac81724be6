/**
 * The disk is full: the oldest footage goes, or recording waits for room.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { Batch } from "../../src/model/batch.ts";
import { lookback } from "../support/lookback.ts";
import { pause } from "../support/pause.ts";
import { until } from "../support/until.ts";
import { isLong, noteMeasured } from "./measured.ts";
import { batchesOf, checkAllKept, checkFiles, committedBatches } from "./support/committed.ts";
import {
  batchesToBe,
  bothPaused,
  checkAfterPause,
  FAULT_MS,
  MEGABYTE,
  recordsAgain,
  SETTINGS,
  stop,
} from "./support/disk_pause.ts";
import { describeHoles, holesBetween } from "./support/holes.ts";
import { fillDisk, mountTest, smallDisk } from "./support/mounts.ts";
import { verifyFindsNothing } from "./support/program_says.ts";
import { bothRecord, CAMERA_IDS, makeRig, type Rig } from "./support/rig.ts";

const OLDEST_GOES = "run deletes the oldest when the disk is full, and loses nothing new";
const NOTHING_MAY_GO =
  "run pauses on a full disk of which nothing may be deleted, and goes on when there is room";

mountTest(OLDEST_GOES, async () => {
  // The disk holds ten batches of each camera: far fewer than any box's.
  await using rig = await makeRig({
    settings: SETTINGS,
    bytesPerSecond: 700_000,
    batchMs: 1_000,
  });
  await using _disk = await smallDisk(rig.root, 14 * MEGABYTE);
  const framesWanted = isLong ? 3_000 : 375;
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

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
