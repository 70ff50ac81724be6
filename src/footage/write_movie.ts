/**
 * Writes a film: its head, then byte ranges of the recordings. A film that is
 * not finished never has the final name: its bytes go into the file that took
 * the name (film_name.ts).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readRange, removeIfThere, syncFolder, writeAll } from "../host/durable.ts";
import type { Movie } from "../media/movie.ts";
import { MalformedMedia } from "../media/boxes.ts";
import { dirname } from "node:path";
import { partPath } from "./film_name.ts";

/** Bytes that are copied at a time. */
const COPY_BYTES = 1024 * 1024;

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

async function writeBytes(
  movie: Movie,
  target: Parameters<typeof writeMovie>[1],
): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(target.path, { write: true, create: true, truncate: true });
  let writtenBytes = 0;
  const write = async (bytes: Uint8Array) => {
    target.signal.throwIfAborted();
    hash.update(bytes);
    await writeAll(file, bytes);
    writtenBytes += bytes.length;
    target.onProgress({ writtenBytes, totalBytes: movie.totalBytes });
  };
  await write(movie.head);
  for await (const bytes of rangesOf(movie, target.sources)) await write(bytes);
  await file.sync();
  return hash.digest("hex");
}

/** The film's media bytes, in order. One source is open at a time. */
async function* rangesOf(
  movie: Movie,
  sources: readonly string[],
): AsyncGenerator<Uint8Array> {
  let open: { readonly source: number; readonly file: Deno.FsFile } | undefined;
  try {
    for (const range of movie.ranges) {
      if (open?.source !== range.source) {
        open?.file.close();
        open = undefined;
        open = { source: range.source, file: await Deno.open(sources[range.source]!) };
      }
      for (let done = 0; done < range.sizeBytes; done += COPY_BYTES) {
        const sizeBytes = Math.min(COPY_BYTES, range.sizeBytes - done);
        const bytes = await readRange(open.file, { offset: range.offset + done, sizeBytes });
        if (bytes === undefined) {
          throw new MalformedMedia(`Cannot read "${sources[range.source]}": it became shorter`);
        }
        yield bytes;
      }
    }
  } finally {
    open?.file.close();
  }
}
