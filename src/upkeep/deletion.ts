/**
 * Deletes batches: rows out, commit, files off, folders tidied. A crash on the
 * way leaves a list of files in the index, which the next start goes through.
 *
 * In:   the batches that were chosen; their hour folders are held alone.
 * Out:  what is gone and what could not be removed.
 * Not here: the choice (model/retention.ts), the holding (retention_job.ts).
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import { dirname, join } from "node:path";
import { sizeOf } from "../host/files.ts";
import { messageOf } from "../base/errors.ts";
import type { UnixMs } from "../base/units.ts";
import { removeIfThere, syncFolder } from "../host/durable.ts";
import type { Batch } from "../model/batch.ts";
import { LogCounter } from "../model/candidates.ts";
import type { DeletionCause, DeletionEntry } from "../model/ledger.ts";
import { folderOf, type Victim } from "../model/retention.ts";
import type { RetentionIndex, SendEntry } from "./retention_index.ts";
import { expandRange, stillsOf } from "./still_ranges.ts";

/** Most batches in one entry: some 50 kB in the ledger, some milliseconds in the database. */
const BATCHES_PER_ENTRY = 200;

/** Most files that are reported as removed in one entry. */
const FILES_PER_ENTRY = 2_000;

export interface DeletionParts {
  readonly root: string;
  readonly index: RetentionIndex;
  readonly send: SendEntry;
  readonly nowMs: UnixMs;
  /** Folders that a camera may still write to, relative to the root: they are not tidied. */
  readonly openFolders: ReadonlySet<string>;
  /**
   * On a full disk the database can't commit. Called with what is being committed;
   * resolves when the recordings are to go without waiting any longer.
   */
  readonly outOfPatience?: (committed: Promise<void>) => Promise<void>;
}

