/**
 * Encodes a small picture as a baseline JPEG (ITU-T T.81), so that posting one
 * needs no other program. Colours stay at half the size, as they came.
 *
 * In:   yuv420p, 16 to 235. Out: the file's bytes, in JPEG's full range.
 * Not here: other samplings, other tables, large pictures (ffmpeg does those).
 *
 * @module
 */

import type { YuvPicture } from "./detector_crop.ts";

/** Quantisation of annex K.1, in rows; the higher, the coarser. */
const LUMA_STEPS = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
];
const COLOUR_STEPS = [
  ...[17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99],
  ...[24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99],
  ...Array.from({ length: 32 }, () => 99),
];

/** Quality 90 of the usual scale: what a detector sees is not made worse. */
const STEP_SCALE = 0.2;

/** Codes of annex K.3: how many there are of each length, then their values. */
const LUMA_DC = table("00010501010101010100000000000000", "000102030405060708090a0b");
const COLOUR_DC = table("00030101010101010101010000000000", "000102030405060708090a0b");
const LUMA_AC = table(
  "0002010303020403050504040000017d",
  "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25" +
    "262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a83" +
    "8485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3" +
    "d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
);
const COLOUR_AC = table(
  "00020102040403040705040400010277",
  "0001020311040521310612415107617113223281081442" +
    "91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a5354" +
    "55565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6" +
    "a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6" +
    "f7f8f9fa",
);

interface CodeTable {
  /** As the file holds it. */
  readonly bytes: Uint8Array;
  readonly code: Uint16Array;
  readonly length: Uint8Array;
}

function table(counts: string, values: string): CodeTable {
  const bytes = Uint8Array.fromHex(counts + values);
  const code = new Uint16Array(256);
  const length = new Uint8Array(256);
  let next = 0;
  let at = 16;
  for (let bits = 1; bits <= 16; bits++) {
    for (let left = bytes[bits - 1]!; left > 0; left--) {
      const value = bytes[at++]!;
      code[value] = next++;
      length[value] = bits;
    }
    next <<= 1;
  }
  return { bytes, code, length };
}

/** The order in which a block's 64 numbers are written: by frequency, along diagonals. */
const ZIGZAG = zigzag();

function zigzag(): Uint8Array {
  const cells = Array.from({ length: 64 }, (_, at) => ({ at, row: at >> 3, column: at & 7 }));
  const key = ({ row, column }: { readonly row: number; readonly column: number }) => {
    const diagonal = row + column;
    return diagonal * 8 + (diagonal % 2 === 0 ? column : row);
  };
  return Uint8Array.from(cells.toSorted((a, b) => key(a) - key(b)), ({ at }) => at);
}

/**
 * What the transform below leaves out of row or column u: it takes five
 * multiplications instead of 64 because its results come scaled (Arai, Agui and
 * Nakajima, 1988). The division by the steps puts that right.
 */
const SCALES = Float32Array.from(
  { length: 8 },
  (_, u) => u === 0 ? 1 : Math.SQRT2 * Math.cos(u * Math.PI / 16),
);

const HALF = Math.SQRT1_2;
const EIGHTH = Math.sin(Math.PI / 8);

/** The cosine transform of eight numbers of a block, from `at` on, `step` apart. */
function transformLine(block: Float32Array, at: number, step: number): void {
  const b = at + step;
  const c = b + step;
  const d = c + step;
  const e = d + step;
  const f = e + step;
  const g = f + step;
  const h = g + step;
  const sum0 = block[at]! + block[h]!;
  const difference0 = block[at]! - block[h]!;
  const sum1 = block[b]! + block[g]!;
  const difference1 = block[b]! - block[g]!;
  const sum2 = block[c]! + block[f]!;
  const difference2 = block[c]! - block[f]!;
  const sum3 = block[d]! + block[e]!;
  const difference3 = block[d]! - block[e]!;
  const outer = sum0 + sum3;
  const inner = sum1 + sum2;
  const turn = (sum1 - sum2 + sum0 - sum3) * HALF;
  block[at] = outer + inner;
  block[e] = outer - inner;
  block[c] = sum0 - sum3 + turn;
  block[g] = sum0 - sum3 - turn;
  const low = difference3 + difference2;
  const high = difference1 + difference0;
  const middle = (difference2 + difference1) * HALF;
  const shared = (low - high) * EIGHTH;
  const even = low * (Math.SQRT2 * EIGHTH) + shared;
  const odd = high * (Math.SQRT2 * Math.cos(Math.PI / 8)) + shared;
  block[f] = difference0 - middle + even;
  block[d] = difference0 - middle - even;
  block[b] = difference0 + middle + odd;
  block[h] = difference0 + middle - odd;
}

