/**
 * Reads a stretch of a file from beginning to end at a pace that somebody else
 * sets, and hashes it.
 *
 * @module
 */

import { Sha256 } from "../host/hash.ts";
import type { ByteRange } from "./fault.ts";

/**
 * Told how many bytes were read; reading goes on when it resolves. Throws when
 * reading is to end.
 */
export type Pace = (readBytes: number) => Promise<void> | void;

export interface HashedStretch {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The first bytes, as many as were asked for and are there. */
  readonly head: Uint8Array;
}

/** Bytes that are read at once: at the slow pace of a scrub, a few reads a second. */
const CHUNK_BYTES = 512 * 1024;

/** @returns Less than `range` where the file ends before. */
export async function hashRange(
  file: Deno.FsFile,
  range: ByteRange,
  options: { readonly pace: Pace; readonly headBytes?: number },
): Promise<HashedStretch> {
  const { pace, headBytes = 0 } = options;
  const hash = new Sha256();
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(1, range.toByte - range.fromByte)));
  let head = new Uint8Array();
  let sizeBytes = 0;
  await file.seek(range.fromByte, Deno.SeekMode.Start);
  while (range.fromByte + sizeBytes < range.toByte) {
    const left = range.toByte - range.fromByte - sizeBytes;
    const count = await file.read(chunk.subarray(0, Math.min(left, chunk.length)));
    if (count === null) break;
    const bytes = chunk.subarray(0, count);
    hash.add(bytes);
    if (sizeBytes === 0) head = bytes.slice(0, headBytes);
    sizeBytes += count;
    await pace(count);
  }
  return { sha256: hash.hex(), sizeBytes, head };
}
