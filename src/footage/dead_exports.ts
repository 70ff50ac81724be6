/**
 * Removes what dead exports left in `output/`: films and receipts that were not
 * finished, and their working folders. For the start of the service.
 *
 * @module
 */

import { join } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { removeIfThere } from "../host/durable.ts";
import { fileAt, lockPart, partPath, receiptPath, tryLock, workPath } from "./film_name.ts";

/** What an export leaves when it is killed: its film, its receipt, what it was cut from. */
const LEFTOVERS = [/^(.+\.mp4)\.part$/, /^(.+\.mp4)\.json\.part$/, /^\.(.+\.mp4)\.work$/];

/** A picture that was not finished: it is written in milliseconds and has no lock. */
const PICTURE_LEFTOVER = /\.jpg\.part$/;
const PICTURE_DEAD_AFTER_MS = 60_000;

/**
 * Removes what dead exports left below a storage root. What a living export
 * writes stays, and so does what this user may not remove.
 *
 * @returns The paths of what was removed, relative to the root.
 */
export async function removeDeadExports(
  root: string,
  clock: Clock = systemClock,
): Promise<string[]> {
  const folder = join(root, "output");
  const names = await namesIn(folder);
  const films = new Set(
    names.flatMap((name) => LEFTOVERS.map((form) => form.exec(name)?.[1] ?? []).flat()),
  );
  for (const film of films) await unlessForbidden(() => removeLeftovers(join(folder, film)));
  for (const name of names.filter((name) => PICTURE_LEFTOVER.test(name))) {
    await unlessForbidden(() => removeOldPicture(join(folder, name), clock));
  }
  const left = new Set(await namesIn(folder));
  return names.filter((name) => !left.has(name)).map((name) => `output/${name}`);
}

async function removeLeftovers(film: string): Promise<void> {
  // Film finished, receipt not yet: its exporter still holds it, under the film's own name.
  if (await isHeld(film)) return;
  using part = await lockPart(film);
  if (part === undefined) return;
  await removeIfThere(workPath(film), "with-content");
  await removeIfThere(`${receiptPath(film)}.part`);
  await removeIfThere(partPath(film));
}

async function isHeld(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    return !await tryLock(file, true);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeOldPicture(path: string, clock: Clock): Promise<void> {
  const writtenMs = (await fileAt(path))?.mtime?.getTime() ?? Infinity;
  if (clock.now() - writtenMs > PICTURE_DEAD_AFTER_MS) await removeIfThere(path);
}

async function unlessForbidden(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    // Another user's: no reason for not recording.
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.toSorted();
}