/** One of the picture's three parts. */
interface Plane {
  readonly first: number;
  readonly width: number;
  readonly height: number;
  /** What each byte counts, around 0 in full range. */
  readonly levels: Float32Array;
  readonly steps: Uint8Array;
  readonly dc: CodeTable;
  readonly ac: CodeTable;
}

const LUMA_LEVELS = Float32Array.from({ length: 256 }, (_, y) => full((y - 16) * 255 / 219 - 128));
const COLOUR_LEVELS = Float32Array.from({ length: 256 }, (_, c) => full((c - 128) * 255 / 224));

function full(level: number): number {
  return Math.min(127, Math.max(-128, level));
}

/** The picture as a JPEG. */
export function encodeJpeg(picture: YuvPicture): Uint8Array<ArrayBuffer> {
  const { width, height, yuv } = picture;
  const [luma, colour] = [stepsOf(LUMA_STEPS), stepsOf(COLOUR_STEPS)];
  const bits = new BitWriter();
  const half = { width: width >> 1, height: height >> 1 };
  const colours = { ...half, levels: COLOUR_LEVELS, steps: colour, dc: COLOUR_DC, ac: COLOUR_AC };
  const first = width * height;
  const encoders = [
    { first: 0, width, height, levels: LUMA_LEVELS, steps: luma, dc: LUMA_DC, ac: LUMA_AC },
    { ...colours, first },
    { ...colours, first: first + half.width * half.height },
  ].map((plane) => new PlaneEncoder(plane, { yuv, bits }));
  const [y, u, v] = encoders as [PlaneEncoder, PlaneEncoder, PlaneEncoder];
  for (let row = 0; row < height; row += 16) {
    for (let column = 0; column < width; column += 16) {
      for (const [right, down] of [[0, 0], [8, 0], [0, 8], [8, 8]] as const) {
        y.block(column + right, row + down);
      }
      u.block(column >> 1, row >> 1);
      v.block(column >> 1, row >> 1);
    }
  }
  const head = headOf({ width, height, luma, colour });
  const body = bits.finish();
  const file = new Uint8Array(head.length + body.length + 2);
  file.set(head);
  file.set(body, head.length);
  file.set([0xff, 0xd9], head.length + body.length);
  return file;
}

function stepsOf(base: readonly number[]): Uint8Array {
  return Uint8Array.from(base, (step) => Math.max(1, Math.round(step * STEP_SCALE)));
}

function headOf(
  { width, height, luma, colour }: {
    readonly width: number;
    readonly height: number;
    readonly luma: Uint8Array;
    readonly colour: Uint8Array;
  },
): Uint8Array {
  const inOrder = (steps: Uint8Array) => [...ZIGZAG].map((at) => steps[at]!);
  const segment = (marker: number, bytes: readonly number[]) => {
    const length = bytes.length + 2;
    return [0xff, marker, length >> 8, length & 255, ...bytes];
  };
  const sides = [height >> 8, height & 255, width >> 8, width & 255];
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xe0, [...new TextEncoder().encode("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xdb, [0, ...inOrder(luma), 1, ...inOrder(colour)]),
    // Brightness is there twice as often as colours, in both directions.
    ...segment(0xc0, [8, ...sides, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]),
    ...segment(0xc4, [
      ...[0x00, ...LUMA_DC.bytes, 0x10, ...LUMA_AC.bytes],
      ...[0x01, ...COLOUR_DC.bytes, 0x11, ...COLOUR_AC.bytes],
    ]),
    ...segment(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]),
  ]);
}

