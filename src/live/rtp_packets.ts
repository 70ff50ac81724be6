/**
 * Puts H.264 frames into RTP packets (RFC 6184, packetization mode 1), as WebRTC
 * carries them. Numbers and times count on from camera run to camera run, so that
 * one stream of packets serves every viewer for as long as he watches.
 *
 * In:  fragments as they are recorded. Out: packets, frame by frame.
 * Not here: B-frames. WebRTC has no decode times, so {@linkcode RtpPacketizer}
 * only says that it met them. Nor sound.
 *
 * Design: docs/design/live.md, "WebRTC"
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { childBoxes, MalformedMedia, parseBytes, viewOf } from "../media/boxes.ts";
import { parseFragment, type Sample } from "../media/fragment.ts";
import { type Fragment, sampleBytes } from "../media/fragment_stream.ts";
import type { InitSegment } from "../media/init_segment.ts";
import { type AvcParameterSets, readAvcParameterSets } from "../media/parameter_sets.ts";
import { RtpClock } from "./rtp_clock.ts";

/** One packet without what differs from viewer to viewer (SSRC, payload type). */
export interface RtpPacket {
  /** 16 bits, one more than the packet before. */
  readonly sequence: number;
  /** 32 bits, 90,000 to a second; the same for all packets of a frame. */
  readonly timestamp: number;
  /** The last packet of its frame. */
  readonly isLast: boolean;
  readonly payload: Uint8Array;
}

/** The packets of one frame. */
export interface RtpFrame {
  /** Decoding can begin here: the parameter sets are in front. */
  readonly isKey: boolean;
  readonly packets: readonly RtpPacket[];
  /** Payload of all packets together. */
  readonly bytes: number;
}

/**
 * Most bytes of payload in one packet. With the headers of RTP, SRTP, TURN, UDP
 * and IPv6 it stays under 1280 bytes, which every network carries in one piece.
 */
export const MAX_PAYLOAD_BYTES = 1180;

/** Kinds of NAL units (RFC 6184, 5.2; ITU-T H.264, table 7-1). */
const NAL = { sps: 7, pps: 8, stapA: 24, fuA: 28 } as const;

export class RtpPacketizer {
  readonly #clock = new RtpClock();
  #init: InitSegment | undefined;
  #sets: AvcParameterSets = { lengthBytes: 4, sps: [], pps: [] };
  #sequence = 0;
  #lastPts = -Infinity;
  #hasBFrames = false;

  /** A frame was to be shown before one that came earlier: this stream can't be watched so. */
  get hasBFrames(): boolean {
    return this.#hasBFrames;
  }

  /** Wall time of RTP's tick 0; undefined before the first frame. */
  get originMs(): number | undefined {
    return this.#clock.originMs;
  }

  /** Wall time of time 0 of the line on which all runs lie (rtp_clock.ts). */
  get lineOriginMs(): number | undefined {
    return this.#clock.lineOriginMs;
  }

  /** Where the newest frame lies on that line, in seconds. */
  get lineS(): number {
    return this.#clock.lineS;
  }

  /** Where time 0 of this run lies on that line; undefined before its first frame. */
  get runStartS(): number | undefined {
    return this.#clock.runStartS;
  }

  /**
   * A stream begins.
   *
   * @throws {MalformedMedia} If its video is not H.264 as MP4 keeps it.
   */
  begin(init: InitSegment): void {
    this.#init = init;
    this.#sets = readAvcParameterSets(init.video.sampleEntry);
    this.#lastPts = -Infinity;
    this.#clock.begin();
  }

