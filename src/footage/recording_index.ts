/**
 * Reads what a recording file holds: its init segment and, fragment by fragment,
 * where each sample lies. Media bytes are skipped, not read.
 *
 * @module
 */

import { type Box, MalformedMedia, peekBox } from "../media/boxes.ts";
import { MAX_BOX_BYTES } from "../media/box_splitter.ts";
import { parseFragment, type Sample } from "../media/fragment.ts";
import { type InitSegment, parseInitSegment } from "../media/init_segment.ts";

/** Samples of one fragment; `offset` counts from the start of the file. */
export interface IndexedFragment {
  readonly video: readonly Sample[];
  readonly audio: readonly Sample[];
}

export interface RecordingIndex {
  readonly init: InitSegment;
  readonly fragments: readonly IndexedFragment[];
}

/** Longest header of a box. */
const HEADER_BYTES = 16;

/**
 * Bytes that are read at once where a box begins: the index of a fragment and the header
 * of its media behind it fit in, so that a fragment costs one read.
 */
const AHEAD_BYTES = 2048;

/**
 * Reads up to `limitBytes`: what a file has behind that, a torn end or what a
 * damage made unreadable, is not footage.
 *
 * Synchronous on purpose: an hour has 18,000 fragments, and a system call costs a
 * tenth of a promise.
 *
 * @throws {MalformedMedia} If the file is not a whole recording.
 * @throws {Deno.errors.NotFound} If it is not there.
 */
export function indexRecording(path: string, limitBytes = Infinity): RecordingIndex {
  using file = Deno.openSync(path);
  const size = Math.min(file.statSync().size, limitBytes);
  const window = new ReadWindow(file, size);
  const fragments: IndexedFragment[] = [];
  let init: InitSegment | undefined;
  let moof: { readonly box: Box; readonly offset: number } | undefined;
  for (let offset = 0; offset < size;) {
    const head = peekBox(window.at(offset, Math.min(HEADER_BYTES, size - offset)));
    if (head === undefined || offset + head.sizeBytes > size) {
      throw new MalformedMedia(`Cannot read "${path}": it ends within a box at byte ${offset}`);
    }
    const whole = (): Box => {
      // Before the bytes are asked for: a forged length must not take memory.
      if (head.sizeBytes > MAX_BOX_BYTES) {
        throw new MalformedMedia(`Cannot read "${head.type}" of ${head.sizeBytes} bytes`);
      }
      const bytes = window.at(offset, head.sizeBytes);
      return { type: head.type, bytes, payload: bytes.subarray(head.headerBytes) };
    };
    if (head.type === "moov") init = parseInitSegment(whole().payload);
    else if (head.type === "moof") moof = { box: whole(), offset };
    else if (head.type === "mdat" && moof !== undefined && init !== undefined) {
      fragments.push(placed(parseFragment(moof.box, init), moof.offset));
      moof = undefined;
    }
    offset += head.sizeBytes;
  }
  if (init === undefined) throw new MalformedMedia(`Cannot find "moov" in "${path}"`);
  return { init, fragments };
}

/** A stretch of a file in memory that moves along. */
class ReadWindow {
  readonly #file: Deno.FsFile;
  readonly #size: number;
  #offset = 0;
  #bytes = new Uint8Array(0);

  constructor(file: Deno.FsFile, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Bytes from a place on; all of them lie within the file. */
  at(offset: number, sizeBytes: number): Uint8Array {
    const from = offset - this.#offset;
    if (from < 0 || from + sizeBytes > this.#bytes.length) {
      const read = Math.max(sizeBytes, Math.min(AHEAD_BYTES, this.#size - offset));
      // New memory each time: boxes that were given out are views of it.
      this.#bytes = readAt(this.#file, offset, read);
      this.#offset = offset;
      return this.#bytes.subarray(0, sizeBytes);
    }
    return this.#bytes.subarray(from, from + sizeBytes);
  }
}

function placed(samples: IndexedFragment, moofOffset: number): IndexedFragment {
  const move = ({ dts, pts, duration, sizeBytes, isKey, offset }: Sample): Sample => (
    { dts, pts, duration, sizeBytes, isKey, offset: offset + moofOffset }
  );
  return { video: samples.video.map(move), audio: samples.audio.map(move) };
}

/**
 * Bytes of a recording from a place on.
 *
 * @throws {MalformedMedia} If the file ends before.
 */
export function readAt(
  file: Deno.FsFile,
  offset: number,
  sizeBytes: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let filled = 0; filled < sizeBytes;) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) throw new MalformedMedia(`Cannot read ${sizeBytes} bytes at ${offset}`);
    filled += count;
  }
  return bytes;
}