export interface Removed {
  readonly files: number;
  /** Files that are still there, and why; they stay listed in the index. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

/** One entry, and the files that it stands for. */
interface Piece {
  readonly entry: DeletionEntry;
  /** Each path of the entry with its files: a range of stills has many. */
  readonly files: readonly ListedPath[];
}

/** A path of an entry, and the files that it stands for. */
export interface ListedPath {
  readonly path: string;
  readonly files: readonly string[];
}

/** Deletes batches, of each camera in the order given. */
export async function deleteBatches(
  victims: readonly Victim[],
  parts: DeletionParts,
): Promise<Removed> {
  const pieces = await planPieces(victims, parts);
  const sent = pieces.map(({ entry }) => parts.send(entry));
  const committed = Promise.all(sent).then(() => {});
  if (parts.outOfPatience !== undefined) await makeRoomFirst(pieces, committed, parts);
  await committed;
  const byCamera = Map.groupBy(pieces, ({ entry }) => entry.cameraId);
  const results = await Promise.all(
    [...byCamera].map(([cameraId, own]) =>
      removeListed(cameraId, own.flatMap(({ files }) => files), parts)
    ),
  );
  return joinRemoved(results);
}

/**
 * Removes what an interrupted deletion has left in the index.
 *
 * @param parts `openFolders`: where cameras record now; none at start-up.
 */
export async function finishRemovals(
  parts: Pick<DeletionParts, "root" | "index" | "send" | "openFolders">,
): Promise<Removed> {
  const byCamera = Map.groupBy(parts.index.removals(), ({ cameraId }) => cameraId);
  const results: Removed[] = [];
  for (const [cameraId, listed] of byCamera) {
    for (let from = 0; from < listed.length; from += FILES_PER_ENTRY) {
      const paths = listed.slice(from, from + FILES_PER_ENTRY);
      const expanded = await Promise.all(
        paths.map(async ({ path }) => ({ path, files: await expandRange(parts.root, path) })),
      );
      results.push(await removeListed(cameraId, expanded, parts));
    }
  }
  return joinRemoved(results);
}

async function planPieces(victims: readonly Victim[], parts: DeletionParts): Promise<Piece[]> {
  const logs = new LogCounter((path) => parts.index.logUse(path));
  const pieces: Piece[] = [];
  const groups = Map.groupBy(victims, ({ cameraId, cause }) => `${cameraId} ${cause}`);
  for (const group of groups.values()) {
    for (let from = 0; from < group.length; from += BATCHES_PER_ENTRY) {
      const some = group.slice(from, from + BATCHES_PER_ENTRY);
      const batches = parts.index.batchesById(some.map(({ batchId }) => batchId));
      if (batches.length === 0) continue;
      pieces.push(await planPiece(batches, { ...parts, logs, cause: some[0]!.cause }));
    }
  }
  return pieces;
}

async function planPiece(
  batches: readonly Batch[],
  parts: DeletionParts & { readonly logs: LogCounter; readonly cause: DeletionCause },
): Promise<Piece> {
  const { root, index, logs, cause, nowMs } = parts;
  const stills = await stillsOf(root, batches, index);
  const emptied = batches.map(({ framesPath }) => framesPath).filter((path) => {
    logs.takeOne(path);
    return logs.left(path) === 0;
  });
  const plain = [...batches.map(({ recordingPath }) => recordingPath), ...emptied];
  const entry: DeletionEntry = {
    type: "deletion",
    cameraId: batches[0]!.cameraId,
    atMs: nowMs,
    cause,
    batchIds: batches.map(({ batchId }) => batchId),
    files: [...plain, ...stills.map(({ range }) => range)],
  };
  return {
    entry,
    files: [
      ...plain.map((path) => ({ path, files: [path] })),
      ...stills.map(({ range, paths }) => ({ path: range, files: paths })),
    ],
  };
}

/** Takes recordings away before their rows, when the rows can't go without room. */
async function makeRoomFirst(
  pieces: readonly Piece[],
  committed: Promise<void>,
  { root, outOfPatience }: DeletionParts,
): Promise<void> {
  let isCommitted = false;
  const done = committed.then(() => {
    isCommitted = true;
  });
  await Promise.race([done, outOfPatience?.(done)]);
  if (isCommitted) return;
  // A crash now leaves rows without their files, which the next start makes known gaps.
  const recordings = pieces.flatMap(({ entry }) => entry.files)
    .filter((path) => path.endsWith(".mp4"));
  for (const path of recordings) await removeIfThere(join(root, path));
}

/** Removes files, makes that durable, and has their paths taken off the list. */
export async function removeListed(
  cameraId: string,
  listed: readonly ListedPath[],
  parts: Pick<DeletionParts, "root" | "send" | "openFolders">,
): Promise<Removed> {
  const left: { path: string; reason: string }[] = [];
  const gone: string[] = [];
  let logBytes = 0;
  let files = 0;
  for (const each of listed) {
    try {
      if (each.path.endsWith(".jsonl")) logBytes += await sizeOf(join(parts.root, each.path));
      for (const path of each.files) await removeIfThere(join(parts.root, path));
      files += each.files.length;
      gone.push(each.path);
    } catch (error) {
      left.push({ path: each.path, reason: messageOf(error) });
    }
  }
  const folders = new Set(listed.flatMap((each) => [each.path, ...each.files]).map(folderOf));
  // A file that came back after a power cut would be in no list any more.
  await Promise.all([...folders].map((folder) => syncIfThere(join(parts.root, folder))));
  if (gone.length > 0) await parts.send({ type: "removed", cameraId, files: gone, logBytes });
  for (const folder of folders) await tidy(folder, parts);
  return { files, left };
}

async function syncIfThere(folder: string): Promise<void> {
  try {
    await syncFolder(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Removes the folder of an hour, and that of its day, when nothing is in them. */
async function tidy(
  folder: string,
  { root, openFolders }: Pick<DeletionParts, "root" | "openFolders">,
): Promise<void> {
  for (let each = folder; /\/\d{4}-\d{2}-\d{2}(?:\/\d{2})?$/.test(each); each = dirname(each)) {
    if (isOpen(each, openFolders)) return;
    if (!await removeIfEmpty(join(root, each))) return;
  }
}

/** Whether a camera may be about to make a file there, or below. */
function isOpen(folder: string, openFolders: ReadonlySet<string>): boolean {
  // Stills and logs lie in folders of the same day and hour as the recordings, pictures of
  // events in those of the same day.
  const place = folder.replace(/^(?:data\/frames|data\/events|frames)\//, "data/recordings/");
  return [...openFolders].some((open) => open === place || open.startsWith(`${place}/`));
}

async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await Deno.remove(folder);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    if ((error as { readonly code?: string }).code === "ENOTEMPTY") return false;
    throw error;
  }
}

export function joinRemoved(results: readonly Removed[]): Removed {
  return {
    files: results.reduce((sum, { files }) => sum + files, 0),
    left: results.flatMap(({ left }) => left),
  };
}
