/**
 * Looks whether the disk takes recordings, before a recorder is started in vain.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { messageOf } from "../base/errors.ts";
import { diskFaultOf } from "../host/disk_fault.ts";
import { requireRoot } from "../host/root_identity.ts";
import type { RecorderFault } from "../media/ffmpeg_faults.ts";
import type { GapCause } from "../model/ledger.ts";

/**
 * Recording begins again when there is room for some seconds of one camera, in
 * bytes; on a small disk, with this part of it.
 */
const LEAST_FREE_BYTES = 8 * 1_048_576;
const LEAST_FREE_SHARE = 0.02;

/** Causes that are the disk's, not the camera's. */
const DISK_CAUSES: readonly GapCause[] = ["disk-full", "disk-missing", "disk-failed"];

export function isDiskCause(cause: GapCause): boolean {
  return DISK_CAUSES.includes(cause);
}

/**
 * Tries to write.
 *
 * @param disk `write` makes a small file durable below the root.
 *
 * @returns Why nothing can be recorded; undefined when it can.
 */
export async function diskProblem(
  disk: {
    readonly root: string;
    readonly rootIdentity: string;
    readonly write: () => Promise<void>;
  },
): Promise<RecorderFault | undefined> {
  try {
    await requireRoot(disk.root, disk.rootIdentity);
    await disk.write();
    const { bavail, blocks, bsize } = await statfs(disk.root);
    const freeBytes = bavail * bsize;
    if (freeBytes >= Math.min(LEAST_FREE_BYTES, LEAST_FREE_SHARE * blocks * bsize)) {
      return undefined;
    }
    return { cause: "disk-full", detail: `the disk has ${freeBytes} bytes of room` };
  } catch (error) {
    return { cause: diskFaultOf(error), detail: messageOf(error) };
  }
}
