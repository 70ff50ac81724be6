/**
 * Cameras that pause because of the disk, and go on.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import type { Running } from "../../support/lookback.ts";
import { until } from "../../support/until.ts";
import { isLong } from "../measured.ts";
import { batchesOf, checkFiles, checkFrameIds, committedBatches } from "./committed.ts";
import { describeHoles, holesBetween } from "./holes.ts";
import { verifyFindsNothing } from "./program_says.ts";
import { CAMERA_IDS, type Rig, shownSoon } from "./rig.ts";

export const MEGABYTE = 1_048_576;

/** The promise of docs/reliability.md: how soon it goes on when it can, in milliseconds. */
const BACK_WITHIN_MS = 15_000;

/** How long the fault lasts once the cameras have paused, in milliseconds. */
export const FAULT_MS = isLong ? 20_000 : 1_000;

/** No room is kept free: these tests are about the moment when none is left. */
export const SETTINGS = "retention: { keep_free: 0 }\n";

/** Both cameras say that they don't record, and why. */
export async function bothPaused(running: Running, cause: string): Promise<void> {
  await shownSoon(running, CAMERA_IDS.map((id) => `capture ${id}: Not recording (${cause}`));
}

/** Waits until both cameras have footage of after this call; returns how long after it begins. */
export async function recordsAgain(rig: Rig): Promise<number> {
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
export async function checkAfterPause(rig: Rig, cause: string): Promise<void> {
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

export async function batchesToBe(rig: Rig, count: number): Promise<void> {
  await until(() => committedBatches(rig.root, "running").length >= count, {
    limitMs: 20_000,
    what: `${count} rows`,
  });
}

export async function stop(running: Running): Promise<string> {
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  return stderr;
}
