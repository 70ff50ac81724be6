/**
 * The seal at the end of every closed recording file: a `uuid` box with a CRC-32
 * of everything before the first fragment and of each fragment. A SHA-256 of the
 * file says that something is wrong; the seal says where.
 *
 * Pure.
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import { type Box, MalformedMedia, viewOf } from "./boxes.ts";
import { box, u32List } from "./box_writer.ts";

/** Lookback's own extended type (ISO/IEC 14496-12, 11.1), a random UUID. */
const EXTENDED_TYPE = Uint8Array.from([
  ...[0x6c, 0x6f, 0x6f, 0x6b, 0x73, 0x65, 0x41, 0x6c],
  ...[0x8c, 0x15, 0x4e, 0xd0, 0x62, 0x97, 0xb3, 0x0a],
]);

/** Bytes of a value: an unsigned number, big-endian. */
const VALUE_BYTES = 4;

/** @param sums CRC-32 (ITU-T V.42) of the file's head, then of each fragment, `moof` and `mdat` together. */
export function buildSeal(sums: readonly number[]): Uint8Array<ArrayBuffer> {
  return box("uuid", EXTENDED_TYPE, u32List(sums));
}

/**
 * Reads a seal.
 *
 * @returns The sums; undefined for a `uuid` box of another kind.
 *
 * @throws {MalformedMedia} If its length fits no list.
 */
export function parseSeal(found: Box): number[] | undefined {
  const { payload } = found;
  const type = payload.subarray(0, EXTENDED_TYPE.length);
  const isOurs = found.type === "uuid" && type.length === EXTENDED_TYPE.length &&
    type.every((byte, index) => byte === EXTENDED_TYPE[index]);
  if (!isOurs) return undefined;
  const list = payload.subarray(EXTENDED_TYPE.length);
  if (list.length % VALUE_BYTES !== 0) {
    throw new MalformedMedia("Cannot read the seal of the recording: half a value");
  }
  const view = viewOf(list);
  return Array.from(
    { length: list.length / VALUE_BYTES },
    (_, index) => view.getUint32(index * VALUE_BYTES),
  );
}
