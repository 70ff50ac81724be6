/**
 * Turns the recorder's byte stream into an init segment and fragments.
 *
 * @module
 */

import { BoxSplitter, type CutBox } from "./box_splitter.ts";
import { MalformedMedia } from "./boxes.ts";
import { type FragmentSamples, parseFragment, type Sample } from "./fragment.ts";
import { type InitSegment, parseInitSegment } from "./init_segment.ts";

/** `ftyp` and `moov`: what a player must have before the first fragment. */
export interface StreamStart {
  readonly type: "init";
  readonly ftyp: Uint8Array;
  readonly moov: Uint8Array;
  readonly init: InitSegment;
}

/** One `moof` with its `mdat`. */
export interface Fragment {
  readonly type: "fragment";
  /** Both boxes, as they are written. */
  readonly bytes: Uint8Array;
  readonly moofBytes: number;
  readonly samples: FragmentSamples;
}

/** The bytes of one sample of a fragment, as a view. */
export function sampleBytes(fragment: Fragment, sample: Sample): Uint8Array {
  const { bytes, moofBytes } = fragment;
  const { offset, sizeBytes } = sample;
  if (offset < moofBytes || offset + sizeBytes > bytes.length) {
    throw new MalformedMedia("Cannot find a sample in its fragment: its place lies outside");
  }
  return bytes.subarray(offset, offset + sizeBytes);
}

export class FragmentStream {
  readonly #splitter = new BoxSplitter();
  #ftyp: Uint8Array | undefined;
  #init: InitSegment | undefined;
  #moof: CutBox | undefined;

  /**
   * Takes the next chunk and returns what it completes.
   *
   * @throws {MalformedMedia} If the bytes are not such a stream. It can't be read on after that.
   */
  push(chunk: Uint8Array): (StreamStart | Fragment)[] {
    const found: (StreamStart | Fragment)[] = [];
    for (const box of this.#splitter.push(chunk)) {
      const event = this.#take(box);
      if (event !== undefined) found.push(event);
    }
    return found;
  }

  #take(box: CutBox): StreamStart | Fragment | undefined {
    switch (box.type) {
      case "ftyp":
        this.#ftyp = box.bytes;
        return undefined;
      case "moov": {
        if (this.#ftyp === undefined) throw new MalformedMedia('Cannot find "ftyp" before "moov"');
        this.#init = parseInitSegment(box.payload);
        return { type: "init", ftyp: this.#ftyp, moov: box.bytes, init: this.#init };
      }
      case "moof":
        this.#moof = box;
        return undefined;
      case "mdat": {
        const moof = this.#moof;
        if (this.#init === undefined || moof === undefined) {
          throw new MalformedMedia('Cannot place "mdat": no "moov" and "moof" came before it');
        }
        this.#moof = undefined;
        const samples = parseFragment(moof, this.#init);
        // Something between the two, which ffmpeg never writes, would shift the samples' places.
        if (box.withMoof.length !== moof.bytes.length + box.bytes.length) {
          throw new MalformedMedia('Cannot take a fragment with a box between "moof" and "mdat"');
        }
        return { type: "fragment", bytes: box.withMoof, moofBytes: moof.bytes.length, samples };
      }
      default:
        // `mfra`, `free`, `styp` and the like carry nothing that is needed.
        return undefined;
    }
  }
}
