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

import { basename, dirname, join } from "node:path";
import { isoUtc, type UnixMs } from "../base/units.ts";
import { removeIfThere, syncFile, syncFolder, writeAll } from "../host/durable.ts";
import type { InitSegment } from "../media/init_segment.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import { buildSeal } from "../media/recording_seal.ts";
import type { Batch } from "../model/batch.ts";
import type { BatchEntry, LedgerEntry, RepairEntry, RunStartEntry } from "../model/ledger.ts";
import type { OpenHoursState } from "../model/open_hours.ts";
import { completeLog } from "./log_completion.ts";
import { type RecordedFrames, recordedFrames } from "./recorded_frames.ts";
import { type RecordingScan, scanRecording } from "./recording_scan.ts";

/** What this needs to know of the database. */
export interface RepairIndex {
  batchesInFolder(cameraId: string, folder: string): Batch[];
  run(cameraId: string, run: number): unknown;
  removals(): readonly { readonly path: string }[];
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

/** A recording without a row that has frames. */
export interface Orphan {
  readonly path: string;
  readonly scan: RecordingScan & { readonly label: RecordingLabel; readonly init: InitSegment };
  readonly recorded: RecordedFrames;
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
      if (orphan !== undefined && orphan.scan.label.cameraId === state.cameraId) {
        orphans.push(orphan);
      }
    }
    await removeHalfStills(parts.root, folder, notes);
  }
  const entries: LedgerEntry[] = [];
  orphans.sort((one, other) => one.scan.label.startingFrameId - other.scan.label.startingFrameId);
  for (const orphan of orphans) entries.push(...await adopt(parts, { orphan, known, notes }));
  const last = orphans.at(-1);
  return {
    entries: [...entries, ...notes.entries],
    newestFrameId: last?.recorded.frames.at(-1)?.frameId ?? 0,
    newestRun: Math.max(0, ...orphans.map(({ scan }) => scan.label.run)),
  };
}

/** Looks at a recording without a row; one without a frame is removed. */
async function examine(
  root: string,
  path: string,
  notes: RepairNotes,
): Promise<Orphan | undefined> {
  const scan = scanRecording(join(root, path));
  const { label, init, fragments } = scan;
  const samples = fragments.flatMap(({ video }) => video);
  if (label === undefined || init === undefined || samples.length === 0) {
    await removeIfThere(join(root, path));
    notes.add("recording-removed", path, "it has no whole fragment");
    return undefined;
  }
  return {
    path,
    scan: { ...scan, label, init },
    recorded: recordedFrames({ label, init }, samples),
  };
}

/** Gives an orphan its end, its lines and its row. */
async function adopt(
  parts: RepairParts,
  what: { readonly orphan: Orphan; readonly known: readonly Batch[]; readonly notes: RepairNotes },
): Promise<LedgerEntry[]> {
  const { orphan, known, notes } = what;
  const { path, scan, recorded } = orphan;
  const { label } = scan;
  const recording = await sealRecording(parts.root, { path, scan, notes });
  const log = await completeLog(parts.root, { label, recorded, known, notes });
  const { start, batch } = rowsOf(orphan, { ...recording, ...log, stillsBytes: 0 });
  notes.add("row-made", path, `${batch.frameCount} frames from ${isoUtc(batch.startMs)} on`);
  return parts.index.run(label.cameraId, label.run) === undefined ? [start, batch] : [batch];
}

/** What a recording's row says of its bytes on the disk. */
export type PlacedBytes = Pick<
  BatchEntry,
  | "recordingBytes"
  | "recordingSha256"
  | "framesPath"
  | "framesOffset"
  | "framesBytes"
  | "framesSha256"
  | "stillsBytes"
>;

/** The row of a recording, and that of the run which it is part of. */
export function rowsOf(
  { path, scan, recorded }: Orphan,
  placed: PlacedBytes,
): { readonly start: RunStartEntry; readonly batch: BatchEntry } {
  const { label: { cameraId, run }, init: { video } } = scan;
  const { codec, width, height, timescale } = video;
  const { frames, endMs } = recorded;
  return {
    start: { type: "run-start", cameraId, run, codec, width, height, timescale },
    batch: {
      type: "batch",
      cameraId,
      run,
      startingFrameId: frames[0]!.frameId,
      endingFrameId: frames.at(-1)!.frameId,
      startMs: frames[0]!.atMs,
      endMs,
      frameCount: frames.length,
      recordingPath: path,
      ...placed,
    },
  };
}

/** Cuts a torn end off, seals the file and makes it durable. */
export async function sealRecording(
  root: string,
  what: { readonly path: string; readonly scan: RecordingScan; readonly notes: RepairNotes },
): Promise<Pick<BatchEntry, "recordingBytes" | "recordingSha256">> {
  const { path, scan, notes } = what;
  const full = join(root, path);
  let recordingBytes = scan.wholeBytes;
  {
    using file = await Deno.open(full, { read: true, write: true });
    if (scan.wholeBytes < scan.sizeBytes) {
      await file.truncate(scan.wholeBytes);
      const cut = scan.sizeBytes - scan.wholeBytes;
      notes.add("tail-cut", path, `${cut} bytes behind the last whole fragment`);
    }
    if (scan.seal === undefined) {
      const seal = buildSeal([scan.headSum, ...scan.fragments.map(({ sum }) => sum)]);
      await file.seek(scan.wholeBytes, Deno.SeekMode.Start);
      await writeAll(file, seal);
      scan.hash.add(seal);
      recordingBytes += seal.length;
    }
    await syncFile(file, full);
  }
  await syncFolder(dirname(full));
  return { recordingBytes, recordingSha256: scan.hash.hex() };
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

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** What was done, as entries for the database. */
export class RepairNotes {
  readonly #cameraId: string;
  readonly #atMs: UnixMs;
  readonly entries: LedgerEntry[] = [];

  constructor(cameraId: string, atMs: UnixMs) {
    this.#cameraId = cameraId;
    this.#atMs = atMs;
  }

  add(kind: RepairEntry["kind"], path: string, detail: string): void {
    this.entries.push({
      type: "repair",
      cameraId: this.#cameraId,
      atMs: this.#atMs,
      kind,
      path,
      detail,
    });
  }

  /** A row whose recording is not there becomes a known gap. */
  lost(batch: Batch): void {
    const cameraId = this.#cameraId;
    const cause = "recording-missing";
    const detail = `there is no file "${batch.recordingPath}"`;
    const { startMs: atMs, endMs: untilMs, batchId } = batch;
    this.add("row-removed", batch.recordingPath, detail);
    this.entries.push(
      { type: "event", cameraId, atMs, untilMs, kind: "frames-lost", cause, detail },
      { type: "deletion", cameraId, atMs: this.#atMs, cause, batchIds: [batchId], files: [] },
    );
  }
}
