/**
 * Makes the database of a storage root again: out of the ledger files, else out
 * of the old database, else out of the recordings alone; then compares it with the
 * recordings on the disk. Joins store and upkeep for `lookback rebuild`.
 *
 * Until all is done the old database is as it was. Recordings are never removed.
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import { dirname, join, relative } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import type { UnixMs } from "../base/units.ts";
import { ensureFolder, removeIfThere, syncFolder } from "../host/durable.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import { type Camera, sourceLabel } from "../model/camera.ts";
import type { CameraEntry } from "../model/ledger.ts";
import { DATABASE_PATH } from "../store/database.ts";
import { LedgerFiles } from "../store/ledger_files.ts";
import { copyWholeDatabase, isWholeDatabase, NewDatabase } from "../store/new_database.ts";
import { putRebuiltInPlace, replaySteps } from "../store/rebuild.ts";
import { hasRecordings, RECORDINGS } from "../upkeep/recording_folders.ts";
import { reconcile, type Reconciled, type ReconcileIndex } from "../upkeep/reconcile.ts";
import { exists } from "./archive.ts";

/** What the rows were made from before they were compared with the recordings. */
export type RebuildSource = "ledger" | "database" | "recordings";

/** A part of the work, with how far it is. */
export type RebuildStep = "reading the ledger" | "looking at the recordings";

export interface RebuildOptions {
  /** Absolute. Its lock is held by the caller, unless `into` is given. */
  readonly root: string;
  /**
   * Where the new database goes, absolute: then nothing below the root is written.
   * Left out to replace the root's own.
   */
  readonly into?: string;
  /** Gives names and sources to cameras that only their recordings tell of. */
  readonly cameras?: readonly Camera[];
  readonly signal: AbortSignal;
  readonly onProgress: (step: RebuildStep, done: number, total: number) => void;
  readonly clock?: Clock;
}

export interface RebuildReport extends Reconciled {
  readonly source: RebuildSource;
  /** Entries that were read, with a ledger. */
  readonly records: number;
  readonly cameras: number;
  readonly batches: number;
  readonly databasePath: string;
  /** Where the old database lies now; null where there was none, or it was left alone. */
  readonly keptAs: string | null;
  /** Where frame logs lie that could not be completed below the root; null where none was made. */
  readonly framesFolder: string | null;
}

/** Where a new database grows. */
interface Place {
  readonly path: string;
  /** Folder that goes with all it has when the work is broken off. */
  readonly temporary: string;
  /** A ledger that is made as well grows below this; null where none may be. */
  readonly ledgerRoot: string | null;
  readonly sideFolder: string | null;
}

/**
 * Makes the database again.
 *
 * @throws {OperatorError} "rebuild-failed", "export-target-exists" or "usage".
 * @throws {DOMException} "AbortError" when the signal was given.
 */
export async function rebuildDatabase(options: RebuildOptions): Promise<RebuildReport> {
  const { root, into } = options;
  const place = into === undefined ? placeBelow(root) : await placeAt(root, into);
  await removeIfThere(place.temporary, "with-content");
  let isDone = false;
  try {
    const report = await make(options, place);
    isDone = true;
    return report;
  } catch (error) {
    if (!isDiskFault(error) || options.signal.aborted) throw error;
    throw failed(root, { reason: messageOf(error) });
  } finally {
    await removeIfThere(place.temporary, "with-content");
    if (!isDone && place.sideFolder !== null) {
      await removeIfThere(place.sideFolder, "with-content");
    }
  }
}

/** True where recordings are there and neither a ledger nor a whole database tells of them. */
export async function isIndexLost(root: string): Promise<boolean> {
  if (!new LedgerFiles(root, systemClock.now).isEmpty) return false;
  const path = join(root, DATABASE_PATH);
  if (await exists(path) && isWholeDatabase(path)) return false;
  return await hasRecordings(root);
}

async function make(options: RebuildOptions, place: Place): Promise<RebuildReport> {
  const { root, into, signal, onProgress, clock = systemClock } = options;
  const now = () => clock.now();
  const { source, records } = await makeBase(options, place);
  // Lines go where those are that the base was made from; a copied database has none yet.
  const ledgerRoot = { ledger: root, database: null, recordings: place.ledgerRoot }[source];
  const mayWrite = into === undefined;
  using database = new NewDatabase(root, {
    path: place.path,
    ledgerRoot: mayWrite ? ledgerRoot : null,
    now,
  });
  await requireRecordings(root, database);
  const nowMs = now();
  const compared = await reconcile({
    root,
    index: indexOf(database),
    rowFolders: database.folders(),
    nowMs,
    signal,
    commit: (entries) => database.commit(entries),
    sideFolder: place.sideFolder,
    isFromRecordings: source === "recordings",
    cameraOf: (label, atMs) => cameraEntry(label, atMs, options.cameras ?? []),
    onProgress: (done, total) => onProgress("looking at the recordings", done, total),
  });
  const counted = database.count();
  database.finish();
  signal.throwIfAborted();
  const newLedger = source === "recordings" ? place.ledgerRoot : null;
  const { databasePath, keptAs } = into === undefined
    ? putBelow(root, { path: place.path, ledgerRoot: newLedger, nowMs })
    : await putAt(place.path, into);
  const framesFolder = await keptFolder(place.sideFolder);
  return { source, records, ...counted, ...compared, databasePath, keptAs, framesFolder };
}

