/**
 * Builds a fragment (`moof` + `mdat`) of one track, of pictures or of sound, out of
 * chosen samples, with times of the caller's. Decoders and encoders are fed with these:
 * they get just what they need, stamped with the times that shall come out again.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import { box, fullBox, u32, u64 } from "./box_writer.ts";
import { childBoxes, requireBox, viewOf } from "./boxes.ts";

/**
 * A sample with its bytes. Times in ticks of the track; a reader takes the first
 * sample's `dts` and adds up durations, so these must be the distances to the
 * next `dts`.
 */
export interface SampleWithBytes {
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
  readonly isKey: boolean;
  readonly bytes: Uint8Array;
}

const DEFAULT_BASE_IS_MOOF = 0x20000;
/** data-offset, sample-duration, sample-size, sample-flags, sample-composition-time-offsets. */
const RUN_FIELDS = 0x1 | 0x100 | 0x200 | 0x400 | 0x800;
/** sample_depends_on = 2 (nothing else): a key frame. */
const KEY_FLAGS = 0x02000000;
/** sample_depends_on = 1, sample_is_non_sync_sample. */
const NON_KEY_FLAGS = 0x01010000;

/**
 * @param samples In decode order; at least one.
 *
 * @throws {RangeError} If there is no sample.
 */
export function buildFragment(
  samples: readonly SampleWithBytes[],
  head: { readonly trackId: number; readonly sequence: number },
): Uint8Array<ArrayBuffer> {
  const first = samples[0];
  if (first === undefined) throw new RangeError("Cannot build a fragment without samples");
  const rows = samples.flatMap(({ dts, pts, duration, isKey, bytes }) => [
    duration,
    bytes.length,
    isKey ? KEY_FLAGS : NON_KEY_FLAGS,
    pts - dts,
  ]);
  const moof = (dataOffset: number) =>
    box(
      "moof",
      fullBox("mfhd", {}, u32(head.sequence)),
      box(
        "traf",
        fullBox("tfhd", { flags: DEFAULT_BASE_IS_MOOF }, u32(head.trackId)),
        fullBox("tfdt", { version: 1 }, u64(first.dts)),
        fullBox(
          "trun",
          { version: 1, flags: RUN_FIELDS },
          u32(samples.length, dataOffset, ...rows),
        ),
      ),
    );
  // The offset is counted from `moof` to behind the header of `mdat`; its value
  // does not change the size of the box it stands in.
  const built = moof(moof(0).length + 8);
  const mdat = box("mdat", ...samples.map((sample) => sample.bytes));
  return joined([built, mdat]);
}

/**
 * An init segment (`moov`) with one track alone, counting time in `timescale` and
 * without an edit list.
 *
 * @param moov Payload of the `moov` box it is made from.
 */
export function oneTrackInit(
  moov: Uint8Array,
  track: { readonly trackId: number; readonly timescale: number },
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const child of childBoxes(moov)) {
    if (child.type === "mvhd" || child.type === "mvex") parts.push(child.bytes);
    if (child.type === "trak" && isTrack(child.payload, track.trackId)) {
      parts.push(withTimescale(child.payload, track.timescale));
    }
  }
  return box("moov", ...parts);
}

function isTrack(trak: Uint8Array, trackId: number): boolean {
  const tkhd = viewOf(requireBox(trak, ["tkhd"]).payload);
  return tkhd.getUint32(tkhd.getUint8(0) === 1 ? 20 : 12) === trackId;
}

function withTimescale(trak: Uint8Array, timescale: number): Uint8Array {
  const kept = [...childBoxes(trak)].filter(({ type }) => type !== "edts");
  const copy = box("trak", ...kept.map(({ bytes }) => bytes));
  const mdhd = viewOf(requireBox(copy.subarray(8), ["mdia", "mdhd"]).payload);
  mdhd.setUint32(mdhd.getUint8(0) === 1 ? 20 : 12, timescale);
  return copy;
}
