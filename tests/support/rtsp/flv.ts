/**
 * Reads the FLV that ffmpeg writes on a pipe: H.264 pictures, AAC frames and
 * the set-up of both. FLV, because its muxer lets each frame go at once.
 *
 * In:   the bytes of an FLV file, as they come.
 * Out:  {@linkcode FlvEvent}s in the file's order.
 * Not here: other codecs, script data (both are skipped).
 *
 * Source: Adobe Flash Video File Format Specification 10.1, annex E.
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";

/** Set-up of an H.264 decoder (ISO/IEC 14496-15, AVCDecoderConfigurationRecord). */
export interface AvcConfig {
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** Bytes of the length in front of each NAL unit. */
  readonly lengthBytes: number;
}

/** Set-up of an AAC decoder (ISO/IEC 14496-3, AudioSpecificConfig). */
export interface AacConfig {
  readonly bytes: Uint8Array;
  readonly sampleRateHz: number;
  readonly channels: number;
}

/** What comes out of the file. Times are those of showing, from the file's start. */
export type FlvEvent =
  | { readonly type: "avcConfig"; readonly config: AvcConfig }
  | { readonly type: "aacConfig"; readonly config: AacConfig }
  | {
    readonly type: "picture";
    readonly atMs: number;
    readonly key: boolean;
    /** NAL units, each with its length in front ({@linkcode AvcConfig.lengthBytes}). */
    readonly units: Uint8Array;
  }
  | { readonly type: "sound"; readonly atMs: number; readonly frame: Uint8Array };

const FILE_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
/** Behind the file header and behind each tag: the size of what came before. */
const BACK_POINTER_BYTES = 4;

/** Tag type → reader of its body. */
const READERS: Readonly<Record<number, (body: DataView, atMs: number) => FlvEvent | undefined>> = {
  8: readAudio,
  9: readVideo,
};

/** Reads events until the file ends; a torn last tag is left out. */
export async function* readFlv(source: ByteSource): AsyncGenerator<FlvEvent, void> {
  await source.take(FILE_HEADER_BYTES + BACK_POINTER_BYTES);
  for (;;) {
    const header = await source.take(TAG_HEADER_BYTES);
    if (header === undefined) return;
    const view = viewOf(header);
    const body = await source.take(uint24(view, 1));
    await source.take(BACK_POINTER_BYTES);
    if (body === undefined) return;
    // The top byte of the time stamp comes last.
    const atMs = uint24(view, 4) | view.getUint8(7) << 24;
    const event = READERS[view.getUint8(0)]?.(viewOf(body), atMs);
    if (event !== undefined) yield event;
  }
}

const FORMAT_AAC = 10;
const CODEC_AVC = 7;
const KEY_FRAME = 1;
const PACKET_CONFIG = 0;
const PACKET_MEDIA = 1;

function readAudio(body: DataView, atMs: number): FlvEvent | undefined {
  if (body.getUint8(0) >> 4 !== FORMAT_AAC) return undefined;
  const frame = bytesOf(body, 2);
  if (body.getUint8(1) === PACKET_MEDIA) return { type: "sound", atMs, frame };
  return { type: "aacConfig", config: parseAacConfig(frame) };
}

function readVideo(body: DataView, atMs: number): FlvEvent | undefined {
  if ((body.getUint8(0) & 15) !== CODEC_AVC) return undefined;
  const rest = bytesOf(body, 5);
  if (body.getUint8(1) === PACKET_CONFIG) {
    return { type: "avcConfig", config: parseAvcConfig(rest) };
  }
  if (body.getUint8(1) !== PACKET_MEDIA) return undefined;
  const key = body.getUint8(0) >> 4 === KEY_FRAME;
  // A signed number of 24 bits: how much later the picture is shown than decoded.
  const delayMs = uint24(body, 2) << 8 >> 8;
  return { type: "picture", atMs: atMs + delayMs, key, units: rest };
}

function parseAvcConfig(record: Uint8Array): AvcConfig {
  const view = viewOf(record);
  const lengthBytes = (view.getUint8(4) & 3) + 1;
  let at = 5;
  const sets = (countMask: number) => {
    const count = view.getUint8(at) & countMask;
    at += 1;
    return Array.from({ length: count }, () => {
      const start = at + 2;
      at = start + view.getUint16(at);
      return record.slice(start, at);
    });
  };
  const sps = sets(0x1f);
  const pps = sets(0xff);
  return { sps, pps, lengthBytes };
}

/** By sampling frequency index (ISO/IEC 14496-3, table 1.18). */
const SAMPLE_RATES_HZ: readonly number[] = [
  ...[96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000],
  ...[22_050, 16_000, 12_000, 11_025, 8_000, 7_350],
];

function parseAacConfig(bytes: Uint8Array): AacConfig {
  const bits = viewOf(bytes).getUint16(0);
  const sampleRateHz = SAMPLE_RATES_HZ[bits >> 7 & 15];
  if (sampleRateHz === undefined) throw new RangeError("Cannot read AAC set-up: unknown rate");
  return { bytes, sampleRateHz, channels: bits >> 3 & 15 };
}

/** The NAL units of a picture, without their lengths. */
export function splitUnits(units: Uint8Array, lengthBytes: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + lengthBytes <= units.length;) {
    const length = units.subarray(at, at + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
    at += lengthBytes;
    found.push(units.subarray(at, at + length));
    at += length;
  }
  return found.filter((unit) => unit.length > 0);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(view: DataView, from: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + from, view.byteLength - from);
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at) << 8 | view.getUint8(at + 2);
}
