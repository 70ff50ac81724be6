/**
 * Small disks for tests that fill them, take them away, or break them. Only root
 * may mount; elsewhere these tests are ignored, and their names say why.
 *
 * @module
 */

import { join } from "node:path";

/** Stands behind the names of tests that can't run here. */
const IGNORED = "IGNORED: only root can mount a small disk";

/** True where this user may mount. Asked once, by trying. */
export const canMount: boolean = await tryMount();

/** A test that needs small disks. Where there can be none it is shown as ignored. */
export function mountTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: canMount ? name : `${name} (${IGNORED})`, ignore: !canMount, fn });
}

/** A small disk, mounted at two places: under the one, it can be taken away. */
export interface SmallDisk extends AsyncDisposable {
  /** Where it stays mounted, for the test. */
  readonly backdoor: string;
  /** Takes it away from its place, also while files are open. What is open stays open. */
  unplug(): Promise<void>;
  /** Puts it back in place. */
  plug(options?: { readonly readOnly?: boolean }): Promise<void>;
  /** Ends being read-only. */
  allowWriting(): Promise<void>;
}

/**
 * Mounts a small disk at `place`, which is made.
 *
 * @param sizeBytes How much the disk holds.
 */
export async function smallDisk(place: string, sizeBytes: number): Promise<SmallDisk> {
  const backdoor = `${place}-backdoor`;
  await Deno.mkdir(backdoor, { recursive: true });
  await Deno.mkdir(place, { recursive: true });
  await run("mount", "-t", "tmpfs", "-o", `size=${sizeBytes}`, "lookback-test", backdoor);
  await run("mount", "--bind", backdoor, place);
  let isPlugged = true;
  return {
    backdoor,
    unplug: async () => {
      await run("umount", "-l", place);
      isPlugged = false;
    },
    plug: async ({ readOnly = false } = {}) => {
      await run("mount", "--bind", backdoor, place);
      if (readOnly) await run("mount", "-o", "remount,bind,ro", place);
      isPlugged = true;
    },
    allowWriting: async () => {
      await run("mount", "-o", "remount,bind,rw", place);
    },
    async [Symbol.asyncDispose]() {
      if (isPlugged) await run("umount", "-l", place);
      await run("umount", "-l", backdoor);
    },
  };
}

/** A disk with ext4 in a file, which can break: the kernel then makes it read-only. */
export interface BreakableDisk extends AsyncDisposable {
  /** Does what the kernel does when a disk gives errors: every write fails from now on. */
  breakDown(): Promise<void>;
  /** Checks it and mounts it again; nothing may be open on it. */
  repair(): Promise<void>;
}

export async function breakableDisk(place: string, sizeBytes: number): Promise<BreakableDisk> {
  const image = `${place}.img`;
  await Deno.mkdir(place, { recursive: true });
  using file = await Deno.open(image, { write: true, create: true });
  await file.truncate(sizeBytes);
  await run("mkfs.ext4", "-q", "-F", image);
  await run("mount", "-o", "loop", image, place);
  return {
    // mount(8), ext4: "abort" simulates what an error of the disk does.
    breakDown: async () => {
      await run("mount", "-o", "remount,abort", place);
    },
    repair: async () => {
      await run("umount", place);
      await run("fsck.ext4", "-p", image).catch(() => run("fsck.ext4", "-y", image));
      await run("mount", "-o", "loop", image, place);
    },
    async [Symbol.asyncDispose]() {
      await run("umount", "-l", place);
    },
  };
}

/** Fills a disk but for some bytes with a file of its own. */
export async function fillDisk(
  folder: string,
  { leave }: { readonly leave: number },
): Promise<Deno.FileInfo> {
  const path = join(folder, "ballast");
  const free = await freeBytes(folder);
  const chunk = new Uint8Array(65_536);
  using file = await Deno.open(path, { append: true, create: true });
  for (let left = free - leave; left > 0;) {
    try {
      left -= await file.write(chunk.subarray(0, Math.min(left, chunk.length)));
    } catch {
      // Somebody else was faster: it is full.
      break;
    }
  }
  return await file.stat();
}

export async function freeBytes(folder: string): Promise<number> {
  const text = await run("df", "--output=avail", "-B1", folder);
  return Number(text.trim().split("\n").at(-1));
}

async function tryMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    await run("mount", "-t", "tmpfs", "-o", "size=64k", "lookback-test", folder);
    await run("umount", folder);
    return true;
  } catch {
    return false;
  } finally {
    await Deno.remove(folder);
  }
}

async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  const decoder = new TextDecoder();
  if (!success) {
    throw new Error(`Cannot run "${command} ${args.join(" ")}": ${decoder.decode(stderr)}`);
  }
  return decoder.decode(stdout);
}
