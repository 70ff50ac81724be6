/**
 * Lists the folders in which recordings lie, on the disk and in the index, hour
 * by hour over all cameras.
 *
 * @module
 */

import { join } from "node:path";
import { namesIn } from "../host/files.ts";

/** Where cameras' recordings lie, below the storage root. */
export const RECORDINGS = "data/recordings";

/** A camera's folder of an hour. */
export interface HourFolder {
  readonly cameraId: string;
  /** Relative to the storage root: "data/recordings/front/2026-11-21/20". */
  readonly folder: string;
}

/** All folders of one hour, one for each camera that has one. */
export type Hour = readonly HourFolder[];

/** @param known Folders that rows name; the recordings in them may be gone from the disk. */
export async function listHours(root: string, known: Iterable<string>): Promise<Hour[]> {
  const folders = new Set([...known, ...await foldersOnDisk(root)]);
  const hours = new Map<string, HourFolder[]>();
  for (const folder of [...folders].sort()) {
    const [, cameraId, hour] = /^data\/recordings\/([^/]+)\/(.+)$/.exec(folder) ?? [];
    if (cameraId === undefined || hour === undefined) continue;
    const list = hours.get(hour) ?? [];
    list.push({ cameraId, folder });
    hours.set(hour, list);
  }
  return [...hours].sort(([one], [other]) => one < other ? -1 : 1).map(([, list]) => list);
}

/** True where at least one camera has a folder for recordings. */
export async function hasRecordings(root: string): Promise<boolean> {
  return (await namesIn(join(root, RECORDINGS))).length > 0;
}

async function foldersOnDisk(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const camera of await namesIn(join(root, RECORDINGS))) {
    for (const day of await namesIn(join(root, RECORDINGS, camera))) {
      for (const hour of await namesIn(join(root, RECORDINGS, camera, day))) {
        found.push(`${RECORDINGS}/${camera}/${day}/${hour}`);
      }
    }
  }
  return found;
}
