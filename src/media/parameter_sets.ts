/**
 * Puts frames of two encoders into one track: their parameter sets (what a
 * decoder must know of a stream) have to live side by side in one sample entry.
 *
 * H.264 keeps them in the entry, told apart by their numbers (ISO/IEC 14496-15,
 * 5.3.3). For H.265 the encoder offers no numbers, so there they stand in band,
 * in front of the first frame that needs them, which entry type "hev1" allows
 * (8.4.1).
 *
 * @module
 */

import { box, u16 } from "./box_writer.ts";
import { type Box, childBoxes, MalformedMedia, parseBytes, viewOf } from "./boxes.ts";

/** Fields of a visual sample entry before its boxes (ISO/IEC 14496-12, 12.1.3). */
const VISUAL_ENTRY_BYTES = 78;

/** Fields of `hvcC` before its arrays of parameter sets (ISO/IEC 14496-15, 8.3.3.1). */
const HVCC_FIXED_BYTES = 22;

/** H.264 configuration of a sample entry. */
export interface AvcConfig {
  /** profile_idc of the stream: 66 baseline, 77 main, 100 high and so on. */
  readonly profile: number;
  /** Numbers that its sequence and picture parameter sets use. */
  readonly ids: ReadonlySet<number>;
}

/** What an H.264 stream's packets need when they leave the MP4: sets as NAL units, as views. */
export interface AvcParameterSets {
  /** Bytes of the length in front of each NAL unit of a sample. */
  readonly lengthBytes: number;
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** The parameter sets of an H.264 sample entry. */
export function readAvcParameterSets(sampleEntry: Uint8Array): AvcParameterSets {
  return parseBytes("avcC", () => {
    const { head, sps, pps } = avcParts(configBox(sampleEntry, "avcC").payload);
    return { lengthBytes: (head[4]! & 3) + 1, sps, pps };
  });
}

interface AvcParts {
  readonly head: Uint8Array;
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** Chroma format and depth, in high profiles. */
  readonly tail: Uint8Array;
}

/** Reads what another encoder must know to stay out of this one's way. */
export function readAvcConfig(sampleEntry: Uint8Array): AvcConfig {
  return parseBytes("avcC", () => {
    const { head, sps, pps } = avcParts(configBox(sampleEntry, "avcC").payload);
    // A sequence parameter set's number stands behind NAL type, profile, flags and level.
    const ids = [
      ...sps.map((set) => firstExpGolomb(set.subarray(4))),
      ...pps.map((set) => firstExpGolomb(set.subarray(1))),
    ];
    return { profile: head[1]!, ids: new Set(ids) };
  });
}

/** The first entry with the parameter sets of the others added. */
export function mergeAvcEntries(entries: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = entries;
  if (first === undefined) throw new RangeError("Cannot merge no sample entries");
  const parts = [first, ...others].map((entry) => avcParts(configBox(entry, "avcC").payload));
  const sps = parts.flatMap((part) => part.sps);
  const pps = parts.flatMap((part) => part.pps);
  const head = parts[0]!.head.slice();
  // The level of the most demanding one.
  head[3] = Math.max(...parts.map((part) => part.head[3]!));
  head[5] = 0xe0 | sps.length;
  const withLength = (set: Uint8Array) => [u16(set.length), set];
  const merged = box(
    "avcC",
    head,
    ...sps.flatMap(withLength),
    Uint8Array.of(pps.length),
    ...pps.flatMap(withLength),
    parts[0]!.tail,
  );
  return withConfig(first, { type: "avcC", replacement: merged, entryType: "avc1" });
}

/** The entry as one whose stream may carry parameter sets in band. */
export function toInBandHevc(sampleEntry: Uint8Array): Uint8Array {
  const config = configBox(sampleEntry, "hvcC");
  return withConfig(sampleEntry, {
    type: "hvcC",
    replacement: config.bytes,
    entryType: "hev1",
  });
}

/** Parameter sets of an H.265 entry as they stand in front of a frame: each behind its 32-bit length. */
export function hevcParameterSets(sampleEntry: Uint8Array): Uint8Array {
  return parseBytes("hvcC", () => {
    const { payload } = configBox(sampleEntry, "hvcC");
    const view = viewOf(payload);
    const parts: number[] = [];
    let at = HVCC_FIXED_BYTES + 1;
    for (let array = 0; array < payload[HVCC_FIXED_BYTES]!; array += 1) {
      const count = view.getUint16(at + 1);
      at += 3;
      for (let set = 0; set < count; set += 1) {
        const length = view.getUint16(at);
        parts.push(0, 0, length >> 8, length & 0xff, ...payload.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    }
    return Uint8Array.from(parts);
  });
}

function configBox(sampleEntry: Uint8Array, type: string): Box {
  for (const child of childBoxes(sampleEntry.subarray(8 + VISUAL_ENTRY_BYTES))) {
    if (child.type === type) return child;
  }
  throw new MalformedMedia(`Cannot find "${type}" in the sample entry`);
}

function avcParts(avcC: Uint8Array): AvcParts {
  const view = viewOf(avcC);
  let at = 6;
  const sets = (count: number) =>
    Array.from({ length: count }, () => {
      const length = view.getUint16(at);
      at += 2 + length;
      return avcC.subarray(at - length, at);
    });
  const sps = sets(view.getUint8(5) & 0x1f);
  at += 1;
  const pps = sets(view.getUint8(at - 1));
  return { head: avcC.subarray(0, 6), sps, pps, tail: avcC.subarray(at) };
}

function withConfig(
  sampleEntry: Uint8Array,
  change: { readonly type: string; readonly replacement: Uint8Array; readonly entryType: string },
): Uint8Array {
  const fixed = sampleEntry.subarray(8, 8 + VISUAL_ENTRY_BYTES);
  const children = [...childBoxes(sampleEntry.subarray(8 + VISUAL_ENTRY_BYTES))];
  return box(
    change.entryType,
    fixed,
    ...children.map((child) => child.type === change.type ? change.replacement : child.bytes),
  );
}

/** The unsigned Exp-Golomb number that bytes begin with (ITU-T H.264, 9.1). */
function firstExpGolomb(bytes: Uint8Array): number {
  const bit = (index: number) => (bytes[index >> 3]! >> (7 - (index & 7))) & 1;
  let zeros = 0;
  while (zeros < 32 && bit(zeros) === 0) zeros += 1;
  let value = 0;
  for (let index = zeros; index <= 2 * zeros; index += 1) value = value * 2 + bit(index);
  return value - 1;
}
