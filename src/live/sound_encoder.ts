/**
 * One encoder process for a camera's sound: takes fragments with the sound alone and
 * gives Opus packets.
 *
 * @module
 */

import { OggOpusReader, type OpusPacket } from "../media/ogg_opus.ts";
import { opusArgs } from "../media/opus_args.ts";
import { PipedEncoder } from "./piped_encoder.ts";

/** What may wait for the process, in bytes: a minute of 128 kbit/s. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** @throws {OperatorError} "ffmpeg-not-found". */
export function startSoundEncoder(
  options: {
    readonly ffmpegPath: string;
    readonly initSegment: Uint8Array;
    readonly onPacket: (packet: OpusPacket) => void;
  },
): PipedEncoder {
  const reader = new OggOpusReader();
  const started = new PipedEncoder({
    ffmpegPath: options.ffmpegPath,
    args: opusArgs(),
    // It takes a hundredth of a core, and sound that is late is not heard.
    priority: "ordinary",
    maxWaitingBytes: MAX_WAITING_BYTES,
    onChunk: (chunk) => {
      for (const packet of reader.push(chunk)) options.onPacket(packet);
    },
  });
  started.offer(options.initSegment);
  return started;
}
