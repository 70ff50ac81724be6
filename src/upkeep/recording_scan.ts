/**
 * Reads a recording file from beginning to end, in whatever state a crash left
 * it: what it says of itself, each whole fragment with its CRC-32 and samples,
 * and how far it is whole.
 *
 * Unlike footage/recording_index.ts it reads every byte, and a torn end is an
 * answer, not an error.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { messageOf } from "../base/errors.ts";
import { readAt } from "../footage/recording_index.ts";
import { Sha256 } from "../host/hash.ts";
import { type Box, MalformedMedia, peekBox } from "../media/boxes.ts";
import { parseFragment, type Sample } from "../media/fragment.ts";
import { type InitSegment, parseInitSegment } from "../media/init_segment.ts";
import { parseLabel, type RecordingLabel } from "../media/recording_label.ts";
import { parseSeal } from "../media/recording_seal.ts";

/** A fragment and where it lies in its file, `moof` and `mdat` together. */
export interface ScannedFragment {
  readonly offset: number;
  readonly sizeBytes: number;
  /** CRC-32 of its bytes. */
  readonly sum: number;
  readonly video: readonly Sample[];
}

export interface RecordingScan {
  readonly label: RecordingLabel | undefined;
  readonly init: InitSegment | undefined;
  readonly fragments: readonly ScannedFragment[];
  /** CRC-32 of all that lies before the first fragment. */
  readonly headSum: number;
  /** Sums that the file had when it was closed; undefined for one that was not. */
  readonly seal: readonly number[] | undefined;
  /** Length up to the last whole fragment, or the seal. */
  readonly wholeBytes: number;
  readonly sizeBytes: number;
  /** What was found at `wholeBytes` where that is not the file's end. */
  readonly fault: string | undefined;
  /** Has taken the bytes up to `wholeBytes`. */
  readonly hash: Sha256;
}

/** Longest header of a box. */
const HEADER_BYTES = 16;

/** @throws {Deno.errors.NotFound} If there is no such file. */
export function scanRecording(path: string): RecordingScan {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  const scan = new Scan(size);
  let offset = 0;
  try {
    while (offset < size) {
      const box = readBox(file, offset, size);
      scan.take(box, offset);
      offset += box.bytes.length;
    }
  } catch (error) {
    if (!(error instanceof MalformedMedia)) throw error;
    scan.fault = messageOf(error);
  }
  return scan.result();
}

function readBox(file: Deno.FsFile, offset: number, size: number): Box {
  const head = peekBox(readAt(file, offset, Math.min(HEADER_BYTES, size - offset)));
  if (head === undefined || offset + head.sizeBytes > size) {
    throw new MalformedMedia(`Cannot read on at byte ${offset}: the file ends within a box`);
  }
  const bytes = readAt(file, offset, head.sizeBytes);
  return { type: head.type, bytes, payload: bytes.subarray(head.headerBytes) };
}

class Scan {
  readonly #size: number;
  readonly #hash = new Sha256();
  readonly #fragments: ScannedFragment[] = [];
  #headSum = 0;
  #label: RecordingLabel | undefined;
  #init: InitSegment | undefined;
  #seal: readonly number[] | undefined;
  #moof: { readonly box: Box; readonly offset: number } | undefined;
  #wholeBytes = 0;
  fault: string | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** @throws {MalformedMedia} If the box is not what stands at its place in a recording. */
  take(box: Box, offset: number): void {
    switch (box.type) {
      case "moof":
        this.#moof = { box, offset };
        return;
      case "mdat":
        return this.#takeFragment(box);
      case "moov":
        this.#init = parseInitSegment(box.payload);
        break;
      case "uuid":
        this.#label ??= parseLabel(box);
        this.#seal ??= parseSeal(box);
        break;
      case "ftyp":
        break;
      default:
        // Of what a crash leaves behind the end, some looks like the head of a box.
        throw new MalformedMedia(`Cannot read on at byte ${offset}: it is no box of a recording`);
    }
    if (this.#moof !== undefined) {
      throw new MalformedMedia(`Cannot read on at byte ${offset}: "mdat" is missing`);
    }
    this.#keep([box.bytes]);
    if (this.#fragments.length === 0) this.#headSum = crc32(box.bytes, this.#headSum);
  }

  result(): RecordingScan {
    if (this.fault === undefined && this.#wholeBytes < this.#size) {
      this.fault = `Cannot read on at byte ${this.#wholeBytes}: "mdat" is missing`;
    }
    return {
      label: this.#label,
      init: this.#init,
      fragments: this.#fragments,
      headSum: this.#headSum,
      seal: this.#seal,
      wholeBytes: this.#wholeBytes,
      sizeBytes: this.#size,
      fault: this.fault,
      hash: this.#hash,
    };
  }

  #takeFragment(mdat: Box): void {
    const moof = this.#moof;
    if (moof === undefined || this.#init === undefined) {
      throw new MalformedMedia('Cannot place "mdat": no "moov" and "moof" came before it');
    }
    const { video } = parseFragment(moof.box, this.#init);
    const sizeBytes = moof.box.bytes.length + mdat.bytes.length;
    for (const sample of video) {
      if (sample.offset + sample.sizeBytes > sizeBytes) {
        throw new MalformedMedia(`Cannot find a sample at byte ${moof.offset + sample.offset}`);
      }
    }
    const sum = crc32(mdat.bytes, crc32(moof.box.bytes));
    this.#fragments.push({ offset: moof.offset, sizeBytes, sum, video });
    this.#moof = undefined;
    this.#keep([moof.box.bytes, mdat.bytes]);
  }

  #keep(parts: readonly Uint8Array[]): void {
    for (const bytes of parts) {
      this.#hash.add(bytes);
      this.#wholeBytes += bytes.length;
    }
  }
}
