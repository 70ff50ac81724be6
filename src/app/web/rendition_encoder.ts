/**
 * Encodes pieces of recordings, each in an ffmpeg of its own, with the lowest priority:
 * recording has the processor first.
 *
 * In:   a recording's init segment and fragments, a size. Out: the piece in that size.
 * Not here: which pieces there are (renditions.ts), what is kept (made_pieces.ts), what a
 *       piece is made of (media/rendition_piece.ts).
 * Cap:  encoders share the places of live renditions; so many wait, for so long; then 503.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { withLowPriority } from "../../host/low_priority.ts";
import { runChild } from "../../host/process.ts";
import type { EncoderPlaces } from "../../live/encoder_places.ts";
import { MalformedMedia } from "../../media/boxes.ts";
import { pieceArgs, type RenditionSize } from "../../media/rendition_args.ts";
import {
  encoderInit,
  encoderTicks,
  type MadePiece,
  readPiece,
  renditionPiece,
} from "../../media/rendition_piece.ts";
import { Problem } from "../../web/problem.ts";

const log = logger("web");

/** Requests that may wait for an encoder: a player has one or two. */
export const PIECES_WAITING = 32;

/** How long one may wait for its turn, in milliseconds: players give up not much later. */
const WAIT_MS = 8_000;

/** How long a piece may be encoded, in milliseconds: of 30 s it takes a few on a small box. */
const ENCODE_MS = 30_000;

export interface EncoderParts {
  readonly places: EncoderPlaces;
  readonly ffmpegPath: () => string;
  readonly clock: Clock;
}

/** What is encoded. */
export interface WantedPiece {
  /** Relative to the storage root, for the log. */
  readonly path: string;
  /** `ftyp` and `moov`, and the piece's fragments. Read when its turn has come. */
  readonly read: () => Promise<{ readonly initSegment: Uint8Array; readonly bytes: Uint8Array }>;
  readonly size: RenditionSize;
  /** Where the next piece begins, if that is known; in ticks. */
  readonly nextPts: number | undefined;
  /** Fragments from the key frame before on; asked for where the piece can't be decoded alone. */
  readonly before: () => Promise<Uint8Array | undefined>;
}

/**
 * @throws {Problem} 503 where no place comes free, 422 where the recording can't be decoded, 504
 * where it takes too long.
 * @throws {DOMException} "AbortError" when `signal` is aborted.
 */
export async function encodePiece(
  wanted: WantedPiece,
  { places, ffmpegPath, clock }: EncoderParts,
  signal: AbortSignal,
): Promise<MadePiece> {
  await takePlace(places, clock, signal);
  try {
    return await encode(wanted, { ffmpegPath: ffmpegPath(), clock }, signal);
  } catch (error) {
    if (!(error instanceof MalformedMedia)) throw error;
    log.warning("Cannot show {path} in another size: {reason}", {
      path: wanted.path,
      reason: messageOf(error),
    });
    throw new Problem(422, "recording-unreadable", "The recording can't be decoded here");
  } finally {
    places.giveBack();
  }
}

async function takePlace(places: EncoderPlaces, clock: Clock, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const late = limitOf(clock, WAIT_MS, over.signal);
  const outcome = await places.wait(AbortSignal.any([signal, late]));
  over.abort();
  if (outcome === "taken") return;
  signal.throwIfAborted();
  places.refused += 1;
  log.warning("No encoder came free for a piece of a recording ({count} times since the start)", {
    count: places.refused,
  });
  throw new Problem(503, "busy", "Too many pictures are being encoded already", {
    headers: { "retry-after": "2" },
  });
}

async function encode(
  { read, size, nextPts, before }: WantedPiece,
  { ffmpegPath, clock }: { readonly ffmpegPath: string; readonly clock: Clock },
  signal: AbortSignal,
): Promise<MadePiece> {
  const { initSegment, bytes } = await read();
  const source = readPiece(initSegment, bytes);
  const lead = source.hasLeading ? await before() : undefined;
  const fromTicks = lead === undefined ? {} : { fromTicks: encoderTicks(source, source.times[0]!) };
  const { timescale } = source.start.init.video;
  const over = new AbortController();
  const late = limitOf(clock, ENCODE_MS, over.signal);
  try {
    const { code, stdout, errorTail } = await runChild({
      ...withLowPriority({
        command: ffmpegPath,
        args: pieceArgs({ size, timescale, ...fromTicks }),
      }),
      signal: AbortSignal.any([signal, late]),
      onStdin: (stdin) =>
        feed(stdin, [encoderInit(source), ...(lead === undefined ? [] : [lead]), bytes]),
    });
    signal.throwIfAborted();
    if (late.aborted) throw new Problem(504, "encoding-late", "The piece took too long to encode");
    if (code !== 0) throw new MalformedMedia(errorTail.at(-1) ?? `ffmpeg ended with ${code}`);
    return renditionPiece(source, stdout, nextPts);
  } finally {
    over.abort();
  }
}

/** Aborted after a while, unless `over` is before. */
function limitOf(clock: Clock, limitMs: number, over: AbortSignal): AbortSignal {
  const limit = new AbortController();
  clock.sleep(limitMs, over).then(() => over.aborted || limit.abort());
  return limit.signal;
}

async function feed(
  stdin: WritableStream<Uint8Array<ArrayBuffer>>,
  parts: readonly Uint8Array[],
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    for (const part of parts) await writer.write(part as Uint8Array<ArrayBuffer>);
    await writer.close();
  } catch {
    // The process has ended: its code and its words tell why.
  }
}
