/**
 * How far recording lies behind its sources at this moment: the age of the
 * newest line in the frame log, of the camera that is furthest behind.
 *
 * @module
 */

import { parseFrameLine } from "../model/frame.ts";
import { openLogPath } from "./lookback_process.ts";

/** More than two lines; one has about 300 bytes. */
const TAIL_BYTES = 2_048;

/** @returns Milliseconds; infinite where a camera has no log. */
export async function lagMs(root: string, cameraIds: readonly string[]): Promise<number> {
  const ages = await Promise.all(cameraIds.map((id) => ageOfNewest(root, id)));
  return Math.max(...ages);
}

async function ageOfNewest(root: string, cameraId: string): Promise<number> {
  const path = await openLogPath(root, cameraId);
  if (path === undefined) return Infinity;
  using file = await Deno.open(path);
  const { size } = await file.stat();
  await file.seek(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
  const bytes = new Uint8Array(TAIL_BYTES);
  const count = await file.read(bytes) ?? 0;
  const lines = new TextDecoder().decode(bytes.subarray(0, count)).split("\n");
  const newest = lines.map(parseFrameLine).findLast((frame) => frame !== undefined);
  return newest === undefined ? Infinity : Date.now() - newest.atMs;
}
