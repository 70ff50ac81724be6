/**
 * Writes a film (read_movie.ts) to a file, and hashes it. A film that is not
 * finished never has the final name: its bytes go into the file that took
 * the name (film_name.ts).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { removeIfThere, syncFolder, writeAll } from "../host/durable.ts";
import type { Movie } from "../media/movie.ts";
import { EarlySync } from "./early_sync.ts";
import { partPath } from "./film_name.ts";
import { PIECE_BYTES, readMovie } from "./read_movie.ts";

export interface WriteProgress {
  readonly writtenBytes: number;
  readonly totalBytes: number;
}

/**
 * @param movie What to write.
 * @param target `sources` are the absolute paths that the film's ranges name.
 * @returns SHA-256 of the file, in hexadecimal.
 *
 * @throws {DOMException} "AbortError" when `signal` is aborted; nothing is left behind.
 */
export async function writeMovie(
  movie: Movie,
  target: {
    readonly path: string;
    readonly sources: readonly string[];
    readonly signal: AbortSignal;
    readonly onProgress: (progress: WriteProgress) => void;
  },
): Promise<string> {
  const temporary = partPath(target.path);
  try {
    const sha256 = await writeBytes(movie, { ...target, path: temporary });
    await Deno.rename(temporary, target.path);
    await syncFolder(dirname(target.path));
    return sha256;
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

/**
 * Reads, hashes and writes at the same time: while one piece is hashed on this
 * thread, other threads write it and read the next one.
 */
async function writeBytes(
  movie: Movie,
  target: Parameters<typeof writeMovie>[1],
): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(target.path, { write: true, create: true, truncate: true });
  using syncing = await Deno.open(target.path, { write: true });
  const sync = new EarlySync(syncing);
  const { sources, signal } = target;
  const pieces = readMovie(movie, { sources, signal, memory: twoInTurn() });
  let reading = pieces.next();
  let writing = Promise.resolve();
  let writtenBytes = 0;
  try {
    for (;;) {
      // Both: the memory of the piece that was being written is free for the next one.
      const [{ done, value: bytes }] = await Promise.all([reading, writing]);
      target.onProgress({ writtenBytes, totalBytes: movie.totalBytes });
      if (done) break;
      reading = pieces.next();
      writing = writeAll(file, bytes);
      hash.update(bytes);
      writtenBytes += bytes.length;
      sync.after(writtenBytes);
    }
  } finally {
    // Nothing may be under way when the files are closed.
    await Promise.allSettled([reading, writing, sync.idle()]);
    await pieces.return(undefined);
  }
  sync.requireGood();
  await file.sync();
  return hash.digest("hex");
}

/** The same two pieces of memory again and again. */
function twoInTurn(): () => Uint8Array<ArrayBuffer> {
  const memory = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)] as const;
  let turn = 0;
  return () => memory[turn++ % 2]!;
}
