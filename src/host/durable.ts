/**
 * Files that survive a power cut: bytes first, then the name, then the folder
 * that holds the name.
 *
 * @module
 */

import { dirname } from "node:path";
import { logger } from "../base/log.ts";

const log = logger("host");

/**
 * Makes a file's bytes durable. Said in the log at level "trace": with that log,
 * a test of power cuts knows what a cut at any moment would have left.
 */
export async function syncFile(file: Deno.FsFile, path: string): Promise<void> {
  await file.sync();
  const { size } = await file.stat();
  log.trace("Synced {sizeBytes} bytes of {path}", { sizeBytes: size, path });
}

/** Makes the entries of a folder (new names, renames, removals) durable. */
export async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
  log.trace("Synced folder {path}", { path });
}

/** {@linkcode syncFile} for code that has nothing else to do meanwhile. */
export function syncFileSync(file: Deno.FsFile, path: string): void {
  file.syncSync();
  log.trace("Synced {sizeBytes} bytes of {path}", { sizeBytes: file.statSync().size, path });
}

/** {@linkcode syncFolder} for code that has nothing else to do meanwhile. */
export function syncFolderSync(path: string): void {
  using folder = Deno.openSync(path);
  folder.syncSync();
  log.trace("Synced folder {path}", { path });
}

/** Makes a folder and those above it, each one durable. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound) || dirname(path) === path) throw error;
    await ensureFolder(dirname(path));
    await makeFolder(path);
  }
  await syncFolder(dirname(path));
}

/** Not {@linkcode ensureFolder} itself: below a dangling link the answer never changes. */
async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path);
  } catch (error) {
    // Another camera's Worker made it in the meantime.
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** Writes all of `bytes` at the file's position. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
}

/** Reads exactly `sizeBytes` from `offset`. Undefined if the file ends before. */
export async function readRange(
  file: Deno.FsFile,
  range: { readonly offset: number; readonly sizeBytes: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(range.sizeBytes);
  await file.seek(range.offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < bytes.length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) return undefined;
    filled += count;
  }
  return bytes;
}

/** A user and a group. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom files are to be given to that are for their owner only: an administrator's command
 * must not leave one behind in a folder that the service can't read. Undefined where they
 * are the owner's by themselves.
 */
export async function ownerToBe(folder: string): Promise<Owner | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const { uid, gid } = await Deno.stat(folder);
  return uid === null || gid === null || uid === 0 ? undefined : { uid, gid };
}

/** Puts a whole file in place or leaves what was there; durable when it returns. */
export async function writeFileDurably(
  path: string,
  bytes: Uint8Array,
  { owner, ...options }: { readonly mode?: number; readonly owner?: Owner | undefined } = {},
): Promise<void> {
  const temporary = `${path}.part`;
  {
    const write = { write: true, create: true, truncate: true, ...options };
    using file = await Deno.open(temporary, write);
    if (owner !== undefined) await Deno.chown(temporary, owner.uid, owner.gid);
    await writeAll(file, bytes);
    await syncFile(file, temporary);
  }
  await Deno.rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Removes a file, or a folder with what it has; one that is not there is as good. */
export async function removeIfThere(
  path: string,
  folder: "empty" | "with-content" = "empty",
): Promise<void> {
  try {
    await Deno.remove(path, { recursive: folder === "with-content" });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Removes a file; one that is not there is as good. */
export function removeIfThereSync(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
