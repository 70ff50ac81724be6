/**
 * Names a codec as players ask for it: the "codecs" parameter of a MIME type
 * (RFC 6381, 3.3; ISO/IEC 14496-15, annex E), read from a sample entry.
 *
 * In:  sample entries as they stand in `stsd`. Out: texts such as "avc1.64001f".
 *
 * Pure.
 *
 * @module
 */

import { childBoxes, parseBytes, viewOf } from "./boxes.ts";
import type { InitSegment, Track } from "./init_segment.ts";

/** Fields of a visual and of an audio sample entry before its boxes (ISO/IEC 14496-12, 12.1.3, 12.2.3). */
const VISUAL_ENTRY_BYTES = 78;
const AUDIO_ENTRY_BYTES = 28;

/** Audio that is named by its entry alone, in the writing that browsers know. */
const PLAIN_NAMES: ReadonlyMap<string, string> = new Map([
  ["Opus", "opus"],
  ["fLaC", "flac"],
  ["ac-3", "ac-3"],
  ["ec-3", "ec-3"],
]);

/** The whole MIME type of a stream, for example `video/mp4; codecs="avc1.64001f,mp4a.40.2"`. */
export function mimeOf({ video, audio }: Pick<InitSegment, "video" | "audio">): string {
  const names = [video, audio].flatMap((track) => track === undefined ? [] : [codecString(track)]);
  return `video/mp4; codecs="${names.join(",")}"`;
}

/**
 * The codec of a track. Of a codec that is not known here, its four letters alone.
 *
 * @throws {MalformedMedia} If its configuration is cut off.
 */
export function codecString(track: Pick<Track, "codec" | "kind" | "sampleEntry">): string {
  const { codec, kind, sampleEntry } = track;
  return parseBytes("sample entry", () => {
    const fixedBytes = 8 + (kind === "video" ? VISUAL_ENTRY_BYTES : AUDIO_ENTRY_BYTES);
    const boxes = sampleEntry.subarray(fixedBytes);
    if (codec === "avc1" || codec === "avc3") return named(codec, avcName(boxes));
    if (codec === "hvc1" || codec === "hev1") return named(codec, hevcName(boxes));
    if (codec === "mp4a") return named(codec, mp4AudioName(boxes));
    return PLAIN_NAMES.get(codec) ?? codec;
  });
}

function named(codec: string, name: string | undefined): string {
  return name === undefined ? codec : `${codec}.${name}`;
}

function configuration(boxes: Uint8Array, type: string): Uint8Array | undefined {
  for (const box of childBoxes(boxes)) if (box.type === type) return box.payload;
  return undefined;
}

/** Profile, constraints and level: three bytes of `avcC`, in hexadecimal. */
function avcName(boxes: Uint8Array): string | undefined {
  const avcC = configuration(boxes, "avcC");
  return avcC === undefined ? undefined : hex(avcC.subarray(1, 4));
}

/** "1.6.L93.B0": profile, compatibility backwards, tier and level, constraints (14496-15, E.3). */
function hevcName(boxes: Uint8Array): string | undefined {
  const hvcC = configuration(boxes, "hvcC");
  if (hvcC === undefined) return undefined;
  const view = viewOf(hvcC);
  const general = view.getUint8(1);
  const space = ["", "A", "B", "C"][general >> 6]!;
  const tier = general & 0x20 ? "H" : "L";
  const constraints = [...hvcC.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  return [
    `${space}${general & 0x1f}`,
    reversedBits(view.getUint32(2)).toString(16),
    `${tier}${view.getUint8(12)}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join(".");
}

/** Lists the flags from the other end, as the name wants them. */
function reversedBits(flags: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) if ((flags >>> bit) & 1) reversed += 2 ** (31 - bit);
  return reversed;
}

/** "40.2": what kind of stream, and for AAC what kind of AAC (ISO/IEC 14496-1, 7.2.6; 14496-3, 1.6.2.1). */
function mp4AudioName(boxes: Uint8Array): string | undefined {
  const esds = configuration(boxes, "esds");
  const config = esds === undefined ? undefined : descriptors(esds.subarray(4)).get(4);
  const kind = config?.[0];
  if (config === undefined || kind === undefined) return undefined;
  const specific = descriptors(config.subarray(13)).get(5);
  const first = specific?.[0];
  if (kind !== 0x40 || specific === undefined || first === undefined) return kind.toString(16);
  const short = first >> 3;
  // 31: the number goes on behind it.
  const object = short === 31 ? 32 + (((first & 7) << 3) | (specific[1]! >> 5)) : short;
  return `40.${object}`;
}

/** Tags whose descriptors hold others, and how many bytes they have before those. */
const ES_DESCRIPTOR = { tag: 3, fixedBytes: 3 } as const;

/** The descriptors that lie in `bytes`, by tag; those inside the outer one too. */
function descriptors(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  let at = 0;
  while (at + 2 <= bytes.length) {
    const tag = bytes[at]!;
    let length = 0;
    let byte: number;
    at += 1;
    // Seven bits in each byte, the highest says that another follows.
    do {
      byte = bytes[at] ?? 0;
      length = length * 128 + (byte & 0x7f);
      at += 1;
    } while (byte & 0x80);
    const payload = bytes.subarray(at, at + length);
    if (tag === ES_DESCRIPTOR.tag) {
      const flags = payload[2] ?? 0;
      const inner = payload.subarray(ES_DESCRIPTOR.fixedBytes + optionalBytes(flags, payload));
      for (const [innerTag, innerPayload] of descriptors(inner)) found.set(innerTag, innerPayload);
    } else found.set(tag, payload);
    at += length;
  }
  return found;
}

/** Fields that flags of the outer descriptor announce: another stream, an address, a clock. */
function optionalBytes(flags: number, payload: Uint8Array): number {
  const stream = flags & 0x80 ? 2 : 0;
  const address = flags & 0x40 ? 1 + (payload[ES_DESCRIPTOR.fixedBytes + stream] ?? 0) : 0;
  return stream + address + (flags & 0x20 ? 2 : 0);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
