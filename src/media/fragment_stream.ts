/**
 * Turns the recorder's byte stream into an init segment and fragments.
 *
 * @module
 */

import { BoxSplitter } from "./box_splitter.ts";
import { type Box, MalformedMedia } from "./boxes.ts";
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
  readonly moof: Uint8Array;
  readonly mdat: Uint8Array;
  readonly samples: FragmentSamples;
}

/** The bytes of one sample of a fragment, as a view. */
export function sampleBytes(fragment: Fragment, sample: Sample): Uint8Array {
  const from = sample.offset - fragment.moof.length;
  if (from < 0 || from + sample.sizeBytes > fragment.mdat.length) {
    throw new MalformedMedia("Cannot find a sample in its fragment: its place lies outside");
  }
  return fragment.mdat.subarray(from, from + sample.sizeBytes);
}

export class FragmentStream {
  readonly #splitter = new BoxSplitter();
  #ftyp: Uint8Array | undefined;
  #init: InitSegment | undefined;
  #moof: Box | undefined;

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

  #take(box: Box): StreamStart | Fragment | undefined {
    switch (box.type) {
      case "ftyp":
        this.#ftyp = box.bytes.slice();
        return undefined;
      case "moov": {
        if (this.#ftyp === undefined) throw new MalformedMedia('Cannot find "ftyp" before "moov"');
        this.#init = parseInitSegment(box.payload);
        return { type: "init", ftyp: this.#ftyp, moov: box.bytes.slice(), init: this.#init };
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
        return { type: "fragment", moof: moof.bytes, mdat: box.bytes, samples };
      }
      default:
        // `mfra`, `free`, `styp` and the like carry nothing that is needed.
        return undefined;
    }
  }
}
