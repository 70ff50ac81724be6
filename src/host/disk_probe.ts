/**
 * Measures the disk that a folder is on: room, write speed, time of a sync.
 *
 * Writes one small file into the folder and removes it.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { writeAll } from "./durable.ts";

export interface DiskMeasure {
  /** The folder that was measured: the one asked for, or the nearest one above that is there. */
  readonly path: string;
  readonly isThere: boolean;
  /** For this user, in bytes. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** File system type as the kernel numbers it (statfs(2)). */
  readonly kind: number;
  readonly write: WriteMeasure;
}

export type WriteMeasure =
  | {
    readonly ok: true;
    /** Until the bytes are on the disk. */
    readonly bytesPerSecond: number;
    /** Time to make a small change durable: median and worst of several, in milliseconds. */
    readonly syncMs: number;
    readonly worstSyncMs: number;
  }
  | { readonly ok: false; readonly reason: string };

/** Bytes written to measure the speed: more than a card's first cache, less than a second on most. */
const WRITE_BYTES = 16 * 1_048_576;

/** Bytes between two syncs while the speed is measured. */
const CHUNK_BYTES = 4 * 1_048_576;

/** A slower disk is measured by what it had taken until then, in milliseconds. */
const WRITE_LIMIT_MS = 4_000;

/** Small changes that are made durable one by one. */
const SYNCS = 8;

/** With less room than this, nothing is written to measure anything. */
const MIN_FREE_BYTES = 4 * WRITE_BYTES;

/** Measures the disk under a folder. */
export async function measureDisk(folder: string): Promise<DiskMeasure> {
  const path = await nearestFolder(folder);
  const { bsize, bavail, blocks, type } = await statfs(path);
  const freeBytes = bavail * bsize;
  const write: WriteMeasure = freeBytes < MIN_FREE_BYTES
    ? { ok: false, reason: "there is no room to try" }
    : await measureWriting(path);
  const isThere = path === folder;
  return { path, isThere, freeBytes, totalBytes: blocks * bsize, kind: type, write };
}

async function nearestFolder(folder: string): Promise<string> {
  try {
    if ((await Deno.stat(folder)).isDirectory) return folder;
  } catch (error) {
    const isAbove = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.PermissionDenied;
    if (!isAbove) throw error;
  }
  const above = dirname(folder);
  return above === folder ? folder : await nearestFolder(above);
}

async function measureWriting(folder: string): Promise<WriteMeasure> {
  const path = join(folder, `.lookback-doctor-${crypto.randomUUID()}.tmp`);
  try {
    using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
    try {
      const bytesPerSecond = await measureSpeed(file);
      const times = await measureSyncs(file);
      const syncMs = times[Math.floor(times.length / 2)] ?? 0;
      return { ok: true, bytesPerSecond, syncMs, worstSyncMs: times.at(-1) ?? 0 };
    } finally {
      await Deno.remove(path);
    }
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

async function measureSpeed(file: Deno.FsFile): Promise<number> {
  // Noise, because some file systems compress.
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let offset = 0; offset < chunk.length; offset += 65_536) {
    crypto.getRandomValues(chunk.subarray(offset, offset + 65_536));
  }
  const startMs = performance.now();
  let writtenBytes = 0;
  while (writtenBytes < WRITE_BYTES && performance.now() - startMs < WRITE_LIMIT_MS) {
    await writeAll(file, chunk);
    await file.syncData();
    writtenBytes += chunk.length;
  }
  return writtenBytes / (performance.now() - startMs) * 1_000;
}

/** Times of small durable changes in milliseconds, shortest first. */
async function measureSyncs(file: Deno.FsFile): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < SYNCS; count += 1) {
    const startMs = performance.now();
    await writeAll(file, new Uint8Array(4_096));
    await file.sync();
    times.push(performance.now() - startMs);
  }
  return times.toSorted((left, right) => left - right);
}
