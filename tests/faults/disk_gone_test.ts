/**
 * The disk turns read-only, goes away, or breaks: recording waits and goes on by
 * itself, and writes nothing where it must not.
 *
 * @module
 */

import { deepStrictEqual, match, ok } from "node:assert/strict";
import type { Batch } from "../../src/model/batch.ts";
import { pause } from "../support/pause.ts";
import { isLong, noteMeasured } from "./measured.ts";
import { checkAllKept, checkFiles, checkFrameIds, committedBatches } from "./support/committed.ts";
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
import { breakableDisk, mountTest, smallDisk } from "./support/mounts.ts";
import { verifyFindsNothing } from "./support/program_says.ts";
import { bothRecord, makeRig } from "./support/rig.ts";

const READ_ONLY = "run pauses while its disk is read-only, and goes on by itself";
const UNPLUGGED = "run writes nothing to the folder below a disk that is gone, and goes on with it";
const BROKEN = "run survives a disk that breaks while it records, and starts on the mended one";

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
    // A stop in good order takes its full 10 s: there are rows that can't be written.
    running.kill(isLong ? "SIGTERM" : "SIGKILL");
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

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
