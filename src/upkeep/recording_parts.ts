/**
 * Walks a recording part by part (its head, then each fragment), checked against
 * the sums of its seal, and goes on behind parts that are damaged.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { MalformedMedia, peekBox } from "../media/boxes.ts";
import { parseSeal } from "../media/recording_seal.ts";
import type { ByteRange } from "./fault.ts";

/** Longest header of a box. */
const HEADER_BYTES = 16;

const CHUNK_BYTES = 1024 * 1024;

/** Longest seal that is looked for: an hour of fragments of 100 ms has 36,000 sums. */
const LONGEST_SEAL_BYTES = 1024 * 1024;

/** A file up to a length, as if it ended there. */
export class RecordingBytes implements Disposable {
  readonly #file: Deno.FsFile;

  constructor(path: string, readonly sizeBytes: number) {
    this.#file = Deno.openSync(path);
  }

  /** @throws {MalformedMedia} If the file ends before. */
  read({ fromByte, toByte }: ByteRange): Uint8Array {
    const bytes = new Uint8Array(toByte - fromByte);
    this.#file.seekSync(fromByte, Deno.SeekMode.Start);
    for (let filled = 0; filled < bytes.length;) {
      const count = this.#file.readSync(bytes.subarray(filled));
      if (count === null) throw new MalformedMedia(`Cannot read on: the file ends too early`);
      filled += count;
    }
    return bytes;
  }

  *chunks({ fromByte, toByte }: ByteRange): Generator<Uint8Array> {
    for (let at = fromByte; at < toByte; at += CHUNK_BYTES) {
      yield this.read({ fromByte: at, toByte: Math.min(toByte, at + CHUNK_BYTES) });
    }
  }

  /** Header of the box at a place; undefined where there is none that fits in. */
  boxAt(offset: number): { readonly type: string; readonly endByte: number } | undefined {
    const toByte = Math.min(this.sizeBytes, offset + HEADER_BYTES);
    if (toByte <= offset) return undefined;
    try {
      const head = peekBox(this.read({ fromByte: offset, toByte }));
      const endByte = offset + (head?.sizeBytes ?? Infinity);
      return head === undefined || endByte > this.sizeBytes
        ? undefined
        : { type: head.type, endByte };
    } catch (error) {
      if (error instanceof MalformedMedia) return undefined;
      throw error;
    }
  }

  sum(range: ByteRange): number {
    let sum = 0;
    for (const chunk of this.chunks(range)) sum = crc32(chunk, sum);
    return sum;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

export interface FoundSeal {
  /** Of the head, then of each fragment. */
  readonly sums: readonly number[];
  /** Where the seal begins. */
  readonly atByte: number;
}

/** The seal at the end of a file, found from its end: boxes before it may be damaged. */
export function findSeal(file: RecordingBytes): FoundSeal | undefined {
  const toByte = file.sizeBytes;
  const fromByte = Math.max(0, toByte - LONGEST_SEAL_BYTES);
  const tail = Buffer.from(file.read({ fromByte, toByte }));
  for (let at = tail.lastIndexOf("uuid"); at >= 4; at = tail.lastIndexOf("uuid", at - 1)) {
    const bytes = tail.subarray(at - 4);
    if (bytes.readUInt32BE(0) !== bytes.length) continue;
    const sums = parseSeal({ type: "uuid", bytes, payload: bytes.subarray(8) });
    if (sums !== undefined) return { sums, atByte: fromByte + at - 4 };
  }
  return undefined;
}

/** Parts that are not what they were: 0 is the head, from 1 on fragments. `toPart` is excluded. */
export interface DamagedPart extends ByteRange {
  readonly fromPart: number;
  readonly toPart: number;
}

export interface WalkedParts {
  readonly damaged: readonly DamagedPart[];
  readonly wholeParts: ReadonlyMap<number, ByteRange>;
}

export function walkParts(file: RecordingBytes, { sums, atByte }: FoundSeal): WalkedParts {
  const damaged: DamagedPart[] = [];
  const wholeParts = new Map<number, ByteRange>();
  let part = 0;
  let offset = 0;
  while (part < sums.length || offset < atByte) {
    const range = partAt(file, { offset, isHead: part === 0, atByte });
    if (part < sums.length && range !== undefined && file.sum(range) === sums[part]) {
      wholeParts.set(part, range);
      offset = range.toByte;
      part += 1;
      continue;
    }
    const next = nextWhole(file, { behind: offset, atByte, sums, part });
    damaged.push({
      fromByte: offset,
      toByte: next.offset,
      fromPart: Math.min(part, sums.length - 1),
      toPart: next.part,
    });
    ({ part, offset } = next);
  }
  return { damaged, wholeParts };
}

/** The next part whose sum the seal knows; the seal itself when there is none. */
function nextWhole(
  file: RecordingBytes,
  from: {
    readonly behind: number;
    readonly atByte: number;
    readonly sums: readonly number[];
    readonly part: number;
  },
): { readonly part: number; readonly offset: number } {
  const { behind, atByte, sums, part } = from;
  for (const offset of placesOfMoof(file, { fromByte: behind + 1, toByte: atByte })) {
    const range = partAt(file, { offset, isHead: false, atByte });
    if (range === undefined) continue;
    const found = sums.indexOf(file.sum(range), part + 1);
    if (found >= 0) return { part: found, offset };
  }
  return { part: sums.length, offset: atByte };
}

/** Where the part that begins at a place ends, as its boxes say. */
function partAt(
  file: RecordingBytes,
  place: { readonly offset: number; readonly isHead: boolean; readonly atByte: number },
): ByteRange | undefined {
  const { offset, isHead, atByte } = place;
  let box = file.boxAt(offset);
  if (isHead) {
    let toByte = offset;
    while (box !== undefined && box.type !== "moof" && box.endByte <= atByte) {
      toByte = box.endByte;
      box = file.boxAt(toByte);
    }
    return box?.type === "moof" ? { fromByte: offset, toByte } : undefined;
  }
  if (box?.type !== "moof") return undefined;
  const mdat = file.boxAt(box.endByte);
  if (mdat?.type !== "mdat" || mdat.endByte > atByte) return undefined;
  return { fromByte: offset, toByte: mdat.endByte };
}

/** Places at which a box of type "moof" may begin: by chance one in 4 GB. */
function* placesOfMoof(file: RecordingBytes, { fromByte, toByte }: ByteRange): Generator<number> {
  // The type stands behind four bytes of size.
  for (let at = fromByte; at < toByte; at += CHUNK_BYTES) {
    const end = Math.min(toByte, at + CHUNK_BYTES + 7);
    const chunk = Buffer.from(file.read({ fromByte: at, toByte: end }));
    for (
      let found = chunk.indexOf("moof", 4);
      found >= 0;
      found = chunk.indexOf("moof", found + 1)
    ) {
      if (found - 4 < CHUNK_BYTES) yield at + found - 4;
    }
  }
}
