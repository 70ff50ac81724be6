/**
 * Judges the disk that footage is written to.
 *
 * Pure.
 *
 * @module
 */

import type { DiskMeasure } from "../../host/disk_probe.ts";
import { fine, type Judgement, problem, warning } from "./finding.ts";

/** What the cameras ask of the disk. */
export interface DiskLoad {
  readonly cameras: number;
  readonly bytesPerSecond: number;
  readonly batchDurationMs: number;
}

/** With less room an hour of a single camera does not fit. */
const MIN_FREE_BYTES = 1_000_000_000;

/** File systems slow down and flash wears out when they are filled to the last. */
const MIN_FREE_SHARE = 0.05;

/** Speed that is wanted over the cameras' rate: exports, stills and the database write too. */
const SPEED_RESERVE = 3;

/** Syncs that closing a batch takes: recording, JSON log, their folders, the database. */
const SYNCS_PER_BATCH = 5;

/** Share of the time that the disk may spend on syncs. */
const MAX_SYNC_SHARE = 0.25;

/** A single sync above this is felt: rows and stills come late. */
const SLOW_SYNC_MS = 1_000;

/** Kinds of file system (statfs(2)) that footage should not lie on, and why. */
const ODD_KINDS: ReadonlyMap<number, string> = new Map([
  [0x01021994, "the folder is in memory (tmpfs): footage is gone after a restart"],
  [0x6969, "the folder is on a network file system (NFS): the database needs a local disk"],
  [0xff534d42, "the folder is on a network file system (CIFS): the database needs a local disk"],
  [0xfe534d42, "the folder is on a network file system (SMB): the database needs a local disk"],
]);

/** Judges the disk under the storage root. The gravest fault found is told. */
export function judgeDisk(disk: DiskMeasure, load: DiskLoad): Judgement {
  const { path, isThere, freeBytes, totalBytes, write } = disk;
  const share = totalBytes === 0 ? 0 : freeBytes / totalBytes;
  const place = isThere
    ? path
    : `${path} (the storage root below it is made when recording starts)`;
  const room = `${gigabytes(freeBytes)} free of ${gigabytes(totalBytes)} ` +
    `(${Math.round(share * 100)} %) at ${place}`;
  if (freeBytes < MIN_FREE_BYTES) return problem(`${room}: full`, FREE_ROOM);
  if (!write.ok) return problem(`${room}; cannot write there: ${write.reason}`, MAY_WRITE);
  const says = `${room}; writes ${megabytes(write.bytesPerSecond)}/s, ` +
    `a sync takes ${milliseconds(write.syncMs)}, at most ${milliseconds(write.worstSyncMs)}`;
  if (write.bytesPerSecond < load.bytesPerSecond) {
    return problem(
      `${says}; ${needs(load)}`,
      "record on a faster disk, or fewer or smaller streams",
    );
  }
  const odd = ODD_KINDS.get(disk.kind);
  if (odd !== undefined) {
    return warning(`${says}; ${odd}`, "set storage.root to a folder on a disk");
  }
  if (share < MIN_FREE_SHARE) return warning(`${says}; nearly full`, FREE_ROOM);
  if (write.bytesPerSecond < load.bytesPerSecond * SPEED_RESERVE) {
    return warning(
      `${says}; ${needs(load)}`,
      "record on a faster disk: exports will slow recording",
    );
  }
  const syncShare = load.cameras * SYNCS_PER_BATCH * write.syncMs / load.batchDurationMs;
  if (write.worstSyncMs > SLOW_SYNC_MS || syncShare > MAX_SYNC_SHARE) {
    return warning(`${says}; slow to sync`, "use a better disk or card, or longer batches");
  }
  return fine(says);
}

const FREE_ROOM = "make room, or set storage.root to a folder on a larger disk";

const MAY_WRITE = "give the folder to the user that records, or run the doctor as that user";

function needs({ cameras, bytesPerSecond }: DiskLoad): string {
  return `${cameras === 1 ? "the camera needs" : `${cameras} cameras need`} ` +
    `${megabytes(bytesPerSecond)}/s`;
}

function gigabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e9).toFixed(1)} GB`;
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`;
}

function milliseconds(durationMs: number): string {
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`;
}