  /**
   * The frames of the next fragment.
   *
   * @param bytes `moof` and `mdat`.
   * @throws {MalformedMedia} If it is damaged; the next fragment can be tried again.
   */
  frames(bytes: Uint8Array, originMs: UnixMs): RtpFrame[] {
    const init = this.#init;
    if (init === undefined) throw new MalformedMedia("Cannot use a fragment before its stream");
    const fragment = readFragment(bytes, init);
    return fragment.samples.video.map((sample) => {
      if (sample.pts < this.#lastPts) this.#hasBFrames = true;
      this.#lastPts = sample.pts;
      const timestamp = this.#clock.timestamp(sample.pts, init.video.timescale, originMs);
      return this.#frame(sample, sampleBytes(fragment, sample), timestamp);
    });
  }

  #frame(sample: Sample, bytes: Uint8Array, timestamp: number): RtpFrame {
    const units = splitUnits(bytes, this.#sets.lengthBytes);
    const payloads = [
      ...(sample.isKey ? parameterPayloads(this.#sets, units) : []),
      ...units.flatMap(unitPayloads),
    ];
    const packets = payloads.map((payload, index) => ({
      sequence: this.#nextSequence(),
      timestamp,
      isLast: index === payloads.length - 1,
      payload,
    }));
    const size = payloads.reduce((sum, { length }) => sum + length, 0);
    return { isKey: sample.isKey, packets, bytes: size };
  }

  #nextSequence(): number {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    return sequence;
  }
}

function readFragment(bytes: Uint8Array, init: InitSegment): Fragment {
  const [moof] = childBoxes(bytes);
  if (moof?.type !== "moof") throw new MalformedMedia('Cannot find "moof" in a fragment');
  const samples = parseFragment(moof, init);
  return { type: "fragment", bytes, moofBytes: moof.bytes.length, samples };
}

/**
 * The NAL units of a sample, which stand behind their lengths (ISO/IEC 14496-15,
 * 5.3.4.2), as views. Empty ones, which no decoder misses, are left out.
 *
 * @throws {MalformedMedia} If a length reaches past the end.
 */
export function splitUnits(sample: Uint8Array, lengthBytes: number): Uint8Array[] {
  return parseBytes("sample", () => {
    const view = viewOf(sample);
    const units: Uint8Array[] = [];
    for (let at = 0; at < sample.length;) {
      let length = 0;
      for (let index = 0; index < lengthBytes; index += 1) {
        length = length * 256 + view.getUint8(at + index);
      }
      at += lengthBytes;
      if (at + length > sample.length) {
        throw new MalformedMedia(`Cannot read a sample: a part of ${length} bytes is cut off`);
      }
      if (length > 0) units.push(sample.subarray(at, at + length));
      at += length;
    }
    return units;
  });
}

/**
 * Parameter sets in front of a key frame: a viewer who joins there has no other.
 * Nothing where the camera sends them in band itself.
 */
function parameterPayloads(sets: AvcParameterSets, units: readonly Uint8Array[]): Uint8Array[] {
  const has = (type: number) => units.some((unit) => typeOf(unit) === type);
  if (has(NAL.sps) && has(NAL.pps)) return [];
  const own = [...sets.sps, ...sets.pps];
  if (own.length === 0) return [];
  const together = 1 + own.reduce((sum, { length }) => sum + 2 + length, 0);
  return together <= MAX_PAYLOAD_BYTES
    ? [aggregated(own, together)]
    : own.flatMap((set) => unitPayloads(set));
}

/** Several NAL units in one packet: STAP-A (RFC 6184, 5.7.1). */
function aggregated(units: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const payload = new Uint8Array(sizeBytes);
  payload[0] = Math.max(...units.map((unit) => unit[0]! & 0x60)) | NAL.stapA;
  let at = 1;
  for (const unit of units) {
    payload[at] = unit.length >> 8;
    payload[at + 1] = unit.length & 0xff;
    payload.set(unit, at + 2);
    at += 2 + unit.length;
  }
  return payload;
}

/** One NAL unit: as it is where it fits, else cut into FU-A (RFC 6184, 5.8). Always copied. */
export function unitPayloads(unit: Uint8Array): Uint8Array[] {
  // A view would keep the whole fragment in memory for as long as one packet is kept.
  if (unit.length <= MAX_PAYLOAD_BYTES) return [unit.slice()];
  const indicator = (unit[0]! & 0xe0) | NAL.fuA;
  const pieceBytes = MAX_PAYLOAD_BYTES - 2;
  const payloads: Uint8Array[] = [];
  for (let at = 1; at < unit.length; at += pieceBytes) {
    const piece = unit.subarray(at, at + pieceBytes);
    const payload = new Uint8Array(2 + piece.length);
    const isFirst = at === 1;
    const isLast = at + piece.length === unit.length;
    payload[0] = indicator;
    payload[1] = (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | typeOf(unit);
    payload.set(piece, 2);
    payloads.push(payload);
  }
  return payloads;
}

function typeOf(unit: Uint8Array): number {
  return unit[0]! & 0x1f;
}
