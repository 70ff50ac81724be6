/**
 * One Lookback writes under one storage root: a lock that the kernel lets go of
 * when its holder ends, however it ends.
 *
 * @module
 */

import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { ensureFolder, writeAll } from "./durable.ts";

/** A short hold is waited for: this often, with this pause in milliseconds. */
const LOCK_TRIES = 4;
const LOCK_PAUSE_MS = 50;

/** Kept open for as long as the root is held. */
export interface RootLock extends Disposable {
  readonly path: string;
}

/**
 * Takes the storage root for this process.
 *
 * @throws {OperatorError} "root-in-use" with the holder's pid, or "root-unusable".
 */
export async function holdRoot(root: string): Promise<RootLock> {
  const path = lockPath(root);
  const file = await openLock(root, path);
  if (!await lockSoon(file)) {
    file.close();
    const holder = (await Deno.readTextFile(path)).trim() || "unknown";
    throw new OperatorError(
      "root-in-use",
      `Cannot record under "${root}": another Lookback does already`,
      {
        found: { pid: holder, lock: path },
        fix: [
          `stop that one first (kill ${holder}, or systemctl stop lookback)`,
          "or give this one a storage root of its own with --root",
        ],
      },
    );
  }
  await file.truncate(0);
  await writeAll(file, new TextEncoder().encode(`${Deno.pid}\n`));
  await file.sync();
  return { path, [Symbol.dispose]: () => file.close() };
}

/** A status command holds the lock for a moment while it looks; that is no recorder. */
async function lockSoon(file: Deno.FsFile): Promise<boolean> {
  for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
    if (await file.tryLock(true)) return true;
    await systemClock.sleep(LOCK_PAUSE_MS, new AbortController().signal);
  }
  return await file.tryLock(true);
}

async function openLock(root: string, path: string): Promise<Deno.FsFile> {
  try {
    await ensureFolder(join(root, "data"));
    return await Deno.open(path, { read: true, write: true, create: true });
  } catch (error) {
    throw new OperatorError("root-unusable", `Cannot write under "${root}"`, {
      found: { reason: messageOf(error) },
      fix: [
        "make the folder and give it to the user that runs Lookback",
        "or name another storage root with --root or storage.root",
      ],
    });
  }
}

/** Tells whether some process holds a storage root now. */
export async function isRootHeld(root: string): Promise<boolean> {
  try {
    using file = await Deno.open(lockPath(root));
    return !await file.tryLock(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The process that holds a storage root; undefined when none does. */
export async function rootHolder(root: string): Promise<number | undefined> {
  if (!await isRootHeld(root)) return undefined;
  const pid = Number((await Deno.readTextFile(lockPath(root))).trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

function lockPath(root: string): string {
  return join(root, "data", "lookback.lock");
}
