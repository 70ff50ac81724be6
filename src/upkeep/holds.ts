/**
 * Holds as plain files, `data/holds/<name>.json`: made and released by commands
 * whether or not a Lookback records, read anew before anything is deleted.
 *
 * Who deletes and who holds take the folder alone, so that a hold that has been
 * made is one that every later deletion has seen.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import { ensureFolder, removeIfThere, syncFolder, writeFileDurably } from "../host/durable.ts";
import { type FolderHold, tryHoldFolder } from "../host/folder_lock.ts";
import { CAMERA_ID_PATTERN } from "../model/camera.ts";
import type { Hold } from "../model/hold.ts";

/** Folder of the holds below the storage root. */
const HOLDS_FOLDER = join("data", "holds");

/** A deletion of thousands of batches takes seconds: it is waited for this often, with this pause. */
const TRIES = 150;
const PAUSE_MS = 200;

/** A hold as it is kept. */
export interface KeptHold extends Hold {
  readonly createdMs: UnixMs;
}

export interface HoldsReading {
  /** By name. */
  readonly holds: readonly KeptHold[];
  /** Files that can't be read: what they hold is not known, so nothing may be deleted. */
  readonly unreadable: readonly string[];
}

/** Names are file names, so the rule is that of camera ids. */
export function isHoldName(name: string): boolean {
  return CAMERA_ID_PATTERN.test(name);
}

/** All holds of a storage root. */
export async function readHolds(root: string): Promise<HoldsReading> {
  const folder = join(root, HOLDS_FOLDER);
  const holds: KeptHold[] = [];
  const unreadable: string[] = [];
  for (const file of await namesIn(folder)) {
    const name = file.slice(0, -".json".length);
    // What begins with a name and ends otherwise is half-written.
    if (!file.endsWith(".json") || !isHoldName(name)) continue;
    const hold = await readHold(join(folder, file), name);
    if (hold === "gone") continue;
    if (hold === undefined) unreadable.push(join(HOLDS_FOLDER, file));
    else holds.push(hold);
  }
  return { holds: holds.sort((one, other) => one.name < other.name ? -1 : 1), unreadable };
}

/**
 * Makes a hold. When it resolves, the hold is durable and no deletion goes on that
 * has not seen it.
 *
 * @throws {OperatorError} "usage" when the name is taken, "root-unusable" when it
 * can't be written.
 */
export async function makeHold(root: string, hold: KeptHold, clock: Clock): Promise<void> {
  const path = join(root, HOLDS_FOLDER, `${hold.name}.json`);
  await writing(root, async () => {
    await makeHoldsFolder(root);
    using _alone = await holdAlone(root, clock);
    if (await isThere(path)) throw nameTaken(hold.name);
    const { name, cameraId, fromMs, toMs, createdMs } = hold;
    const text = JSON.stringify({
      format: "lookback-hold-1",
      name,
      camera_id: cameraId,
      from: isoUtc(fromMs),
      to: isoUtc(toMs),
      created: isoUtc(createdMs),
    });
    await writeFileDurably(path, new TextEncoder().encode(`${text}\n`));
  });
}

/**
 * Releases a hold.
 *
 * @returns False when there is none of that name.
 *
 * @throws {OperatorError} "root-unusable" when the file can't be removed.
 */
export async function releaseHold(root: string, name: string): Promise<boolean> {
  const folder = join(root, HOLDS_FOLDER);
  const path = join(folder, `${name}.json`);
  if (!await isThere(path)) return false;
  await writing(root, async () => {
    await removeIfThere(path);
    await syncFolder(folder);
  });
  return true;
}

/** Makes the folder, so that it is there to be taken. */
export async function makeHoldsFolder(root: string): Promise<void> {
  await ensureFolder(join(root, HOLDS_FOLDER));
}

/**
 * Keeps holds from being made while something is deleted.
 *
 * @returns Undefined when one is being made.
 */
export function keepHoldsAsTheyAre(root: string): FolderHold | undefined {
  return tryHoldFolder(join(root, HOLDS_FOLDER));
}

async function holdAlone(root: string, clock: Clock): Promise<FolderHold> {
  const { signal } = new AbortController();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const held = tryHoldFolder(join(root, HOLDS_FOLDER));
    if (held !== undefined) return held;
    await clock.sleep(PAUSE_MS, signal);
  }
  throw new Error("a deletion that is going on does not end");
}

async function readHold(path: string, name: string): Promise<KeptHold | "gone" | undefined> {
  try {
    return parseHold(await Deno.readTextFile(path), name);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "gone" : undefined;
  }
}

function parseHold(text: string, name: string): KeptHold | undefined {
  let value: Record<string, unknown> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const cameraId = value?.camera_id;
  const [fromMs, toMs, createdMs] = [value?.from, value?.to, value?.created].map((time) =>
    typeof time === "string" ? Date.parse(time) : NaN
  ) as [number, number, number];
  const isWhole = value?.name === name && (cameraId === null || typeof cameraId === "string") &&
    fromMs < toMs && Number.isSafeInteger(createdMs);
  if (!isWhole) return undefined;
  return {
    name,
    cameraId,
    fromMs: unixMs(fromMs),
    toMs: unixMs(toMs),
    createdMs: unixMs(createdMs),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function writing(root: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError("root-unusable", `Cannot change the holds under "${root}"`, {
      found: { reason: messageOf(error) },
      fix: [
        "run the command as the user that Lookback runs as, or as root",
        "check that the disk is mounted, can be written to and has room",
      ],
    });
  }
}

function nameTaken(name: string): OperatorError {
  return new OperatorError("usage", `Cannot make hold "${name}": there is one of that name`, {
    fix: [
      "give another name",
      `or release the old one first: lookback release ${name}`,
    ],
  });
}
