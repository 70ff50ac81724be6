/**
 * The name of a film while it is made: taken before the first byte is written,
 * by making `<film>.part` and locking it until film and receipt are there. The
 * kernel lets go of the lock when its holder ends, however it ends, so a `.part`
 * whose lock is free is what a dead export left, and its name can be taken.
 *
 * Not here: writing the film (write_movie.ts, stills_film.ts), finding a free
 *       name (app/archive.ts), tidying up (dead_exports.ts).
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { ensureFolder, removeIfThere, removeIfThereSync } from "../host/durable.ts";

/** A name that is taken until this is disposed of, which removes a film that was not finished. */
export interface TakenName extends Disposable {
  /** Absolute path of the film. */
  readonly path: string;
}

/** The file that a film is first written to. */
export function partPath(path: string): string {
  return `${path}.part`;
}

/** The folder for what a film is cut from. */
export function workPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.work`);
}

/** The receipt of a film. */
export function receiptPath(path: string): string {
  return `${path}.json`;
}

/**
 * Takes the name of a film. Makes the folder that it lies in.
 *
 * @returns Undefined when a film, a receipt or a living export has the name.
 */
export async function takeName(path: string): Promise<TakenName | undefined> {
  if (await isUsed(path)) return undefined;
  await ensureFolder(dirname(path));
  const part = await lockPart(path);
  if (part === undefined) return undefined;
  // Another export may have finished, and let go, while this one came.
  if (await isUsed(path)) {
    await removeIfThere(partPath(path));
    part.close();
    return undefined;
  }
  return {
    path,
    [Symbol.dispose]: () => {
      // Nobody else's: only the holder of the lock finishes, and a finished one has another name.
      removeIfThereSync(partPath(path));
      part.close();
    },
  };
}

async function isUsed(path: string): Promise<boolean> {
  return await fileAt(path) !== undefined || await fileAt(receiptPath(path)) !== undefined;
}

/**
 * Makes the `.part` of a film and locks it. One that a dead export left is
 * removed first, not written over: a child of the dead one may still write to it.
 *
 * @returns Undefined when a living export has it, or this user may not remove it.
 */
export async function lockPart(path: string): Promise<Deno.FsFile | undefined> {
  const part = partPath(path);
  for (;;) {
    const file = await makeFile(part);
    if (file === undefined) {
      if (await removeDead(part)) continue;
      return undefined;
    }
    // Between making and locking, somebody may have taken it for a dead one, and removed it.
    if (await tryLock(file, true) && await isStill(file, part)) return file;
    file.close();
  }
}

/** A new file; undefined when something has its name. */
async function makeFile(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path, { write: true, createNew: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
}

/** Removes a file that nobody holds. True when nothing of that name is left of it. */
async function removeDead(path: string): Promise<boolean> {
  const named = await fileAt(path);
  if (named === undefined) return true;
  // A link or a folder is not ours.
  if (!named.isFile) return false;
  try {
    using file = await Deno.open(path);
    if (!await tryLock(file, false)) return false;
    if (await isStill(file, path)) await Deno.remove(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/**
 * Locks a file for one holder alone.
 *
 * @param isNew True when this process has just made it.
 */
export async function tryLock(file: Deno.FsFile, isNew: boolean): Promise<boolean> {
  try {
    return await file.tryLock(true);
  } catch {
    // A file system without locks (some network ones): who made the file has the name.
    return isNew;
  }
}

/** True while a name leads to an open file, and not to another one or a link. */
async function isStill(file: Deno.FsFile, path: string): Promise<boolean> {
  const opened = await file.stat();
  const named = await fileAt(path);
  return named?.isFile === true && named.ino === opened.ino && named.dev === opened.dev;
}

/** What has a name; undefined when nothing has. A link counts as itself. */
export async function fileAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
