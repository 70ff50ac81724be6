/**
 * Lays out a ZIP archive whose files are stored as they are: films don't get
 * smaller, and so the archive's length is known before its first byte and any range
 * of it can be read by itself.
 *
 * In:   name, length, checksum and time of each file. Out: pieces, one after the
 *       other: bytes that the archive adds, and whole files.
 * Not here: reading files, computing checksums.
 *
 * APPNOTE.TXT of PKWARE, 4.3 (records) and 4.5.3 (ZIP64, where 32 bits don't do).
 *
 * Pure.
 *
 * @module
 */

export interface ZipEntry {
  /** With "/" between folders. */
  readonly name: string;
  readonly sizeBytes: number;
  /** CRC-32 as ZIP has it (as zlib computes it). */
  readonly crc32: number;
  /** Kept to two seconds, in UTC. */
  readonly modifiedMs: number;
}

/** What stands at a place of the archive. */
export type ZipPiece =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** A file, whole; an index into the entries. */
  | { readonly kind: "file"; readonly index: number; readonly sizeBytes: number };

export interface ZipLayout {
  readonly totalBytes: number;
  readonly pieces: readonly ZipPiece[];
}

/** The highest value that 32 bits have means: look into the ZIP64 field. */
const FULL = 0xffff_ffff;

const VERSION_PLAIN = 20;
const VERSION_ZIP64 = 45;

/** Names are in UTF-8. */
const FLAGS = 1 << 11;

/** A file that its owner may write and all may read, as Unix says it. */
const ATTRIBUTES = 0o100644 << 16;

/** The number in ZIP64 extra fields. */
const ZIP64_FIELD = 0x0001;

export function layOutZip(entries: readonly ZipEntry[]): ZipLayout {
  const pieces: ZipPiece[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const [index, entry] of entries.entries()) {
    const head = localHeader(entry);
    central.push(centralHeader(entry, offset));
    pieces.push({ kind: "bytes", bytes: head });
    pieces.push({ kind: "file", index, sizeBytes: entry.sizeBytes });
    offset += head.length + entry.sizeBytes;
  }
  const centralBytes = central.reduce((sum, { length }) => sum + length, 0);
  const end = endRecords({ entries: entries.length, centralBytes, centralOffset: offset });
  pieces.push({ kind: "bytes", bytes: joined([...central, end]) });
  return { totalBytes: offset + centralBytes + end.length, pieces };
}

function localHeader(entry: ZipEntry): Uint8Array {
  const isLarge = entry.sizeBytes >= FULL;
  const name = new TextEncoder().encode(entry.name);
  // 4.5.3: in a local header both sizes stand in the field, or none.
  const extra = isLarge ? zip64Field([entry.sizeBytes, entry.sizeBytes]) : new Uint8Array(0);
  const size = isLarge ? FULL : entry.sizeBytes;
  const fields = new Fields(30)
    .u32(0x0403_4b50)
    .u16(isLarge ? VERSION_ZIP64 : VERSION_PLAIN).u16(FLAGS)
    .u16(0) // stored
    .u32(dosTime(entry.modifiedMs)).u32(entry.crc32)
    .u32(size).u32(size)
    .u16(name.length).u16(extra.length);
  return joined([fields.bytes, name, extra]);
}

function centralHeader(entry: ZipEntry, offset: number): Uint8Array {
  const isLarge = entry.sizeBytes >= FULL;
  const isFar = offset >= FULL;
  const name = new TextEncoder().encode(entry.name);
  const large = [
    ...(isLarge ? [entry.sizeBytes, entry.sizeBytes] : []),
    ...(isFar ? [offset] : []),
  ];
  const extra = large.length > 0 ? zip64Field(large) : new Uint8Array(0);
  const version = large.length > 0 ? VERSION_ZIP64 : VERSION_PLAIN;
  const size = isLarge ? FULL : entry.sizeBytes;
  const fields = new Fields(46)
    .u32(0x0201_4b50)
    .u16(3 << 8 | VERSION_ZIP64).u16(version) // made on Unix
    .u16(FLAGS).u16(0)
    .u32(dosTime(entry.modifiedMs)).u32(entry.crc32)
    .u32(size).u32(size)
    .u16(name.length).u16(extra.length).u16(0) // no comment
    .u16(0).u16(0) // first disk, no text
    .u32(ATTRIBUTES).u32(isFar ? FULL : offset);
  return joined([fields.bytes, name, extra]);
}

function endRecords(
  { entries, centralBytes, centralOffset }: {
    readonly entries: number;
    readonly centralBytes: number;
    readonly centralOffset: number;
  },
): Uint8Array {
  const isLarge = entries >= 0xffff || centralBytes >= FULL || centralOffset >= FULL;
  const count = Math.min(entries, 0xffff);
  const end = new Fields(22)
    .u32(0x0605_4b50).u16(0).u16(0)
    .u16(count).u16(count)
    .u32(Math.min(centralBytes, FULL)).u32(Math.min(centralOffset, FULL))
    .u16(0); // no comment
  if (!isLarge) return end.bytes;
  const large = new Fields(56)
    .u32(0x0606_4b50).u64(44) // bytes of this record behind here
    .u16(3 << 8 | VERSION_ZIP64).u16(VERSION_ZIP64).u32(0).u32(0)
    .u64(entries).u64(entries).u64(centralBytes).u64(centralOffset);
  const locator = new Fields(20)
    .u32(0x0706_4b50).u32(0).u64(centralOffset + centralBytes).u32(1);
  return joined([large.bytes, locator.bytes, end.bytes]);
}

function zip64Field(values: readonly number[]): Uint8Array {
  const fields = new Fields(4 + 8 * values.length).u16(ZIP64_FIELD).u16(8 * values.length);
  for (const value of values) fields.u64(value);
  return fields.bytes;
}

/** Time in the lower half, date in the upper one (MS-DOS), in UTC. Years begin at 1980. */
function dosTime(atMs: number): number {
  const at = new Date(Math.max(atMs, Date.UTC(1980, 0, 1)));
  const time = at.getUTCHours() << 11 | at.getUTCMinutes() << 5 | at.getUTCSeconds() >> 1;
  const date = (at.getUTCFullYear() - 1980) << 9 | (at.getUTCMonth() + 1) << 5 | at.getUTCDate();
  return (date << 16 | time) >>> 0;
}

/** Writes little-endian numbers one after the other. */
class Fields {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value >>> 0, true);
    this.#at += 4;
    return this;
  }

  u64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
