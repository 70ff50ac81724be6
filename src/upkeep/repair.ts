/**
 * Mends what a crash left of one camera: recordings that are torn or have no row,
 * rows whose recording is gone, half-written stills. Looks only where something
 * can be unfinished (model/open_hours.ts).
 *
 * In:  the open hours and a view of the database. Out: entries for the writer,
 * the files as they name them.
 * Not here: deciding about log lines (log_plan.ts), committing (src/app).
 *
 * Design: docs/design/storage.md, "After a crash"
 *
 * @module
 */

import { basename, join } from "node:path";
import { namesIn, sizeOf } from "../host/files.ts";
import { isoUtc, type UnixMs } from "../base/units.ts";
import { removeIfThere, syncFile } from "../host/durable.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import type { Batch } from "../model/batch.ts";
import type { BatchEntry, LedgerEntry, RunStartEntry } from "../model/ledger.ts";
import type { OpenHoursState } from "../model/open_hours.ts";
import { completeLog, readTail } from "./log_completion.ts";
import type { LogTail } from "./log_plan.ts";
import { examineRecording, type Orphan, rowsOf } from "./orphan.ts";
import { finishRecording, hasFragmentBehind } from "./recording_end.ts";
import { RepairNotes } from "./repair_notes.ts";
import { stillsBytesOf } from "./stills_size.ts";

/** What this needs to know of the database. */
export interface RepairIndex {
  batchesInFolder(cameraId: string, folder: string): Batch[];
  run(cameraId: string, run: number): unknown;
  removals(): readonly { readonly path: string }[];
  /** The batches that retention would take first. */
  oldestBatches(cameraId: string, limit: number): Batch[];
  /** End of the last part of a log that a row names, in bytes; 0 without any. */
  logEnd(framesPath: string): number;
}

export interface RepairParts {
  readonly root: string;
  readonly index: RepairIndex;
  readonly nowMs: UnixMs;
}

export interface Repaired {
  /** In the order in which they are to be committed. */
  readonly entries: readonly LedgerEntry[];
  /** Highest frame id and newest run that were met, 0 without any. */
  readonly newestFrameId: number;
  readonly newestRun: number;
}

/**
 * Mends one camera. Doing it again changes nothing more.
 *
 * @throws What the disk threw. What was mended until then is found mended the next time.
 */
export async function repairCamera(parts: RepairParts, state: OpenHoursState): Promise<Repaired> {
  const notes = new RepairNotes(state.cameraId, parts.nowMs);
  const orphans: Orphan[] = [];
  const known: Batch[] = [];
  const going = new Set(parts.index.removals().map(({ path }) => path));
  for (const folder of state.folders) {
    const batches = parts.index.batchesInFolder(state.cameraId, folder);
    known.push(...batches);
    const isKnown = new Set([...batches.map(({ recordingPath }) => recordingPath), ...going]);
    const names = await namesIn(join(parts.root, folder));
    for (const batch of batches) {
      if (!names.includes(basename(batch.recordingPath))) notes.lost(batch);
    }
    for (const name of names.filter((each) => each.endsWith(".mp4"))) {
      const path = `${folder}/${name}`;
      if (isKnown.has(path)) continue;
      const orphan = await examine(parts.root, path, notes);
      if (orphan?.scan.label.cameraId === state.cameraId) orphans.push(orphan);
    }
    await removeHalfStills(parts.root, folder, notes);
  }
  await noteLostOldest(parts, { cameraId: state.cameraId, notes });
  orphans.sort((one, other) => one.scan.label.startingFrameId - other.scan.label.startingFrameId);
  const entries: LedgerEntry[] = [];
  const adopted: BatchEntry[] = [];
  const counted = new Set<string>();
  for (const [index, orphan] of orphans.entries()) {
    const next = orphans[index + 1];
    const rows = await adopt(parts, { orphan, next, known, notes, counted });
    entries.push(...rows);
    adopted.push(...rows.filter((row) => row.type === "batch"));
  }
  for (const log of state.logs) await cutLog(parts, { log, adopted, notes });
  return {
    entries: [...entries, ...notes.entries],
    newestFrameId: adopted.at(-1)?.endingFrameId ?? 0,
    newestRun: Math.max(0, ...adopted.map(({ run }) => run)),
  };
}

