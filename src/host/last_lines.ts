/**
 * The end of a text file.
 *
 * @module
 */

import { readRange } from "./durable.ts";

/** Longest part of the file that is read, in bytes: lines beyond it are left out. */
const MAX_BYTES = 262_144;

/** The last `count` whole lines of a file, oldest first. */
export async function lastLines(path: string, count: number): Promise<string[]> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const offset = Math.max(0, size - MAX_BYTES);
  const bytes = await readRange(file, { offset, sizeBytes: size - offset });
  const lines = new TextDecoder().decode(bytes).split("\n");
  // The first one is the rest of a line.
  if (offset > 0) lines.shift();
  if (lines.at(-1) === "") lines.pop();
  return lines.slice(-count);
}
