/**
 * Reads Opus packets and their times out of an Ogg stream (RFC 3533, RFC 7845), as
 * ffmpeg writes it into a pipe.
 *
 * In:   chunks of the stream. Out: {@linkcode OpusPacket}s in order.
 * Not here: checksums (a pipe loses nothing), several streams in one.
 *
 * Pure.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import { MalformedMedia, viewOf } from "./boxes.ts";
import { opusSamples } from "./opus_packet.ts";

export interface OpusPacket {
  readonly bytes: Uint8Array;
  /** Where its sound begins, in samples at 48 kHz from the stream's time 0. May lie before 0. */
  readonly startSample: number;
  /** How long it plays, in samples at 48 kHz. */
  readonly samples: number;
}

/** Fields of a page's header before its table of segments. */
const HEADER_BYTES = 27;

/** A segment of full length goes on in the next one. */
const FULL_SEGMENT = 255;

/** Longest packet that is put together: 120 ms at the most that Opus knows have half of it. */
const MAX_PACKET_BYTES = 128 * 1024;

/** The two packets of the header: "OpusHead" and "OpusTags". */
const HEADER_PACKETS = 2;

interface Page {
  /** Where the last packet that ends on it ends, in samples; -1 where none does. */
  readonly endSample: number;
  readonly segments: readonly Uint8Array[];
  readonly sizeBytes: number;
}

export class OggOpusReader {
  #rest = new Uint8Array(0);
  /** Of a packet that goes on. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #packets = 0;
  /** Samples at the start that are to be thrown away; times count from behind them. */
  #preSkip = 0;

  /**
   * Takes the next chunk and returns the packets that it completes.
   *
   * @throws {MalformedMedia} If the bytes are no such stream. It can't be read on after that.
   */
  push(chunk: Uint8Array): OpusPacket[] {
    const bytes = this.#rest.length === 0 ? chunk : joined([this.#rest, chunk]);
    const found: OpusPacket[] = [];
    let at = 0;
    for (;;) {
      const page = readPage(bytes.subarray(at));
      if (page === undefined) break;
      at += page.sizeBytes;
      found.push(...this.#packetsOf(page));
    }
    this.#rest = bytes.slice(at);
    return found;
  }

  #packetsOf({ segments, endSample }: Page): OpusPacket[] {
    const ended = segments.flatMap((segment) => {
      const packet = this.#join(segment);
      return packet === undefined ? [] : [packet];
    });
    const sounds = ended.filter((packet) => this.#isSound(packet));
    const lengths = sounds.map((bytes) => {
      const samples = opusSamples(bytes);
      if (samples === undefined) throw new MalformedMedia("Cannot read the head of an Opus packet");
      return samples;
    });
    // A page tells where its last packet ends: those before it lie in front.
    let start = endSample - this.#preSkip - lengths.reduce((sum, samples) => sum + samples, 0);
    return sounds.map((bytes, index) => {
      const samples = lengths[index]!;
      start += samples;
      return { bytes, startSample: start - samples, samples };
    });
  }

  /** The packet that ends with this segment; undefined while it goes on. */
  #join(segment: Uint8Array): Uint8Array | undefined {
    this.#pieces.push(segment);
    this.#pieceBytes += segment.length;
    if (this.#pieceBytes > MAX_PACKET_BYTES) {
      throw new MalformedMedia(`Cannot take an Opus packet of more than ${MAX_PACKET_BYTES} bytes`);
    }
    if (segment.length === FULL_SEGMENT) return undefined;
    const packet = joined(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return packet;
  }

  #isSound(packet: Uint8Array): boolean {
    this.#packets += 1;
    if (this.#packets === 1) this.#preSkip = preSkipOf(packet);
    return this.#packets > HEADER_PACKETS && packet.length > 0;
  }
}

/** The page at the front; undefined while it is not whole. */
function readPage(bytes: Uint8Array): Page | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  if (!startsWith(bytes, "OggS")) throw new MalformedMedia("Cannot find a page of Ogg");
  const table = bytes.subarray(HEADER_BYTES, HEADER_BYTES + bytes[26]!);
  const bodyAt = HEADER_BYTES + bytes[26]!;
  const bodyBytes = table.reduce((sum, length) => sum + length, 0);
  const sizeBytes = bodyAt + bodyBytes;
  if (bytes.length < sizeBytes) return undefined;
  let at = bodyAt;
  const segments = [...table].map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  return { endSample: Number(viewOf(bytes).getBigInt64(6, true)), segments, sizeBytes };
}

function preSkipOf(head: Uint8Array): number {
  if (!startsWith(head, "OpusHead") || head.length < 12) {
    throw new MalformedMedia('Cannot find "OpusHead" in an Ogg stream');
  }
  return viewOf(head).getUint16(10, true);
}

function startsWith(bytes: Uint8Array, letters: string): boolean {
  return [...letters].every((letter, index) => bytes[index] === letter.charCodeAt(0));
}
