/**
 * One encoder process: takes a stream's fragments and gives another stream's.
 *
 * @module
 */

import { type Fragment, FragmentStream, type StreamStart } from "../media/fragment_stream.ts";
import { type EncoderKind, renditionArgs, type RenditionSize } from "../media/rendition_args.ts";
import type { StreamInfo } from "../model/live.ts";
import { PipedEncoder } from "./piped_encoder.ts";

/** What may wait for the process, in bytes: a kept group of pictures, and some seconds. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface RenditionEncoderOptions {
  readonly ffmpegPath: string;
  readonly encoder: EncoderKind;
  readonly size: RenditionSize;
  readonly info: StreamInfo;
  readonly onPart: (part: StreamStart | Fragment) => void;
}

/** @throws {OperatorError} "ffmpeg-not-found". */
export function startRenditionEncoder(
  { ffmpegPath, encoder, size, info, onPart }: RenditionEncoderOptions,
): PipedEncoder {
  const stream = new FragmentStream();
  const started = new PipedEncoder({
    ffmpegPath,
    args: renditionArgs({ encoder, size, timescale: info.timescale }),
    // Recording has to have the processor first.
    priority: "low",
    maxWaitingBytes: MAX_WAITING_BYTES,
    onChunk: (chunk) => {
      for (const part of stream.push(chunk)) onPart(part);
    },
  });
  started.offer(info.initSegment);
  return started;
}
