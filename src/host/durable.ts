/**
 * Files that survive a power cut: bytes first, then the name, then the folder
 * that holds the name.
 *
 * @module
 */

import { dirname } from "node:path";

/** Makes the entries of a folder (new names, renames, removals) durable. */
export async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
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

/** Puts a whole file in place or leaves what was there; durable when it returns. */
export async function writeFileDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.part`;
  {
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    await writeAll(file, bytes);
    await file.sync();
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