/** A deletion on a full disk lets go of at most so many recordings before their rows. */
const OLDEST = 512;

/**
 * On a full disk recordings may go before their rows, the oldest first: rows that a
 * crash left of that are before the first one whose recording is there.
 */
async function noteLostOldest(
  { root, index }: RepairParts,
  what: { readonly cameraId: string; readonly notes: RepairNotes },
): Promise<void> {
  for (const batch of index.oldestBatches(what.cameraId, OLDEST)) {
    if (await sizeOf(join(root, batch.recordingPath)) > 0) return;
    what.notes.lost(batch);
  }
}

/** Looks at a recording without a row; one that has no footage at all is removed. */
async function examine(
  root: string,
  path: string,
  notes: RepairNotes,
): Promise<Orphan | undefined> {
  const examined = examineRecording(root, path);
  if (examined.type === "orphan") return examined.orphan;
  if (examined.type === "gone" || examined.wholeBytes === undefined) return undefined;
  // What can't be read today may be readable for somebody else.
  if (await hasFragmentBehind(join(root, path), examined.wholeBytes)) return undefined;
  await removeIfThere(join(root, path));
  notes.add("recording-removed", path, "it has no whole fragment");
  return undefined;
}

/** Gives an orphan its end, its lines and its row. */
async function adopt(
  parts: RepairParts,
  what: {
    readonly orphan: Orphan;
    readonly next: Orphan | undefined;
    readonly known: readonly Batch[];
    readonly notes: RepairNotes;
    /** Stills that another batch has counted. */
    readonly counted: Set<string>;
  },
): Promise<(RunStartEntry | BatchEntry)[]> {
  const { orphan, known, notes, counted } = what;
  const { path, scan: { label }, recorded } = orphan;
  const recording = await finishRecording(parts.root, orphan, notes);
  const isFollowed = isNext(what.next?.scan.label, orphan);
  const log = await completeLog(parts.root, { label, recorded, known, notes, isFollowed });
  const stillsBytes = await stillsBytesOf(parts.root, recorded.frames, counted);
  const { start, batch } = rowsOf(orphan, { ...recording, ...log, stillsBytes });
  notes.add("row-made", path, `${batch.frameCount} frames from ${isoUtc(batch.startMs)} on`);
  return parts.index.run(label.cameraId, label.run) === undefined ? [start, batch] : [batch];
}

/** Whether a recording goes on where another ends. */
function isNext(next: RecordingLabel | undefined, { scan: { label }, recorded }: Orphan): boolean {
  return next?.run === label.run &&
    next.startingFrameId === label.startingFrameId + recorded.frames.length;
}

/** Cuts a log where it stops being lines of frames and of what was seen: torn, or blank, as a power cut leaves it. */
async function cutLog(
  { root, index }: RepairParts,
  what: {
    readonly log: string;
    readonly adopted: readonly BatchEntry[];
    readonly notes: RepairNotes;
  },
): Promise<void> {
  const { log, adopted, notes } = what;
  const ends = adopted.filter(({ framesPath }) => framesPath === log)
    .map(({ framesOffset, framesBytes }) => framesOffset + framesBytes);
  const path = join(root, log);
  const size = await sizeOf(path);
  const from = Math.max(index.logEnd(log), ...ends);
  if (size <= from) return;
  using file = await Deno.open(path, { read: true, write: true });
  const end = wholeLines(await readTail(file, { from, size }));
  if (end === size) return;
  await file.truncate(end);
  await syncFile(file, path);
  notes.add("log-cut", log, `${size - end} bytes that are no lines of frames`);
}

/** Place behind the last line that adjoins the one before it. */
function wholeLines({ lines, startBytes }: LogTail): number {
  let end = startBytes;
  for (const line of lines) {
    if (line.offset !== end) break;
    end += line.sizeBytes;
  }
  return end;
}

/** Stills are renamed into place: what still has its first name was not finished. */
async function removeHalfStills(
  root: string,
  recordings: string,
  notes: RepairNotes,
): Promise<void> {
  const folder = recordings.replace(/^data\/recordings\//, "frames/");
  for (const name of await namesIn(join(root, folder))) {
    if (!name.endsWith(".part")) continue;
    await removeIfThere(join(root, folder, name));
    notes.add("file-removed", `${folder}/${name}`, "a still that was not finished");
  }
}
