/**
 * Locks on folders, by which an export keeps recordings from being deleted
 * while it reads them: readers share a folder, who deletes from it has it alone.
 *
 * The kernel lets go of a lock when its holder ends, however it ends. Nothing is
 * written, so users that may only read can hold folders too. On a file system
 * without locks everybody gets what they ask for.
 *
 * @module
 */

import { type Clock, systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";

/** Deleting a batch takes milliseconds: it is waited for this often, with this pause. */
const TRIES = 20;
const PAUSE_MS = 100;

/** Folders that are held until this is disposed of. */
export interface FolderHold extends Disposable {
  readonly folders: readonly string[];
}

/**
 * Shares folders with other readers: nobody can hold one of them alone meanwhile.
 * Waits up to 2 s where somebody does. A folder that is not there is left out.
 *
 * @throws {OperatorError} "export-failed" when one is still held alone after that.
 */
export async function holdFolders(
  paths: Iterable<string>,
  clock: Clock = systemClock,
): Promise<FolderHold> {
  using opened = new DisposableStack();
  const folders: string[] = [];
  for (const path of new Set(paths)) {
    const folder = openFolder(path);
    if (folder === undefined) continue;
    opened.use(folder);
    if (!await shareSoon(folder, clock)) throw stillDeleting(path);
    folders.push(path);
  }
  const kept = opened.move();
  return { folders, [Symbol.dispose]: () => kept.dispose() };
}

/**
 * Takes a folder alone, to delete what is in it. Does not wait.
 *
 * @returns Undefined when somebody holds it. Where there is no folder, nobody can read from it:
 * then the hold has none.
 */
export function tryHoldFolder(path: string): FolderHold | undefined {
  const folder = openFolder(path);
  if (folder === undefined) return { folders: [], [Symbol.dispose]: () => {} };
  if (tryLock(folder, "alone")) {
    return { folders: [path], [Symbol.dispose]: () => folder.close() };
  }
  folder.close();
  return undefined;
}

async function shareSoon(folder: Deno.FsFile, clock: Clock): Promise<boolean> {
  const { signal } = new AbortController();
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tryLock(folder, "shared")) return true;
    await clock.sleep(PAUSE_MS, signal);
  }
  return tryLock(folder, "shared");
}

function openFolder(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function tryLock(folder: Deno.FsFile, how: "alone" | "shared"): boolean {
  try {
    return folder.tryLockSync(how === "alone");
  } catch {
    // A file system without locks (some network ones). Better an export that finds its recordings
    // gone, and says so, than a disk that is never tidied.
    return true;
  }
}

function stillDeleting(path: string): OperatorError {
  return new OperatorError("export-failed", "Cannot read recordings: they are being deleted", {
    found: { folder: path },
    fix: ["try again in a moment: what is left then can be exported"],
  });
}
