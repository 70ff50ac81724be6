/**
 * The sound of a stream by itself: its init segment and fragments without the
 * pictures, which an encoder of sound need not read.
 *
 * In:   an init segment (`ftyp` and `moov`) without edit lists, and its fragments.
 * Out:  the same with the track of sound alone; times stay.
 *
 * Pure.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import { childBoxes, MalformedMedia, requireBox } from "./boxes.ts";
import { parseFragment } from "./fragment.ts";
import { sampleBytes } from "./fragment_stream.ts";
import { buildFragment, oneTrackInit } from "./fragment_writer.ts";
import { parseInitSegment } from "./init_segment.ts";

/** The sound of one fragment. */
export interface SoundFragment {
  /** `moof` and `mdat`. */
  readonly bytes: Uint8Array;
  /** Packets of the camera's codec in it. */
  readonly samples: number;
  /** Where it ends, in seconds from the stream's time 0, and how long it is. */
  readonly endS: number;
  readonly durationS: number;
}

export class SoundTrack {
  readonly initSegment: Uint8Array;
  readonly #init: ReturnType<typeof parseInitSegment>;
  readonly #trackId: number;
  #sequence = 0;

  private constructor(
    parts: { initSegment: Uint8Array; init: ReturnType<typeof parseInitSegment>; trackId: number },
  ) {
    this.initSegment = parts.initSegment;
    this.#init = parts.init;
    this.#trackId = parts.trackId;
  }

  /**
   * Undefined where the stream has no sound.
   *
   * @throws {MalformedMedia} If the init segment is not whole.
   */
  static of(initSegment: Uint8Array): SoundTrack | undefined {
    const moov = requireBox(initSegment, ["moov"]).payload;
    const init = parseInitSegment(moov);
    if (init.audio === undefined) return undefined;
    const ftyp = requireBox(initSegment, ["ftyp"]).bytes;
    const { trackId } = init.audio;
    return new SoundTrack({
      initSegment: joined([ftyp, oneTrackInit(moov, init.audio)]),
      init,
      trackId,
    });
  }

  /**
   * A fragment's sound; undefined where it has none.
   *
   * @param bytes `moof` and `mdat`.
   * @throws {MalformedMedia} If it is damaged; the next one can be tried again.
   */
  fragment(bytes: Uint8Array): SoundFragment | undefined {
    const [moof] = childBoxes(bytes);
    if (moof?.type !== "moof") throw new MalformedMedia('Cannot find "moof" in a fragment');
    const samples = parseFragment(moof, this.#init);
    const { audio } = samples;
    const [first, last] = [audio[0], audio.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const whole = { type: "fragment" as const, bytes, moofBytes: moof.bytes.length, samples };
    const pieces = audio.map((sample) => ({ ...sample, bytes: sampleBytes(whole, sample) }));
    this.#sequence += 1;
    const head = { trackId: this.#trackId, sequence: this.#sequence };
    const { timescale } = this.#init.audio!;
    const end = last.pts + last.duration;
    return {
      bytes: buildFragment(pieces, head),
      samples: audio.length,
      endS: end / timescale,
      durationS: (end - first.pts) / timescale,
    };
  }
}
