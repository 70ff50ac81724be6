/**
 * Compares the index with the recordings on the disk, all of them, hour by hour:
 * recordings without a row get one, rows without a recording become known gaps.
 *
 * In:  the index, and a place for the entries. Out: entries, and what was found in sum.
 * Memory holds an hour's entries, however much is recorded.
 *
 * Not here: what a crash has left while everything else is known (repair.ts).
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import { basename, join } from "node:path";
import { namesIn } from "../host/files.ts";
import { isoUtc, type UnixMs } from "../base/units.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import type { Batch } from "../model/batch.ts";
import type { BatchEntry, CameraEntry, LedgerEntry, RunStartEntry } from "../model/ledger.ts";
import type { KnownPart } from "./log_completion.ts";
import { LogPlacer } from "./log_placer.ts";
import { type Hour, type HourFolder, listHours } from "./recording_folders.ts";
import { examineRecording, type Orphan, rowsOf } from "./orphan.ts";
import { finishRecording, wholePart } from "./recording_end.ts";
import type { RepairIndex } from "./repair.ts";
import { RepairNotes } from "./repair_notes.ts";
import { stillsBytesOf } from "./stills_size.ts";
import { RunEnds } from "./run_ends.ts";

export interface ReconcileIndex extends Omit<RepairIndex, "logEnd" | "oldestBatches"> {
  cameras(): readonly { readonly cameraId: string }[];
  run(cameraId: string, run: number): { readonly endedMs: UnixMs | null } | undefined;
}

export interface ReconcileParts {
  readonly root: string;
  readonly index: ReconcileIndex;
  /** Folders of recordings that rows name. */
  readonly rowFolders: Iterable<string>;
  readonly nowMs: UnixMs;
  readonly signal: AbortSignal;
  /** Makes entries part of the index before it returns. Says what it refused. */
  readonly commit: (
    entries: readonly LedgerEntry[],
  ) => readonly { readonly entry: LedgerEntry; readonly reason: string }[];
  /**
   * Null to complete what is torn below the root. Otherwise nothing there is
   * written: frame lines that are missing go to this folder (absolute).
   */
  readonly sideFolder: string | null;
  /**
   * True where the index is empty because nothing else is left: recordings tell
   * of runs as well, and there is no note for each of them.
   */
  readonly isFromRecordings: boolean;
  /** A camera that only its recordings tell of. */
  readonly cameraOf: (label: RecordingLabel, atMs: UnixMs) => CameraEntry;
  readonly onProgress: (done: number, total: number) => void;
}

/** A recording that got no row, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

export interface Reconciled {
  /** Recordings that got a row, and how many of them are whole only up to a place. */
  readonly adopted: number;
  readonly torn: number;
  /** Rows whose recording is not there. */
  readonly missing: number;
  readonly leftOut: number;
  /** The first of them. */
  readonly examples: readonly LeftOut[];
}

/** So many are named; more say no more. */
const MAX_EXAMPLES = 20;

/** How long other work waits at most, in milliseconds. */
const BREATH_MS = 50;

/** A recording with the entries that make it known. */
interface Adopted {
  readonly start: RunStartEntry;
  readonly batch: BatchEntry;
  readonly label: RecordingLabel;
}

/**
 * Compares all. Doing it again changes nothing more.
 *
 * @throws What the disk threw on writing. What was committed until then stays.
 */
export async function reconcile(parts: ReconcileParts): Promise<Reconciled> {
  const work = new Reconciliation(parts);
  const hours = await listHours(parts.root, parts.rowFolders);
  for (const [index, hour] of hours.entries()) {
    await work.takeHour(hour, (part) => parts.onProgress(index + part, hours.length));
  }
  work.end();
  parts.onProgress(hours.length, hours.length);
  return work.result;
}

class Reconciliation {
  readonly #parts: ReconcileParts;
  readonly #logs: LogPlacer;
  readonly #runEnds: RunEnds;
  readonly #cameras: Set<string>;
  /** Recordings whose rows were deleted: they go at the next start. */
  readonly #going: ReadonlySet<string>;
  /** Of each camera, stills of the last batch. */
  readonly #stills = new Map<string, Set<string>>();
  readonly #examples: LeftOut[] = [];
  #breathedAt = -Infinity;
  readonly #counts = { adopted: 0, torn: 0, missing: 0, leftOut: 0 };

  constructor(parts: ReconcileParts) {
    const { root, index, sideFolder } = parts;
    this.#parts = parts;
    this.#logs = new LogPlacer({ root, sideFolder });
    this.#runEnds = new RunEnds((cameraId, run) => index.run(cameraId, run)?.endedMs ?? null);
    this.#cameras = new Set(index.cameras().map(({ cameraId }) => cameraId));
    this.#going = new Set(index.removals().map(({ path }) => path));
  }

