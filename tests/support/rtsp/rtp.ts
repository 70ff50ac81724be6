/**
 * Turns pictures and sound into RTP packets.
 *
 * In:   NAL units (RFC 6184: single, STAP-A, FU-A) and AAC frames (RFC 3640,
 *       mode AAC-hbr), each with its time.
 * Out:  whole RTP packets (RFC 3550), and the packet that says goodbye.
 * Not here: sender reports. ffmpeg lines up sound and picture by the `rtptime`
 * of the PLAY answer as well (session.ts).
 *
 * @module
 */

import { concat } from "./byte_source.ts";

/** As large as cameras make them: an Ethernet frame less IP, UDP and RTP headers. */
const MAX_PAYLOAD_BYTES = 1_400;

const RTP_HEADER_BYTES = 12;
const VERSION = 2 << 6;
const MARKER = 0x80;
const RTCP_GOODBYE = 203;
const RTCP_RECEIVER_REPORT = 201;

/** One numbered stream of packets. */
export class RtpStream {
  #sequence = 1;

  constructor(
    readonly payloadType: number,
    readonly clockRateHz: number,
    readonly ssrc: number,
  ) {}

  /**
   * The stream's time stamp for a time. It starts far from 0, as the standard
   * wants it, and because ffmpeg takes a 0 in the PLAY answer for "not given".
   */
  timestamp(atMs: number): number {
    return (0x1000_0000 + Math.round(atMs * this.clockRateHz / 1_000)) % 2 ** 32;
  }

  /** Packets of one picture or sound frame; the last one carries the marker. */
  packets(timestamp: number, payloads: readonly Uint8Array[]): Uint8Array[] {
    return payloads.map((payload, index) => {
      const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length);
      const view = new DataView(packet.buffer);
      view.setUint8(0, VERSION);
      view.setUint8(1, this.payloadType | (index === payloads.length - 1 ? MARKER : 0));
      view.setUint16(2, this.#sequence);
      view.setUint32(4, timestamp);
      view.setUint32(8, this.ssrc);
      packet.set(payload, RTP_HEADER_BYTES);
      this.#sequence = (this.#sequence + 1) % 2 ** 16;
      return packet;
    });
  }

  /** The RTCP packet that ends the stream: an empty receiver report, then BYE. */
  goodbye(): Uint8Array {
    const packet = new Uint8Array(16);
    const view = new DataView(packet.buffer);
    for (const [at, type, count] of [[0, RTCP_RECEIVER_REPORT, 0], [8, RTCP_GOODBYE, 1]] as const) {
      view.setUint8(at, VERSION | count);
      view.setUint8(at + 1, type);
      // Length in words of 32 bits, less one.
      view.setUint16(at + 2, 1);
      view.setUint32(at + 4, this.ssrc);
    }
    return packet;
  }
}

const STAP_A = 24;
const FU_A = 28;
const FU_START = 0x80;
const FU_END = 0x40;

/** Payloads of one picture: small parameter sets share a packet, large units are cut up. */
export function picturePayloads(
  parameterSets: readonly Uint8Array[],
  units: readonly Uint8Array[],
): Uint8Array[] {
  const sets = parameterSets.length === 0 ? [] : [aggregate(parameterSets)];
  return [
    ...sets,
    ...units.flatMap((unit) => unit.length <= MAX_PAYLOAD_BYTES ? [unit] : fragment(unit)),
  ];
}

function aggregate(units: readonly Uint8Array[]): Uint8Array {
  const importance = Math.max(...units.map((unit) => (unit[0] ?? 0) & 0x60));
  const parts = units.flatMap((unit) => [new Uint8Array([unit.length >> 8, unit.length]), unit]);
  return concat([new Uint8Array([importance | STAP_A]), ...parts]);
}

function fragment(unit: Uint8Array): Uint8Array[] {
  const head = unit[0] ?? 0;
  const indicator = (head & 0x60) | FU_A;
  const pieces: Uint8Array[] = [];
  // The unit's own first byte travels in the two bytes in front of each piece.
  for (let at = 1; at < unit.length; at += MAX_PAYLOAD_BYTES - 2) {
    const piece = unit.subarray(at, at + MAX_PAYLOAD_BYTES - 2);
    const edges = (at === 1 ? FU_START : 0) | (at + piece.length === unit.length ? FU_END : 0);
    pieces.push(concat([new Uint8Array([indicator, edges | (head & 0x1f)]), piece]));
  }
  return pieces;
}

/** Payload of one AAC frame: 16 bits of header length, 13 bits of size, 3 bits of index. */
export function soundPayload(frame: Uint8Array): Uint8Array {
  return concat([new Uint8Array([0, 16, frame.length >> 5, frame.length << 3]), frame]);
}
