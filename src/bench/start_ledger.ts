/**
 * What much footage costs a start: opening the ledger after a clean stop, summing up
 * the cameras and finding where their numbers go on; and what making the ledger or the
 * database again costs.
 *
 * @module
 */

import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import { unixMs } from "../base/units.ts";
import { identifyRoot } from "../host/root_identity.ts";
import { DATABASE_PATH } from "../store/database.ts";
import { Ledger } from "../store/open_ledger.ts";
import { Reader } from "../store/reader.ts";
import { addCameras, addStretch, ARCHIVE_START_MS, openArchive } from "./archive_rows.ts";

const CAMERAS = 4;

const BATCH_MS = 10_000;

/** What a start does with the index, in milliseconds; and how long it takes to have one. */
export interface LedgerStart {
  /** Ledger opened, cameras summed up, their numbers found. */
  readonly openMs: readonly number[];
  /** Ledger files written anew, as for a database of a version without them. */
  readonly writeFilesMs: number;
}

/** Makes a root with so many batches; its ledger is closed in good order. */
export async function makeLedger(root: string, batches: number): Promise<LedgerStart> {
  await Deno.mkdir(join(root, "data"), { recursive: true });
  const identity = await identifyRoot(root);
  const database = openArchive(root);
  try {
    addCameras(database, CAMERAS);
    const toMs = unixMs(ARCHIVE_START_MS + batches / CAMERAS * BATCH_MS);
    const stretch = { cameras: CAMERAS, fromMs: ARCHIVE_START_MS, toMs, batchMs: BATCH_MS };
    addStretch(database, stretch);
    // As a clean stop leaves runs.
    database.exec(`update runs set ended_ms = ${toMs}, end_cause = 'stopped'`);
  } finally {
    database.close();
  }
  const open = () =>
    new Ledger({ root, identity, now: () => systemClock.now(), log: logger("bench") });
  const writeFilesMs = timed(() => open()[Symbol.dispose]());
  const openMs = Array.from({ length: 5 }, () =>
    timed(() => {
      using ledger = open();
      ledger.prune();
      readNumbers(root);
    }));
  return { openMs, writeFilesMs };
}

/** The database made again from the ledger files, in milliseconds. */
export async function timeRebuild(root: string): Promise<number> {
  const identity = await identifyRoot(root);
  await Deno.remove(join(root, DATABASE_PATH));
  return timed(() => {
    using _ledger = new Ledger({
      ...{ root, identity, now: () => systemClock.now(), log: logger("bench") },
    });
  });
}

function readNumbers(root: string): void {
  using reader = new Reader(root);
  const cameras = reader.cameras();
  for (const { cameraId } of cameras) {
    reader.newestFrameId(cameraId);
    reader.newestRun(cameraId);
  }
  if (cameras.length !== CAMERAS) throw new Error("Cannot find all cameras");
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