  get result(): Reconciled {
    return { ...this.#counts, examples: this.#examples };
  }

  async takeHour(hour: Hour, onPart: (part: number) => void): Promise<void> {
    const adopted: Adopted[] = [];
    const noted: LedgerEntry[] = [];
    for (const [index, place] of hour.entries()) {
      onPart(index / hour.length);
      const notes = new RepairNotes(place.cameraId, this.#parts.nowMs);
      adopted.push(
        ...await this.#takeFolder(place, notes, (part) => onPart((index + part) / hour.length)),
      );
      noted.push(...notes.entries);
    }
    // Batches are closed in order of their ends, which is the order of their ids.
    adopted.sort((one, other) => one.batch.endMs - other.batch.endMs);
    // Rows that go make room for those of the same frames that come.
    this.#parts.commit(noted);
    this.#commitAdopted(adopted);
  }

  end(): void {
    if (this.#parts.isFromRecordings) this.#parts.commit(this.#runEnds.rest());
  }

  async #takeFolder(
    { cameraId, folder }: HourFolder,
    notes: RepairNotes,
    onPart: (part: number) => void,
  ): Promise<Adopted[]> {
    const { root, index, signal } = this.#parts;
    const rows = index.batchesInFolder(cameraId, folder);
    const names = new Set((await namesIn(join(root, folder))).filter(isRecording));
    this.#takeMissing(rows.filter((row) => !names.has(basename(row.recordingPath))), notes);
    const known: KnownPart[] = [...rows];
    const adopted: Adopted[] = [];
    const isKnown = new Set(rows.map(({ recordingPath }) => recordingPath));
    const paths = [...names].map((name) => `${folder}/${name}`)
      .filter((path) => !isKnown.has(path) && !this.#going.has(path));
    for (const [number, path] of paths.entries()) {
      await this.#breathe();
      signal.throwIfAborted();
      onPart(number / paths.length);
      const orphan = this.#examine(path, cameraId);
      if (orphan === undefined) continue;
      const found = await this.#adopt(orphan, { known, notes });
      known.push(found.batch);
      adopted.push(found);
    }
    signal.throwIfAborted();
    return adopted;
  }

  #takeMissing(missing: readonly Batch[], notes: RepairNotes): void {
    for (const batch of missing) notes.lost(batch);
    this.#counts.missing += missing.length;
  }

  #examine(path: string, cameraId: string): Orphan | undefined {
    const examined = examineRecording(this.#parts.root, path);
    if (examined.type === "unreadable") this.#leaveOut(path, examined.reason);
    if (examined.type !== "orphan") return undefined;
    const owner = examined.orphan.scan.label.cameraId;
    if (owner === cameraId) return examined.orphan;
    this.#leaveOut(path, `its label says camera "${owner}"`);
    return undefined;
  }

  async #adopt(
    orphan: Orphan,
    what: { readonly known: readonly KnownPart[]; readonly notes: RepairNotes },
  ): Promise<Adopted> {
    const { root, sideFolder } = this.#parts;
    const { scan: { label, fault }, recorded: { frames } } = orphan;
    const recording = sideFolder === null
      ? await finishRecording(root, orphan, what.notes)
      : wholePart(orphan);
    const log = await this.#logs.place(orphan, what);
    const stillsBytes = await stillsBytesOf(root, frames, this.#stillsOf(label.cameraId));
    const rows = rowsOf(orphan, { ...recording, ...log, stillsBytes });
    if (fault !== undefined) this.#counts.torn += 1;
    return { ...rows, label };
  }

  #stillsOf(cameraId: string): Set<string> {
    const stills = this.#stills.get(cameraId) ?? new Set();
    this.#stills.set(cameraId, stills);
    return stills;
  }

  /** What makes a batch known, in the order in which it is inserted. */
  #entriesOf({ start, batch, label }: Adopted): LedgerEntry[] {
    const { index, isFromRecordings, cameraOf } = this.#parts;
    const { cameraId, run, startMs } = batch;
    const camera = this.#cameras.has(cameraId) ? [] : [cameraOf(label, startMs)];
    this.#cameras.add(cameraId);
    const ended = isFromRecordings ? this.#runEnds.take(batch) : [];
    const started = index.run(cameraId, run) === undefined ? [start] : [];
    return [...camera, ...ended, ...started, batch];
  }

  #commitAdopted(adopted: readonly Adopted[]): void {
    const { commit, isFromRecordings, nowMs: atMs } = this.#parts;
    const refused = new Set<LedgerEntry>();
    for (const { entry, reason } of commit(adopted.flatMap((each) => this.#entriesOf(each)))) {
      if (entry.type !== "batch") continue;
      refused.add(entry);
      this.#leaveOut(entry.recordingPath, reason);
    }
    const made = adopted.filter(({ batch }) => !refused.has(batch));
    this.#counts.adopted += made.length;
    if (isFromRecordings) return;
    commit(made.map(({ batch: { cameraId, recordingPath: path, frameCount, startMs } }) => {
      const detail = `${frameCount} frames from ${isoUtc(startMs)} on`;
      return { type: "repair", cameraId, atMs, kind: "row-made", path, detail } as const;
    }));
  }

  /** Lets Ctrl-C and the progress bar in: a recording is read in one go. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathedAt < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#breathedAt = performance.now();
  }

  #leaveOut(path: string, reason: string): void {
    this.#counts.leftOut += 1;
    if (this.#examples.length < MAX_EXAMPLES) this.#examples.push({ path, reason });
  }
}

function isRecording(name: string): boolean {
  return name.endsWith(".mp4");
}
