/**
 * Bytes of files, and of bytes between them, as bodies of known length that can be
 * read from any place.
 *
 * @module
 */

import { fileAt } from "../../footage/film_name.ts";
import { readRange } from "../../host/durable.ts";
import { sha256OfText } from "../../host/hash.ts";
import type { ByteBody } from "../../web/doors.ts";

/** Read at once, in bytes. */
const PIECE_BYTES = 262_144;

/** A part of a body: bytes in memory, or a stretch of a file. */
export type BodyPart =
  | { readonly bytes: Uint8Array }
  | { readonly path: string; readonly offset: number; readonly sizeBytes: number };

/** A file as it is now; undefined where there is none, or something else than a file. */
export async function fileBody(path: string): Promise<ByteBody | undefined> {
  const found = await fileAt(path);
  if (found === undefined || !found.isFile) return undefined;
  const { size, mtime, ino } = found;
  return bodyOf([{ path, offset: 0, sizeBytes: size }], `${size} ${mtime?.getTime()} ${ino}`);
}

/** @param identity Another one for other bytes; it becomes the tag. */
export function bodyOf(parts: readonly BodyPart[], identity: string): ByteBody {
  const totalBytes = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  return {
    totalBytes,
    etag: `"${sha256OfText(identity).slice(0, 32)}"`,
    read: (from, to, signal) => ReadableStream.from(pieces(parts, { from, to }, signal)),
  };
}

function sizeOf(part: BodyPart): number {
  return "bytes" in part ? part.bytes.length : part.sizeBytes;
}

async function* pieces(
  parts: readonly BodyPart[],
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const part of parts) {
    const [begin, end] = [Math.max(from, at), Math.min(to, at + sizeOf(part))];
    if (begin < end) yield* piecesOf(part, { begin: begin - at, end: end - at }, signal);
    at += sizeOf(part);
  }
}

async function* piecesOf(
  part: BodyPart,
  { begin, end }: { readonly begin: number; readonly end: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if ("bytes" in part) {
    yield part.bytes.subarray(begin, end);
    return;
  }
  using file = await Deno.open(part.path);
  for (let at = begin; at < end; at += PIECE_BYTES) {
    signal.throwIfAborted();
    const range = { offset: part.offset + at, sizeBytes: Math.min(PIECE_BYTES, end - at) };
    const bytes = await readRange(file, range);
    if (bytes === undefined) throw new Error("the file has become shorter");
    yield bytes;
  }
}
