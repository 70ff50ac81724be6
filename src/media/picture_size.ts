/**
 * Reads the size of the picture out of a sequence parameter set: ITU-T H.264,
 * 7.3.2.1.1, and ITU-T H.265, 7.3.2.2.1.
 *
 * The coded size, without what is cropped away: 1920x1088 for 1920x1080. It is
 * good for comparing two sets, not for people.
 *
 * @module
 */

import { parseBytes } from "./boxes.ts";

/** A coded size in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Profiles of H.264 whose sets say more about colour (7.3.2.1.1). */
const COLOUR_PROFILES: ReadonlySet<number> = new Set(
  [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135],
);

const HEVC_PROFILE_BITS = 88;
const LEVEL_BITS = 8;

/**
 * @param set A whole NAL unit, header included.
 * @throws {MalformedMedia} If it ends too early.
 */
export function avcPictureSize(set: Uint8Array): PictureSize {
  return parseBytes("sequence parameter set", () => {
    const bits = new BitReader(withoutEmulation(set.subarray(1)));
    const profile = bits.take(8);
    bits.take(16);
    bits.golomb();
    if (COLOUR_PROFILES.has(profile)) skipAvcColour(bits);
    bits.golomb();
    skipPictureOrder(bits);
    bits.golomb();
    bits.take(1);
    const width = (bits.golomb() + 1) * 16;
    const mapUnits = bits.golomb() + 1;
    const framesOnly = bits.take(1);
    return { width, height: (2 - framesOnly) * mapUnits * 16 };
  });
}

function skipAvcColour(bits: BitReader): void {
  const chroma = bits.golomb();
  if (chroma === 3) bits.take(1);
  bits.golomb();
  bits.golomb();
  bits.take(1);
  if (bits.take(1) === 0) return;
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list += 1) {
    if (bits.take(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
  }
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let index = 0; index < size && last !== 0; index += 1) {
    last = (last + bits.signedGolomb() + 256) % 256;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.golomb();
  if (type === 0) bits.golomb();
  if (type !== 1) return;
  bits.take(1);
  bits.golomb();
  bits.golomb();
  for (let left = bits.golomb(); left > 0; left -= 1) bits.golomb();
}

/**
 * @param set A whole NAL unit, header included.
 * @throws {MalformedMedia} If it ends too early.
 */
export function hevcPictureSize(set: Uint8Array): PictureSize {
  return parseBytes("sequence parameter set", () => {
    const bits = new BitReader(withoutEmulation(set.subarray(2)));
    bits.take(4);
    const subLayers = bits.take(3);
    bits.take(1);
    bits.skip(HEVC_PROFILE_BITS + LEVEL_BITS);
    skipSubLayers(bits, subLayers);
    bits.golomb();
    if (bits.golomb() === 3) bits.take(1);
    return { width: bits.golomb(), height: bits.golomb() };
  });
}

function skipSubLayers(bits: BitReader, count: number): void {
  if (count === 0) return;
  const present = Array.from({ length: count }, () => [bits.take(1), bits.take(1)] as const);
  bits.skip(2 * (8 - count));
  for (const [profile, level] of present) {
    bits.skip(profile * HEVC_PROFILE_BITS + level * LEVEL_BITS);
  }
}

/** Takes out the bytes that keep start codes from arising by chance (H.264, 7.4.1). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, index) =>
    !(byte === 3 && index >= 2 && bytes[index - 1] === 0 && bytes[index - 2] === 0)
  );
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next bits as an unsigned number; at most 31. */
  take(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) value = value * 2 + this.#bit();
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** An unsigned Exp-Golomb number (H.264, 9.1). */
  golomb(): number {
    let zeros = 0;
    while (zeros < 32 && this.#bit() === 0) zeros += 1;
    return 2 ** zeros - 1 + this.take(zeros);
  }

  signedGolomb(): number {
    const code = this.golomb();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  #bit(): number {
    const byte = this.#bytes[this.#at >> 3];
    if (byte === undefined) throw new RangeError("Cannot read past the end of the bits");
    const bit = (byte >> (7 - (this.#at & 7))) & 1;
    this.#at += 1;
    return bit;
  }
}
