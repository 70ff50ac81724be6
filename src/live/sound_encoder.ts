/**
 * One encoder process for a camera's sound: takes fragments with the sound alone and
 * gives Opus packets.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { runChild } from "../host/process.ts";
import { OggOpusReader, type OpusPacket } from "../media/ogg_opus.ts";
import { ENCODER_LIST_ARGS, hasOpusEncoder, opusArgs } from "../media/opus_args.ts";
import { PipedEncoder } from "./piped_encoder.ts";

/** What may wait for the process, in bytes: a minute of 128 kbit/s. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** How long ffmpeg may take to list its encoders, in milliseconds. */
const LIST_LIMIT_MS = 5_000;

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

/** Whether this ffmpeg makes Opus. Never throws; the log says why sound is missing. */
export async function canEncodeSound(ffmpegPath: string): Promise<boolean> {
  const log = logger("live", "sound");
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIST_LIMIT_MS);
  try {
    const args = ENCODER_LIST_ARGS;
    const { stdout } = await runChild({ command: ffmpegPath, args, signal: limit.signal });
    if (hasOpusEncoder(new TextDecoder().decode(stdout))) return true;
    log.warning(
      'Live views over WebRTC have no sound: ffmpeg has no encoder "libopus"; ' +
        "install an ffmpeg that has it, or listen over MSE or HLS",
    );
  } catch (error) {
    log.warning("Live views over WebRTC have no sound: {reason}", { reason: messageOf(error) });
  } finally {
    clearTimeout(timer);
  }
  return false;
}
