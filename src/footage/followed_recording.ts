/**
 * A recording file that is still being written: which fragments have become
 * whole since it was last looked at, and their bytes.
 *
 * Only indexes are read here, not media, so that whoever is behind can skip what
 * it does not want.
 *
 * @module
 */

import { type Box, MalformedMedia, peekBox } from "../media/boxes.ts";
import { MAX_BOX_BYTES } from "../media/box_splitter.ts";
import { type FragmentSamples, parseFragment } from "../media/fragment.ts";
import { type InitSegment, parseInitSegment } from "../media/init_segment.ts";
import { parseLabel, type RecordingLabel } from "../media/recording_label.ts";
import { parseSeal } from "../media/recording_seal.ts";
import { readAt } from "./recording_index.ts";

/** Longest header of a box. */
const HEADER_BYTES = 16;

/** A fragment that is whole in the file. */
export interface FollowedFragment {
  /** Place of its `moof`. */
  readonly offset: number;
  /** `moof` and `mdat`. */
  readonly sizeBytes: number;
  readonly samples: FragmentSamples;
  /** Its first picture is a key frame. */
  readonly isKey: boolean;
}

export class FollowedRecording implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #labelOffset: number;
  readonly ftyp: Uint8Array;
  readonly moov: Uint8Array;
  readonly init: InitSegment;
  #label: RecordingLabel;
  /** Behind the last whole fragment. */
  #offset: number;
  #isSealed = false;
  /** Presentation times of all its pictures so far, sorted. */
  readonly #times: number[] = [];

  private constructor(file: Deno.FsFile, head: Head) {
    this.#file = file;
    this.#labelOffset = head.labelOffset;
    this.#label = head.label;
    this.#offset = head.sizeBytes;
    this.ftyp = head.ftyp;
    this.moov = head.moov;
    this.init = parseInitSegment(head.moov.subarray(8));
  }

  /**
   * Opens a recording file. Undefined where it is not there (any more), its head is not
   * written yet, or it is none.
   */
  static open(path: string): FollowedRecording | undefined {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    try {
      const head = readHead(file);
      if (head !== undefined) return new FollowedRecording(file, head);
    } catch (error) {
      if (!(error instanceof MalformedMedia)) {
        file.close();
        throw error;
      }
    }
    file.close();
    return undefined;
  }

  /** What the file says of itself. Its origin may change while a new stream is learnt. */
  get label(): RecordingLabel {
    return this.#label;
  }

  /** True once it is closed for good: nothing comes behind the seal. */
  get isSealed(): boolean {
    return this.#isSealed;
  }

  /**
   * The fragments that have become whole since this was last called.
   *
   * @throws {MalformedMedia} If the file is not a recording from here on.
   */
  scan(): FollowedFragment[] {
    const { size } = this.#file.statSync();
    const found: FollowedFragment[] = [];
    while (!this.#isSealed) {
      const box = boxAt(this.#file, { offset: this.#offset, size });
      if (box === undefined) break;
      if (box.type === "moof") {
        const media = boxAt(this.#file, { offset: this.#offset + box.sizeBytes, size });
        if (media === undefined) break;
        const sizeBytes = box.sizeBytes + media.sizeBytes;
        found.push(this.#fragment(box, sizeBytes));
        this.#offset += sizeBytes;
      } else {
        this.#isSealed = isSeal(wholeBox(this.#file, box));
        this.#offset += box.sizeBytes;
      }
    }
    if (found.length > 0) this.#readLabel();
    return found;
  }

  /** The bytes of a fragment: `moof` and `mdat`. */
  read({ offset, sizeBytes }: FollowedFragment): Uint8Array<ArrayBuffer> {
    return readAt(this.#file, offset, sizeBytes);
  }

  /** The id of the frame with this presentation time, once all that are shown before it are there. */
  frameId(pts: number): number {
    return this.#label.startingFrameId + placeIn(this.#times, pts);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #fragment(moof: FoundBox, sizeBytes: number): FollowedFragment {
    const samples = parseFragment(wholeBox(this.#file, moof), this.init);
    for (const { pts } of samples.video) this.#times.splice(placeIn(this.#times, pts), 0, pts);
    const isKey = samples.video[0]?.isKey ?? false;
    return { offset: this.#offset, sizeBytes, samples, isKey };
  }

  #readLabel(): void {
    const size = this.#offset;
    const box = boxAt(this.#file, { offset: this.#labelOffset, size });
    const label = box === undefined ? undefined : parseLabel(wholeBox(this.#file, box));
    if (label !== undefined) this.#label = label;
  }
}

/** Where a number belongs in a sorted list. Most belong to its end. */
function placeIn(sorted: readonly number[], value: number): number {
  let place = sorted.length;
  while (place > 0 && sorted[place - 1]! >= value) place -= 1;
  return place;
}

interface FoundBox {
  readonly type: string;
  readonly offset: number;
  readonly headerBytes: number;
  readonly sizeBytes: number;
}

/** The box at a place; undefined while it is not whole. */
function boxAt(
  file: Deno.FsFile,
  { offset, size }: { readonly offset: number; readonly size: number },
): FoundBox | undefined {
  if (offset >= size) return undefined;
  const head = peekBox(readAt(file, offset, Math.min(HEADER_BYTES, size - offset)));
  if (head === undefined || offset + head.sizeBytes > size) return undefined;
  return { ...head, offset };
}

function wholeBox(file: Deno.FsFile, found: FoundBox): Box {
  const { type, offset, headerBytes, sizeBytes } = found;
  if (sizeBytes > MAX_BOX_BYTES) {
    throw new MalformedMedia(`Cannot read "${type}" of ${sizeBytes} bytes`);
  }
  const bytes = readAt(file, offset, sizeBytes);
  return { type, bytes, payload: bytes.subarray(headerBytes) };
}

function isSeal(box: Box): boolean {
  return box.type === "uuid" && parseSeal(box) !== undefined;
}

interface Head {
  readonly ftyp: Uint8Array;
  readonly moov: Uint8Array;
  readonly label: RecordingLabel;
  readonly labelOffset: number;
  readonly sizeBytes: number;
}

/** What stands before the first fragment; undefined while that is not whole. */
function readHead(file: Deno.FsFile): Head | undefined {
  const { size } = file.statSync();
  let [ftyp, moov]: (Uint8Array | undefined)[] = [];
  for (let offset = 0;;) {
    const found = boxAt(file, { offset, size });
    if (found === undefined || found.type === "moof") return undefined;
    const box = wholeBox(file, found);
    if (box.type === "ftyp") ftyp = box.bytes;
    if (box.type === "moov") moov = box.bytes;
    const label = box.type === "uuid" ? parseLabel(box) : undefined;
    if (label !== undefined && ftyp !== undefined && moov !== undefined) {
      return { ftyp, moov, label, labelOffset: offset, sizeBytes: offset + found.sizeBytes };
    }
    offset += found.sizeBytes;
  }
}
