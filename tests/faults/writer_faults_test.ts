/**
 * The writer Worker fails at random moments while two cameras record: recording
 * goes on, and every batch gets its row once.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { loadConfig } from "../../src/app/config/load_config.ts";
import { alertPlan } from "../../src/app/alerts.ts";
import { upkeepPlan } from "../../src/app/upkeep/upkeep.ts";
import { Recording } from "../../src/app/recording.ts";
import type { Writer } from "../../src/store/writer.ts";
import { filesBelow } from "../support/archive.ts";
import { pause } from "../support/pause.ts";
import { until } from "../support/until.ts";
import { isLong, noteMeasured } from "./measured.ts";
import { newChance } from "./support/chance.ts";
import { batchesOf, checkFiles, checkFrameIds, committedBatches } from "./support/committed.ts";
import { verifyFindsNothing } from "./support/program_says.ts";
import { CAMERA_IDS, makeRig, type Rig } from "./support/rig.ts";

const ROUNDS = isLong ? 50 : 3;

const FAILED = "Recording goes on while its writer fails, and every batch has one row in the end";

Deno.test(FAILED, async () => {
  const chance = newChance();
  await using rig = await makeRig();
  const recording = await startHere(rig);
  let longestMs = 0;
  try {
    await until(() => CAMERA_IDS.every((id) => isRecording(recording, id)), {
      limitMs: 30_000,
      what: "both cameras to record",
    });
    for (let round = 1; round <= ROUNDS; round += 1) {
      await pause(chance.between(0, 2_500));
      fail(recording);
      const tookMs = await until(() => recording.writer.counters.restarts >= round, {
        limitMs: 10_000,
        what: `the writer's start number ${round} (LOOKBACK_FAULTS_SEED=${chance.seed})`,
      });
      longestMs = Math.max(longestMs, tookMs);
    }
  } finally {
    await recording.stop();
  }
  const batches = committedBatches(rig.root);
  await checkFiles(rig.root, batches);
  await checkFrameIds(rig.root, { batches, holes: "none" });
  const recordings = await filesBelow(`${rig.root}/data/recordings`);
  deepStrictEqual(
    batches.map(({ recordingPath }) => `${rig.root}/${recordingPath}`).toSorted(),
    recordings,
    `files with a row (LOOKBACK_FAULTS_SEED=${chance.seed})`,
  );
  for (const id of CAMERA_IDS) {
    strictEqual(new Set(batchesOf(id, batches).map(({ run }) => run)).size, 1, "one run");
  }
  strictEqual(recording.writer.counters.restarts, ROUNDS);
  await verifyFindsNothing(rig, "after failures of the writer");
  await noteMeasured({
    fault: "the writer Worker fails while two cameras record",
    lostAtMost: "nothing: recording goes on, rows come later",
    measured: `${ROUNDS} failures: ${batches.length} recordings, each with one row; the writer ` +
      `was back after at most ${(longestMs / 1_000).toFixed(1)} s`,
    test: FAILED,
  });
});

/** Records in this process: only here can the writer be reached. */
async function startHere(rig: Rig): Promise<Recording> {
  const settings = await loadConfig({ cwd: rig.home, environment: {} });
  const { root, rootIdentity: identity } = settings;
  await Deno.mkdir(root, { recursive: true });
  return await Recording.start(root, {
    ...settings,
    identity,
    upkeep: upkeepPlan(settings),
    vision: new Map(),
    alerts: alertPlan(settings),
    web: null,
    mqtt: null,
    onLog: () => {},
  });
}

function isRecording({ heard }: Recording, cameraId: string): boolean {
  return heard.get(cameraId)?.status.state === "recording";
}

/** No entry at all: the Worker trips over it. */
function fail(recording: Recording): void {
  const port = (recording.writer as Writer).connect("fault");
  port.postMessage(null);
  port.close();
}
