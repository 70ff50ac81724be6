/**
 * What must be so before a camera's Worker begins: what the one before left
 * unfinished is mended and committed, and it is known where the numbers go on.
 *
 * @module
 */

import { join } from "node:path";
import { namesIn } from "../host/files.ts";
import { systemClock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import type { CaptureSettings } from "../capture/messages.ts";
import { writeFileDurably } from "../host/durable.ts";
import { newestLoggedFrameId } from "../capture/frame_log.ts";
import type { LedgerEntry, RepairEntry } from "../model/ledger.ts";
import {
  formatOpenHours,
  nothingOpen,
  openHoursPath,
  type OpenHoursState,
  parseOpenHours,
} from "../model/open_hours.ts";
import { Reader } from "../store/reader.ts";
import { repairCamera } from "../upkeep/repair.ts";

export type PreparedCamera = Pick<
  CaptureSettings,
  "newestFrameId" | "newestRun" | "newestFootageMs" | "openHours"
>;

/** @param commit Resolves when the entries are in the database. */
export async function prepareCamera(
  root: string,
  cameraId: string,
  commit: (entries: readonly LedgerEntry[]) => Promise<void>,
): Promise<PreparedCamera> {
  const before = await openHoursOf(root, cameraId);
  const newestLogged = await newestLoggedFrameId(root, before.logs);
  const found = await repair(root, before, commit);
  // Opened behind the repair, whose rows are to be seen.
  using reader = new Reader(root);
  const newestFrameId = Math.max(
    reader.newestFrameId(cameraId),
    before.newestFrameId,
    newestLogged,
    found.newestFrameId,
  );
  const newestRun = Math.max(
    reader.newestRun(cameraId)?.run ?? 0,
    before.newestRun,
    found.newestRun,
  );
  const openHours = nothingOpen(cameraId, { newestFrameId, newestRun });
  const isChanged = before.folders.length > 0 || before.logs.length > 0;
  if (isChanged) await writeOpenHours(root, openHours);
  const newestFootageMs = reader.newestFootageMs(cameraId);
  return { newestFrameId, newestRun, newestFootageMs, openHours };
}

async function repair(
  root: string,
  state: OpenHoursState,
  commit: (entries: readonly LedgerEntry[]) => Promise<void>,
): Promise<{ readonly newestFrameId: number; readonly newestRun: number }> {
  if (state.folders.length === 0) return { newestFrameId: 0, newestRun: 0 };
  using index = new Reader(root);
  const found = await repairCamera({ root, index, nowMs: systemClock.now() }, state);
  if (found.entries.length > 0) await commit(found.entries);
  const log = logger("upkeep", state.cameraId);
  for (const entry of found.entries) {
    if (entry.type === "repair") log.warning("Mended after a crash: {what}", { what: said(entry) });
  }
  return found;
}

const REPAIRS: Readonly<Record<RepairEntry["kind"], string>> = {
  "tail-cut": "cut the torn end off",
  "row-made": "made the row of",
  "recording-removed": "removed",
  "log-cut": "cut the torn end off",
  "log-completed": "completed",
  "row-removed": "took out the row of",
  "file-removed": "removed",
};

function said({ kind, path, detail }: RepairEntry): string {
  return `${REPAIRS[kind]} ${path} (${detail})`;
}

/**
 * What may be unfinished. Where nobody wrote it down, everything: an older version
 * recorded. But not where the database knows nothing of the camera: to read all
 * of its recordings takes an hour a terabyte, and that is for `lookback rebuild`.
 */
async function openHoursOf(root: string, cameraId: string): Promise<OpenHoursState> {
  const text = await readIfThere(join(root, openHoursPath(cameraId)));
  const state = text === undefined ? undefined : parseOpenHours(text);
  if (state !== undefined) return state;
  using reader = new Reader(root);
  const isKnown = reader.newestFrameId(cameraId) > 0;
  return {
    ...nothingOpen(cameraId, { newestFrameId: 0, newestRun: 0 }),
    folders: isKnown ? await twoLevels(root, `data/recordings/${cameraId}`) : [],
    logs: await twoLevels(root, `data/frames/${cameraId}`),
  };
}

/** What lies in the folders of the days: hours. */
async function twoLevels(root: string, top: string): Promise<string[]> {
  const days = await namesIn(join(root, top));
  const hours = await Promise.all(
    days.map(async (day) =>
      (await namesIn(join(root, top, day))).map((hour) => `${top}/${day}/${hour}`)
    ),
  );
  return hours.flat();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function writeOpenHours(root: string, state: OpenHoursState): Promise<void> {
  const bytes = new TextEncoder().encode(formatOpenHours(state));
  await writeFileDurably(join(root, openHoursPath(state.cameraId)), bytes);
}
