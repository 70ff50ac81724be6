/**
 * Watches whether the frames of a stream still are what its init segment says.
 *
 * A camera that is set up anew can change codec or size without closing the
 * connection. ffmpeg copies on: packets of another codec into the same track,
 * where no player can show them, or pictures of another size under the old one.
 * Both must become a new run with an init segment of its own.
 *
 * Not here: H.264 after H.265. ffmpeg finds no end of a picture in it then and
 * gives nothing more, which is a stall (capture/recorder_process.ts).
 *
 * In:  fragments, in order. Out: a sentence once the stream has changed.
 *
 * Pure.
 *
 * @module
 */

import { MalformedMedia, viewOf } from "./boxes.ts";
import { type Fragment, sampleBytes } from "./fragment_stream.ts";
import type { Track } from "./init_segment.ts";
import { avcPictureSize, hevcPictureSize, type PictureSize } from "./picture_size.ts";

/** One frame may be damaged on its way; so many in a row are another codec. */
const FRAMES_WITHOUT_PICTURE = 10;

/** What must be known of a codec to find pictures and parameter sets in its frames. */
interface NalKind {
  readonly name: string;
  /** True for a unit that holds a part of a picture. */
  isPicture(nal: Uint8Array): boolean;
  /** True for a sequence parameter set. */
  isSet(nal: Uint8Array): boolean;
  size(set: Uint8Array): PictureSize;
}

const AVC: NalKind = {
  name: "H.264",
  // Types 1 and 5 are slices; 2 to 4 belong to a profile that no camera has.
  isPicture: (nal) => [1, 5].includes(nal[0]! & 0x9f),
  isSet: (nal) => (nal[0]! & 0x9f) === 7,
  size: avcPictureSize,
};

const HEVC: NalKind = {
  name: "H.265",
  // Types below 32, in the base layer, of a temporal layer (which counts from 1).
  isPicture: (nal) => (nal[0]! & 0xc1) === 0 && isBaseLayer(nal),
  isSet: (nal) => nal[0] === 33 << 1 && isBaseLayer(nal),
  size: hevcPictureSize,
};

function isBaseLayer(nal: Uint8Array): boolean {
  return nal.length > 1 && nal[1]! >= 1 && nal[1]! <= 7;
}

const KINDS: Readonly<Record<string, NalKind | undefined>> = {
  avc1: AVC,
  avc3: AVC,
  hvc1: HEVC,
  hev1: HEVC,
};

export class PictureWatch {
  readonly #kind: NalKind | undefined;
  #withoutPicture = 0;
  /** Of the first set that came in band: an init segment out of a camera's description may be wrong. */
  #size: PictureSize | undefined;

  constructor(track: Track) {
    // Lookback's own recorder always writes lengths of four bytes, which are read here.
    this.#kind = KINDS[track.codec];
  }

  /** Looks at the next fragment. Says what has changed, undefined while nothing has. */
  look(fragment: Fragment): string | undefined {
    const kind = this.#kind;
    if (kind === undefined) return undefined;
    for (const sample of fragment.samples.video) {
      const nals = [...nalUnits(sampleBytes(fragment, sample))];
      this.#withoutPicture = nals.some(kind.isPicture) ? 0 : this.#withoutPicture + 1;
      if (this.#withoutPicture >= FRAMES_WITHOUT_PICTURE) {
        return `the camera's video is not ${kind.name} any more`;
      }
      const set = sample.isKey ? nals.find(kind.isSet) : undefined;
      if (set !== undefined && this.#isResized(sizeOf(set, kind))) {
        return "the camera's picture has another size now";
      }
    }
    return undefined;
  }

  #isResized(size: PictureSize | undefined): boolean {
    if (size === undefined) return false;
    this.#size ??= size;
    return size.width !== this.#size.width || size.height !== this.#size.height;
  }
}

/** Undefined for a set that was damaged on its way: the next one will tell. */
function sizeOf(set: Uint8Array, kind: NalKind): PictureSize | undefined {
  try {
    return kind.size(set);
  } catch (error) {
    if (error instanceof MalformedMedia) return undefined;
    throw error;
  }
}

/** The units of a frame, each behind its length. What is damaged ends the list. */
function* nalUnits(bytes: Uint8Array): Generator<Uint8Array> {
  const view = viewOf(bytes);
  for (let at = 0; at + 4 < bytes.length;) {
    const length = view.getUint32(at);
    const nal = bytes.subarray(at + 4, at + 4 + length);
    if (nal.length === 0) return;
    yield nal;
    at += 4 + length;
  }
}