async function makeBase(
  { root, signal, onProgress, clock = systemClock }: RebuildOptions,
  { path }: Place,
): Promise<{ readonly source: RebuildSource; readonly records: number }> {
  const now = () => clock.now();
  await ensureFolder(dirname(path));
  if (new LedgerFiles(root, now).isEmpty) {
    return { source: copyWholeDatabase(root, path) ? "database" : "recordings", records: 0 };
  }
  using steps = replaySteps(root, { path, now });
  for (;;) {
    const step = steps.next();
    if (step.done) return { source: "ledger", records: step.value.records };
    onProgress("reading the ledger", step.value.doneBytes, step.value.totalBytes);
    // Lets Ctrl-C in.
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
}

/** Without a single recording every row would go: more likely it is the disk that is not there. */
async function requireRecordings(root: string, database: NewDatabase): Promise<void> {
  if (await hasRecordings(root)) return;
  const { batches } = database.count();
  if (batches === 0 && await exists(join(root, "data"))) {
    throw failed(root, { reason: "there are neither recordings nor a ledger" });
  }
  throw failed(root, {
    reason: `there are no recordings, but ${batches} batches are known`,
    "empty or missing": join(root, RECORDINGS),
  });
}

function indexOf(database: NewDatabase): ReconcileIndex {
  const { reader } = database;
  return {
    cameras: () => reader.cameras(),
    run: (cameraId, run) => reader.run(cameraId, run),
    removals: () => reader.removals(),
    batchesInFolder: (cameraId, folder) => database.batchesInFolder(cameraId, folder),
  };
}

function cameraEntry(
  { cameraId, geoLocation }: RecordingLabel,
  atMs: UnixMs,
  cameras: readonly Camera[],
): CameraEntry {
  const camera = cameras.find(({ id }) => id === cameraId);
  return {
    type: "camera",
    cameraId,
    name: camera?.name ?? cameraId,
    source: camera === undefined ? "unknown" : sourceLabel(camera.source),
    geoLocation,
    atMs,
  };
}

/** Beside the old database: renaming it into place needs the same file system. */
function placeBelow(root: string): Place {
  const temporary = join(root, "data", "rebuild.part");
  return {
    path: join(temporary, DATABASE_PATH),
    temporary,
    ledgerRoot: temporary,
    sideFolder: null,
  };
}

async function placeAt(root: string, into: string): Promise<Place> {
  const sideFolder = `${into}.frames`;
  for (const path of [into, sideFolder]) {
    if (!await exists(path)) continue;
    throw new OperatorError("export-target-exists", `Cannot write "${path}": it is there already`, {
      fix: ["give another name with --into", "or move the old one away"],
    });
  }
  const way = relative(await Deno.realPath(root), await realFolder(dirname(into)));
  if (way !== ".." && !way.startsWith("../")) {
    throw new OperatorError("usage", `Cannot write "${into}": it lies below the storage root`, {
      found: { "storage root": root },
      fix: ["name a file outside it with --into", "or leave --into out to replace its database"],
    });
  }
  const temporary = `${into}.part`;
  return { path: join(temporary, "lookback.db"), temporary, ledgerRoot: null, sideFolder };
}

/** The folder itself, or the nearest one above it that is there. */
async function realFolder(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || dirname(path) === path) throw error;
    return await realFolder(dirname(path));
  }
}

function putBelow(
  root: string,
  made: { readonly path: string; readonly ledgerRoot: string | null; readonly nowMs: UnixMs },
): { readonly databasePath: string; readonly keptAs: string | null } {
  return { databasePath: join(root, DATABASE_PATH), ...putRebuiltInPlace(root, made) };
}

async function putAt(
  path: string,
  into: string,
): Promise<{ readonly databasePath: string; readonly keptAs: null }> {
  await Deno.rename(path, into);
  await syncFolder(dirname(into));
  return { databasePath: into, keptAs: null };
}

async function keptFolder(path: string | null): Promise<string | null> {
  return path !== null && await exists(path) ? path : null;
}

/** What the disk refused, or SQLite on its behalf. */
function isDiskFault(error: unknown): boolean {
  return Object.values(Deno.errors).some((kind) => error instanceof kind) ||
    (error as { readonly errcode?: number }).errcode !== undefined;
}

function failed(root: string, found: Readonly<Record<string, string>>): OperatorError {
  return new OperatorError("rebuild-failed", `Cannot make the database of "${root}" again`, {
    found,
    fix: [
      "check that this is the storage root, that its disk is mounted, and that there is room",
      "or, on a disk that may not be written to, name a file elsewhere with --into",
    ],
  });
}