/** Encodes one plane's blocks of 8 x 8, in the order that it is asked for them. */
class PlaneEncoder {
  readonly #plane: Plane;
  readonly #yuv: Uint8Array;
  readonly #bits: BitWriter;
  readonly #block = new Float32Array(64);
  readonly #levels = new Int16Array(64);
  /** What each number of a block is multiplied with, instead of divided by its step. */
  readonly #factors: Float32Array;
  #lastDc = 0;

  constructor(
    plane: Plane,
    { yuv, bits }: { readonly yuv: Uint8Array; readonly bits: BitWriter },
  ) {
    this.#plane = plane;
    this.#yuv = yuv;
    this.#bits = bits;
    this.#factors = Float32Array.from(
      plane.steps,
      (step, at) => 1 / (8 * step * SCALES[at >> 3]! * SCALES[at & 7]!),
    );
  }

  /** The block whose left upper corner is there; beyond the edge the last pixel goes on. */
  block(left: number, top: number): void {
    this.#transform(left, top);
    const levels = this.#levels;
    const { dc, ac } = this.#plane;
    const step = levels[0]! - this.#lastDc;
    this.#lastDc = levels[0]!;
    this.#put(dc, 0, step);
    let zeros = 0;
    for (let index = 1; index < 64; index++) {
      const level = levels[ZIGZAG[index]!]!;
      if (level === 0) {
        zeros += 1;
        continue;
      }
      for (; zeros > 15; zeros -= 16) this.#put(ac, 0xf0, 0);
      this.#put(ac, zeros << 4, level);
      zeros = 0;
    }
    if (zeros > 0) this.#put(ac, 0, 0);
  }

  /** A code that says how many bits the number has, then these bits. */
  #put({ code, length }: CodeTable, run: number, level: number): void {
    const size = 32 - Math.clz32(Math.abs(level));
    const symbol = run | size;
    this.#bits.write(code[symbol]!, length[symbol]!);
    if (size > 0) this.#bits.write(level < 0 ? level + (1 << size) - 1 : level, size);
  }

  /** Rows first, then columns; the result is divided by the steps and rounded. */
  #transform(left: number, top: number): void {
    const { first, width, height, levels } = this.#plane;
    const block = this.#block;
    const isWhole = left + 8 <= width;
    for (let y = 0; y < 8; y++) {
      const line = first + Math.min(height - 1, top + y) * width;
      for (let x = 0; x < 8; x++) {
        const column = isWhole ? left + x : Math.min(width - 1, left + x);
        block[y * 8 + x] = levels[this.#yuv[line + column]!]!;
      }
      transformLine(block, y * 8, 1);
    }
    for (let x = 0; x < 8; x++) transformLine(block, x, 8);
    for (let at = 0; at < 64; at++) this.#levels[at] = Math.round(block[at]! * this.#factors[at]!);
  }
}

/** Bits, the highest first; behind a byte of ones stands a zero, so that it is no marker. */
class BitWriter {
  #bytes = new Uint8Array(65_536);
  #length = 0;
  #pending = 0;
  #count = 0;

  write(value: number, bits: number): void {
    this.#pending = (this.#pending << bits) | value;
    this.#count += bits;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = (this.#pending >> this.#count) & 255;
      this.#append(byte);
      if (byte === 255) this.#append(0);
    }
    // What has been written must not be shifted out at the top.
    this.#pending &= (1 << this.#count) - 1;
  }

  /** The last byte is filled up with ones. */
  finish(): Uint8Array {
    if (this.#count > 0) this.write((1 << (8 - this.#count)) - 1, 8 - this.#count);
    return this.#bytes.subarray(0, this.#length);
  }

  #append(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}
