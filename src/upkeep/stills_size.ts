/**
 * How much room a batch's stills take up.
 *
 * @module
 */

import { join } from "node:path";
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

/** 0 where there is no such file. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
