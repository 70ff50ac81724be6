/**
 * The room on the disk that a folder lies on.
 *
 * @module
 */

import { statfs } from "node:fs/promises";

/** For this user, in bytes. */
export async function diskRoom(
  folder: string,
): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
  const { bsize, bavail, blocks } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
