/**
 * Reads what a fragment holds: the samples that its `moof` box lists
 * (ISO/IEC 14496-12, 8.8.4 to 8.8.12).
 *
 * In:  a whole `moof` box and the tracks of the init segment.
 * Out: samples in decode order with times in ticks and places in bytes.
 *
 * @module
 */

import {
  type Box,
  childBoxes,
  MalformedMedia,
  parseBytes,
  requireBox,
  viewOf,
  wholeTicks,
} from "./boxes.ts";
import type { InitSegment, Track } from "./init_segment.ts";

/** One sample: a coded frame of video, or a packet of audio. Times in ticks of its track. */
export interface Sample {
  /** Decode time, on the same line as `pts`. May lie before 0. */
  readonly dts: number;
  /** Presentation time, the edit list applied: audio and video with equal times belong together. */
  readonly pts: number;
  readonly duration: number;
  readonly sizeBytes: number;
  /** Decoding can begin here. True for every sample of audio. */
  readonly isKey: boolean;
  /** Place of the first byte, counted from the first byte of `moof`. */
  readonly offset: number;
}

export interface FragmentSamples {
  readonly video: readonly Sample[];
  readonly audio: readonly Sample[];
}

const TFHD = {
  baseDataOffset: 0x1,
  sampleDescription: 0x2,
  defaultDuration: 0x8,
  defaultSize: 0x10,
  defaultFlags: 0x20,
} as const;
const TRUN = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  compositionOffset: 0x800,
} as const;
const NON_SYNC_SAMPLE = 0x10000;

/**
 * Most samples that one fragment may list. A minute of audio in one fragment has
 * under 3000. A run whose samples are all alike lists any number of them in 20
 * bytes, so that a damaged count would ask for gigabytes.
 */
const MAX_FRAGMENT_SAMPLES = 100_000;

/**
 * @param moof The whole box. Its tracks must use data offsets counted from `moof`
 * (`default-base-is-moof`), as the recorder's stream does.
 *
 * @throws {MalformedMedia} If a box is cut off or uses absolute offsets.
 */
export function parseFragment(moof: Box, init: InitSegment): FragmentSamples {
  return parseBytes("fragment", () => {
    const samples = { video: [] as Sample[], audio: [] as Sample[] };
    for (const box of childBoxes(moof.payload)) {
      if (box.type !== "traf") continue;
      const header = parseTrackHeader(requireBox(box.payload, ["tfhd"]).payload, init);
      if (header === undefined) continue;
      const listed = samples[header.track.kind];
      const free = MAX_FRAGMENT_SAMPLES - samples.video.length - samples.audio.length;
      for (const sample of trackSamples(box.payload, { ...header, free })) listed.push(sample);
    }
    return samples;
  });
}

interface TrackHeader {
  readonly track: Track;
  readonly duration: number;
  readonly sizeBytes: number;
  readonly flags: number;
}

function parseTrackHeader(tfhd: Uint8Array, init: InitSegment): TrackHeader | undefined {
  const view = viewOf(tfhd);
  const flags = view.getUint32(0) & 0xffffff;
  const trackId = view.getUint32(4);
  const track = [init.video, init.audio].find((each) => each?.trackId === trackId);
  if (track === undefined) return undefined;
  if (flags & TFHD.baseDataOffset) {
    throw new MalformedMedia("Cannot use a fragment with absolute data offsets");
  }
  let offset = 8;
  const next = (present: number, otherwise: number) => {
    if (!(flags & present)) return otherwise;
    offset += 4;
    return view.getUint32(offset - 4);
  };
  next(TFHD.sampleDescription, 1);
  const { defaults } = track;
  return {
    track,
    duration: next(TFHD.defaultDuration, defaults.duration),
    sizeBytes: next(TFHD.defaultSize, defaults.sizeBytes),
    flags: next(TFHD.defaultFlags, defaults.flags),
  };
}

function trackSamples(
  traf: Uint8Array,
  header: TrackHeader & { readonly free: number },
): Sample[] {
  const tfdt = viewOf(requireBox(traf, ["tfdt"]).payload);
  const start = tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4);
  let dts = wholeTicks(start + header.track.presentationShift);
  const samples: Sample[] = [];
  for (const box of childBoxes(traf)) {
    if (box.type !== "trun") continue;
    const run = parseRun(box.payload, { ...header, dts, free: header.free - samples.length });
    for (const sample of run) samples.push(sample);
    const last = run.at(-1);
    if (last !== undefined) dts = wholeTicks(last.dts + last.duration);
  }
  return samples;
}

/** @param header `free` is how many more samples the fragment may list. */
function parseRun(
  trun: Uint8Array,
  header: TrackHeader & { readonly dts: number; readonly free: number },
): Sample[] {
  const view = viewOf(trun);
  const flags = view.getUint32(0) & 0xffffff;
  const count = view.getUint32(4);
  if (count > header.free) throw new MalformedMedia(`Cannot take a run of ${count} samples`);
  if (!(flags & TRUN.dataOffset)) throw new MalformedMedia("Cannot place a run without an offset");
  let place = view.getInt32(8);
  let at = 12;
  const field = (present: number, otherwise: number) => {
    if (!(flags & present)) return otherwise;
    at += 4;
    return view.getUint32(at - 4);
  };
  const firstFlags = field(TRUN.firstFlags, header.flags);
  const samples: Sample[] = [];
  let dts = header.dts;
  for (let index = 0; index < count; index += 1) {
    const duration = field(TRUN.duration, header.duration);
    const sizeBytes = field(TRUN.size, header.sizeBytes);
    const sampleFlags = field(TRUN.flags, index === 0 ? firstFlags : header.flags);
    // Signed also in version 0: writers that mean it unsigned never reach 2^31 ticks.
    const shift = field(TRUN.compositionOffset, 0) | 0;
    const isKey = (sampleFlags & NON_SYNC_SAMPLE) === 0;
    samples.push({ dts, pts: dts + shift, duration, sizeBytes, isKey, offset: place });
    dts += duration;
    place += sizeBytes;
  }
  return samples;
}
