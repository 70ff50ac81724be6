/**
 * How much room a batch's stills take up.
 *
 * @module
 */

import { join } from "node:path";
import { sizeOf } from "../host/files.ts";
import type { Frame } from "../model/frame.ts";

/**
 * Bytes of the stills that a batch's frames name.
 *
 * @param counted Stills of the camera's batch before; the one on the border is not counted twice.
 */
export async function stillsBytesOf(
  root: string,
  frames: readonly Frame[],
  counted: Set<string>,
): Promise<number> {
  const paths = new Set(frames.flatMap(({ imagePath }) => imagePath ?? []));
  let sizeBytes = 0;
  for (const path of paths) {
    if (!counted.has(path)) sizeBytes += await sizeOf(join(root, path));
  }
  counted.clear();
  for (const path of paths) counted.add(path);
  return sizeBytes;
}
