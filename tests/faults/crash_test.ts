/**
 * The main process is killed outright at random moments while two cameras
 * record, again and again on the same root.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import type { Batch } from "../../src/model/batch.ts";
import { pause } from "../support/pause.ts";
import { isLong, noteMeasured } from "./measured.ts";
import { type Chance, median, newChance } from "./support/chance.ts";
import {
  batchesOf,
  checkAllKept,
  checkFiles,
  checkFrameIds,
  committedBatches,
} from "./support/committed.ts";
import { describeHoles, holesBetween } from "./support/holes.ts";
import { coverageCauses, verifyFindsNothing } from "./support/program_says.ts";
import { bothRecord, CAMERA_IDS, makeRig, type Rig } from "./support/rig.ts";

const ROUNDS = isLong ? 50 : 3;

/** The promise of docs/reliability.md: footage lost per kill and camera, in milliseconds. */
const LOST_AT_MOST_MS = 1_000;

const KILLED =
  "run killed at random moments loses at most 1 s a camera, damages no batch and uses no frame id twice";

interface Killed {
  readonly atMs: number;
  /** What was in the database then. */
  readonly committed: readonly Batch[];
}

Deno.test(KILLED, async () => {
  const chance = newChance();
  const seed = `(LOOKBACK_FAULTS_SEED=${chance.seed})`;
  await using rig = await makeRig();
  const lostMs: number[] = [];
  const startMs: number[] = [];
  let killed: Killed | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    killed = await recordAndKill(rig, { chance, before: killed, startMs, lostMs });
  }
  await recordAndStop(rig, { before: killed!, startMs, lostMs });

  const batches = committedBatches(rig.root);
  await checkFiles(rig.root, batches);
  await checkFrameIds(rig.root, { batches, holes: "none" });
  checkHoles(rig, batches);
  await verifyFindsNothing(rig, seed);
  const causes = await coverageCauses(rig);
  ok(causes.isSubsetOf(new Set(["restart", "stopped"])), [...causes].join(", "));
  strictEqual(lostMs.length, ROUNDS * CAMERA_IDS.length);
  ok(Math.max(...lostMs) <= LOST_AT_MOST_MS, `lost ${lostMs.join(", ")} ms ${seed}`);
  await noteMeasured({
    fault: "kill -9 of the main process while two cameras record",
    lostAtMost: "1 s of each camera; no batch that was committed, no frame id used twice",
    measured: `${ROUNDS} kills: lost at most ${Math.max(...lostMs)} ms, usually ` +
      `${median(lostMs)} ms; recording again after at most ${seconds(Math.max(...startMs))} s, ` +
      `usually ${seconds(median(startMs))} s; all ${batches.length} batches whole`,
    test: KILLED,
  });
});

interface RoundParts {
  readonly before: Killed | undefined;
  /** Gets the time that each start took. */
  readonly startMs: number[];
  /** Gets what each camera lost by the kill before. */
  readonly lostMs: number[];
}

async function recordAndKill(
  rig: Rig,
  { chance, ...parts }: RoundParts & { readonly chance: Chance },
): Promise<Killed> {
  await using running = await startAgain(rig, parts);
  await pause(chance.between(1_200, 6_000));
  const seen = committedBatches(rig.root, "running");
  const atMs = Date.now();
  running.kill("SIGKILL");
  await running.finished;
  const committed = committedBatches(rig.root);
  checkAllKept(seen, committed, "before the kill");
  return { atMs, committed };
}

async function recordAndStop(rig: Rig, parts: RoundParts): Promise<void> {
  await using running = await startAgain(rig, parts);
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
}

async function startAgain(rig: Rig, { before, startMs, lostMs }: RoundParts) {
  const startedAt = performance.now();
  const running = rig.start();
  try {
    await bothRecord(running);
    startMs.push(Math.round(performance.now() - startedAt));
    if (before !== undefined) lostMs.push(...lostBy(before, committedBatches(rig.root, "running")));
    return running;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

/** What each camera lost: from the end of its last frame to the kill. */
function lostBy({ atMs, committed }: Killed, after: readonly Batch[]): number[] {
  checkAllKept(committed, after, "after the restart");
  return CAMERA_IDS.map((id) => {
    const ends = batchesOf(id, after).filter(({ startMs }) => startMs < atMs)
      .map(({ endMs }) => endMs);
    return Math.max(0, atMs - Math.max(...ends));
  });
}

/** Coverage names all that is missing between two runs, and "restart" as its cause. */
function checkHoles(rig: Rig, batches: readonly Batch[]): void {
  for (const cameraId of CAMERA_IDS) {
    const own = batchesOf(cameraId, batches);
    const [fromMs, toMs] = [own[0]!.startMs, own.at(-1)!.endMs];
    const holes = holesBetween(rig.root, { cameraId, fromMs, toMs });
    ok(holes.every(({ cause }) => cause === "restart"), describeHoles(holes));
    const missingMs = own.reduce((sum, { startMs, run }, index) => {
      const before = own[index - 1];
      return before === undefined || before.run === run ? sum : sum + startMs - before.endMs;
    }, 0);
    const namedMs = holes.reduce((sum, { window }) => sum + window.toMs - window.fromMs, 0);
    strictEqual(namedMs, missingMs, `${cameraId}: ${describeHoles(holes)}`);
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
