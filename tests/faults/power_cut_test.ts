/**
 * The power is cut at random moments: only what was synced is sure to be there
 * (support/power_cut.ts). The next start must find its way by itself.
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
  namedBytes,
} from "./support/committed.ts";
import { cutPower, isNameDurable, type PowerCut, sizesBelow } from "./support/power_cut.ts";
import { verifyFindsNothing } from "./support/program_says.ts";
import { BATCH_MS, bothRecord, CAMERA_IDS, makeRig, type Rig } from "./support/rig.ts";
import { readSyncs } from "./support/synced_log.ts";

const ROUNDS = isLong ? 20 : 2;

/**
 * The open batch, the group of pictures by which it is late, and a batch that was
 * closing: what the promise of docs/reliability.md comes to, in milliseconds.
 */
const LOST_AT_MOST_MS = BATCH_MS + 1_000 + 1_000;

/** Share of cuts that come while the program starts, and how late those are, in milliseconds. */
const WHILE_STARTING = 0.2;
const STARTED_MS = 1_500;

const CUT = "run after a power cut has all but the open batches, and needs no hand to start";

interface Totals {
  readonly lostMs: number[];
  files: number;
  /** Batches without a row whose files were durable: the next start gave them one. */
  adopted: number;
}

/** What a cut left, until a start has mended it. */
interface Cut {
  readonly committed: readonly Batch[];
  /** Recordings without a row that were durable as a whole. */
  readonly orphans: readonly string[];
  /** When both cameras recorded, and when the power went: between them footage was lost. */
  readonly recorded: { readonly fromMs: number; readonly toMs: number } | undefined;
}

const NO_CUT: Cut = { committed: [], orphans: [], recorded: undefined };

Deno.test(CUT, async () => {
  const chance = newChance();
  const seed = `(LOOKBACK_FAULTS_SEED=${chance.seed})`;
  await using rig = await makeRig();
  const totals: Totals = { lostMs: [], files: 0, adopted: 0 };
  let cut = NO_CUT;
  for (let round = 0; round < ROUNDS; round += 1) {
    cut = await recordAndCut(rig, { chance, totals, before: cut, what: `round ${round} ${seed}` });
  }
  await recordAndStop(rig, { totals, before: cut, what: `the last round ${seed}` });

  const batches = committedBatches(rig.root);
  await checkFiles(rig.root, batches);
  await checkFrameIds(rig.root, { batches, holes: "allowed" });
  // Footage behind blanks is left where it is, behind the end that the row names.
  await verifyFindsNothing(rig, seed);
  const { lostMs, files, adopted } = totals;
  ok(Math.max(...lostMs) <= LOST_AT_MOST_MS, `lost ${lostMs.join(", ")} ms ${seed}`);
  await noteMeasured({
    fault: "power cut while two cameras record batches of 2 s: what was not synced is gone or torn",
    lostAtMost: "the open batch of each camera and those that were closing; none with a row",
    measured: `${ROUNDS} cuts, ${files} files torn or gone: at most ` +
      `${seconds(Math.max(...lostMs))} s of a camera, usually ${seconds(median(lostMs))} s; ` +
      `${adopted} batches whose row was missing got it; all ${batches.length} batches whole`,
    test: CUT,
  });
});

interface RoundParts {
  readonly before: Cut;
  readonly totals: Totals;
  readonly what: string;
}

async function recordAndCut(
  rig: Rig,
  { chance, ...parts }: RoundParts & { readonly chance: Chance },
): Promise<Cut> {
  const { root } = rig;
  const isFirst = parts.before === NO_CUT;
  const durable = isFirst ? new Map<string, number>() : await sizesBelow(root);
  await using running = rig.start(["--log-level", "trace"]);
  const isStarting = !isFirst && chance.happens(WHILE_STARTING);
  let fromMs = 0;
  if (isStarting) await pause(chance.between(200, STARTED_MS));
  else {
    await bothRecord(running);
    fromMs = Date.now();
    await checkMended(rig, parts);
    await pause(chance.between(0, 6_000));
  }
  const toMs = Date.now();
  running.kill("SIGKILL");
  const syncs = readSyncs((await running.finished).stderr, root);
  const committed = committedBatches(root);
  const state = { root, chance, durable, syncs, killedAtMs: toMs, named: await namedBytes(root) };
  const orphans = orphansOf(state, committed);
  const { cutFiles, blankedFiles, goneFiles } = await cutPower(state);
  parts.totals.files += cutFiles + blankedFiles + goneFiles;
  if (!isStarting) return { committed, orphans, recorded: { fromMs, toMs } };
  checkAllKept(parts.before.committed, committed, `at a cut while starting, ${parts.what}`);
  const { recorded } = parts.before;
  return { committed, orphans: [...parts.before.orphans, ...orphans], recorded };
}

async function recordAndStop(rig: Rig, parts: RoundParts): Promise<void> {
  await using running = rig.start();
  await bothRecord(running);
  await checkMended(rig, parts);
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
}

/** Recordings that were durable when the power went, but for their row. */
function orphansOf(state: PowerCut, committed: readonly Batch[]): string[] {
  const hasRow = new Set(committed.map(({ recordingPath }) => recordingPath));
  const synced = state.syncs.filter(({ kind, path }) =>
    kind === "file" && /^data\/recordings\/.*\.mp4$/.test(path)
  );
  return synced.map(({ path }) => path)
    .filter((path) => !hasRow.has(path) && isNameDurable(state, path));
}

/** What the start after a cut must have done by the time that it records. */
async function checkMended(rig: Rig, { before, totals, what }: RoundParts): Promise<void> {
  if (before === NO_CUT) return;
  const after = committedBatches(rig.root, "running");
  checkAllKept(before.committed, after, `after ${what}`);
  await checkFiles(rig.root, after);
  const recordings = after.map(({ recordingPath }) => recordingPath);
  for (const path of before.orphans) ok(recordings.includes(path), `no row for ${path}, ${what}`);
  totals.adopted += after.length - before.committed.length;
  if (before.recorded === undefined) return;
  const { fromMs, toMs } = before.recorded;
  for (const id of CAMERA_IDS) {
    const ends = batchesOf(id, after).filter(({ startMs }) => startMs < toMs)
      .map(({ endMs }) => endMs);
    totals.lostMs.push(Math.max(0, toMs - Math.max(fromMs, ...ends)));
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
