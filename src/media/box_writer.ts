/**
 * Builds MP4 boxes out of numbers and bytes (ISO/IEC 14496-12, 4.2).
 *
 * @module
 */

import { viewOf } from "./boxes.ts";

/** A box of the given four-letter type around the parts. */
export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + parts.reduce((sum, part) => sum + part.length, 0));
  viewOf(bytes).setUint32(0, bytes.length);
  for (let index = 0; index < 4; index += 1) bytes[4 + index] = type.charCodeAt(index);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A box that begins with a version and 24 bits of flags. */
export function fullBox(
  type: string,
  head: { readonly version?: number; readonly flags?: number },
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return box(type, u32((head.version ?? 0) * 0x1000000 + (head.flags ?? 0)), ...parts);
}

/** 32-bit numbers, most significant byte first; negative ones as two's complement. */
export function u32(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return u32List(values);
}

/** Like {@linkcode u32}, for tables: a call with a million arguments would not fit the stack. */
export function u32List(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4);
  const view = viewOf(bytes);
  for (let index = 0; index < values.length; index += 1) view.setUint32(index * 4, values[index]!);
  return bytes;
}

/** 16-bit numbers, most significant byte first. */
export function u16(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 2);
  const view = viewOf(bytes);
  for (let index = 0; index < values.length; index += 1) view.setUint16(index * 2, values[index]!);
  return bytes;
}

/** One 64-bit number, most significant byte first. */
export function u64(value: number): Uint8Array<ArrayBuffer> {
  return u64List([value]);
}

/** A table of 64-bit numbers. */
export function u64List(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 8);
  const view = viewOf(bytes);
  for (let index = 0; index < values.length; index += 1) {
    view.setBigInt64(index * 8, BigInt(values[index]!));
  }
  return bytes;
}

/** `count` zero bytes. */
export function zeros(count: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(count);
}

/** Latin-1 text, one byte a character. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
