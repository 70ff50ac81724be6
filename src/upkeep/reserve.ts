/**
 * Room for the moment when the disk is full: a file that is given up so that the
 * database can commit a deletion, and made again when there is room.
 *
 * @module
 */

import { join } from "node:path";
import { sizeOf } from "../host/files.ts";
import { removeIfThere, syncFile, syncFolder, writeAll } from "../host/durable.ts";
import type { DiskRoom } from "../model/retention.ts";

const RESERVE_PATH = join("data", "reserve");

/** Some hundred deletions' worth of rows and ledger lines, in bytes. */
const LARGEST_BYTES = 16 * 1_048_576;

/** The smallest share of a disk that is worth the file. */
const SHARE = 0.01;

const CHUNK_BYTES = 65_536;

/** How large the file is on such a disk. */
export function reserveBytes(disk: DiskRoom): number {
  return Math.min(LARGEST_BYTES, Math.round(disk.totalBytes * SHARE));
}

/** Makes the file where it is missing and the disk has room for it many times over. */
export async function makeReserve(root: string, disk: DiskRoom): Promise<void> {
  const sizeBytes = reserveBytes(disk);
  const path = join(root, RESERVE_PATH);
  if (disk.freeBytes < 4 * sizeBytes || await sizeOf(path) >= sizeBytes) return;
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  // Noise, because some file systems store blanks as nothing.
  const chunk = crypto.getRandomValues(new Uint8Array(CHUNK_BYTES));
  for (let left = sizeBytes; left > 0; left -= CHUNK_BYTES) {
    await writeAll(file, chunk.subarray(0, Math.min(left, CHUNK_BYTES)));
  }
  await syncFile(file, path);
  await syncFolder(join(root, "data"));
}

/** Gives the room up. */
export async function giveUpReserve(root: string): Promise<void> {
  await removeIfThere(join(root, RESERVE_PATH));
}
