/**
 * Knows a storage root again: a small file in it with an id of its own. When a
 * disk is not mounted, the folder below its mount point is there and empty, and
 * nothing may be written into it.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { RootMissing } from "./disk_fault.ts";
import { ensureFolder, writeFileDurably } from "./durable.ts";

/** Place of the file below the storage root. */
export const IDENTITY_PATH = join("data", "identity.json");

const FSTAB_PATH = "/etc/fstab";

/**
 * Refuses a storage root that is not the right one. Writes nothing.
 *
 * @param wanted The id that it must have ("storage.identity"); null takes any.
 *
 * @throws {OperatorError} "root-missing" if it is not the wanted one, or if it has
 * none, its mount point stands in /etc/fstab and nothing is mounted there.
 */
export async function refuseOtherRoot(root: string, wanted: string | null): Promise<void> {
  const found = await readIdentity(root);
  if (wanted !== null) {
    if (found === wanted) return;
    throw rootMissing(root, { "wanted identity": wanted, "found identity": found ?? "none" });
  }
  if (found !== undefined) return;
  const mountPoint = await unmountedAbove(root);
  if (mountPoint === undefined) return;
  throw rootMissing(root, { "not mounted": `${mountPoint} of ${FSTAB_PATH}` });
}

/** The id of a storage root; one that is new gets one. To be called by the root's holder. */
export async function identifyRoot(root: string): Promise<string> {
  return await readIdentity(root) ?? await makeIdentity(root);
}

/** The id of a storage root; undefined where it has none. */
export async function readIdentity(root: string): Promise<string | undefined> {
  try {
    return identityIn(await Deno.readTextFile(join(root, IDENTITY_PATH)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Makes sure that the root is still the one with this id. To be called before a
 * file or folder is made in it.
 *
 * @throws {RootMissing} If it is not.
 */
export async function requireRoot(root: string, identity: string): Promise<void> {
  if (await readIdentity(root) !== identity) throw missing(root);
}

/** {@linkcode requireRoot} for code that has nothing else to do meanwhile. */
export function requireRootSync(root: string, identity: string): void {
  let found: string | undefined;
  try {
    found = identityIn(Deno.readTextFileSync(join(root, IDENTITY_PATH)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (found !== identity) throw missing(root);
}

function missing(root: string): RootMissing {
  return new RootMissing(`the disk of "${root}" is not there: its identity file is missing`);
}

function identityIn(text: string): string | undefined {
  try {
    const { id } = JSON.parse(text);
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

async function makeIdentity(root: string): Promise<string> {
  const id = crypto.randomUUID();
  const text = `${JSON.stringify({ format: "lookback-root-1", id })}\n`;
  const path = join(root, IDENTITY_PATH);
  await ensureFolder(dirname(path));
  await writeFileDurably(path, new TextEncoder().encode(text));
  return id;
}

/** The nearest place above a folder that fstab mounts and that nothing is mounted on. */
async function unmountedAbove(root: string): Promise<string | undefined> {
  const points = mountPointsIn(await readFstab());
  for (let path = root; path !== "/" && path !== dirname(path); path = dirname(path)) {
    if (points.has(path) && !await isMountPoint(path)) return path;
  }
  return undefined;
}

async function readFstab(): Promise<string> {
  try {
    return await Deno.readTextFile(FSTAB_PATH);
  } catch {
    // Not there, or not for this user: then it says nothing.
    return "";
  }
}

/** The mount points of a text like /etc/fstab (fstab(5)); "/" and swap are left out. */
export function mountPointsIn(fstab: string): Set<string> {
  const points = new Set<string>();
  for (const line of fstab.split("\n")) {
    const [device = "", point = ""] = line.trim().split(/\s+/);
    if (device === "" || device.startsWith("#") || !point.startsWith("/")) continue;
    // A blank in a name stands there as \040.
    const path = point.replaceAll(
      /\\(\d{3})/g,
      (_, octal: string) => String.fromCharCode(parseInt(octal, 8)),
    );
    if (path !== "/") points.add(path.replace(/\/+$/, ""));
  }
  return points;
}

/** Something is mounted on a folder when it lies on another device than the folder above. */
async function isMountPoint(path: string): Promise<boolean> {
  try {
    const [here, above] = await Promise.all([Deno.stat(path), Deno.stat(dirname(path))]);
    return here.dev !== above.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function rootMissing(root: string, found: Readonly<Record<string, string>>): OperatorError {
  return new OperatorError("root-missing", `Cannot record under "${root}": this is not its disk`, {
    found,
    fix: [
      "mount the disk, then start again (systemd tries by itself)",
      "or, if this disk is the right one now, change storage.identity in the settings",
    ],
  });
}
