/**
 * One camera's stream as packets, for all who watch it over WebRTC: joined once,
 * packetised once. Keeps the packets since the last key frame, so that who comes
 * sees something at once.
 *
 * In:  a {@linkcode LiveSource}. Out: frames of packets to each taker, as far apart as they
 * were made; its sound, for those who listen (sound.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { type Logger, logger } from "../base/log.ts";
import { MalformedMedia, requireBox } from "../media/boxes.ts";
import { parseInitSegment } from "../media/init_segment.ts";
import type { LiveSource, StreamFragment, StreamInfo, Viewer } from "../model/live.ts";
import type { EncoderPlaces } from "./encoder_places.ts";
import { FramePacer, type TimedFrame } from "./frame_pacer.ts";
import { lineSecondsOf, TICKS_PER_SECOND } from "./rtp_clock.ts";
import { type RtpFrame, RtpPacketizer } from "./rtp_packets.ts";
import { Sound } from "./sound.ts";

/**
 * Bytes of packets that are kept. Four seconds of 16 Mbit/s; over it nothing is
 * kept until the next key frame, and who comes meanwhile waits for that.
 */
export const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** Four-letter codes of H.264 in MP4. */
const H264_CODECS: ReadonlySet<string> = new Set(["avc1", "avc3"]);

/** Why a stream can't be watched over WebRTC; undefined when it can, as far as it is known. */
export function unsuitedReason(
  stream: { readonly codec: string; readonly hasBFrames: boolean | undefined },
): string | undefined {
  if (!H264_CODECS.has(stream.codec)) return `its codec is "${stream.codec}", not H.264`;
  return stream.hasBFrames === true ? "it has B-frames" : undefined;
}

/** Who gets a camera's frames. Must return at once. */
export interface FrameTaker {
  take(frame: RtpFrame): void;
}

export interface FeedEvents {
  /** The stream turned out not to suit, for example after the camera was set otherwise. */
  readonly onUnsuited: () => void;
  /** Nobody holds it any more: it has left its source. */
  readonly onUnheld: () => void;
}

export interface FeedParts {
  readonly events: FeedEvents;
  /** What its sound is encoded with. */
  readonly ffmpegPath: string;
  readonly soundPlaces: EncoderPlaces;
  readonly clock: Clock;
}

export class WhepFeed implements Viewer {
  /** Its sound, encoded while somebody listens. */
  readonly sound: Sound;
  readonly #events: FeedEvents;
  readonly #packetizer = new RtpPacketizer();
  readonly #pacer: FramePacer<RtpFrame>;
  readonly #takers = new Set<FrameTaker>();
  readonly #log: Logger;
  #kept: RtpFrame[] = [];
  #keptBytes = 0;
  /** Frames are of no use before the next key frame. */
  #waitsForKey = true;
  #unsuitedReason: string | undefined;
  #holds = 0;
  #joined: Disposable | undefined;
  #damaged = 0;
  /** Wall time of time 0 of the line on which RTP's times lie; learnt once, so that it never jumps. */
  #lineOriginMs: number | undefined;

  constructor(source: LiveSource, { events, ffmpegPath, soundPlaces, clock }: FeedParts) {
    this.#events = events;
    const log = this.#log = logger("live", source.cameraId);
    this.#pacer = new FramePacer({ give: (frame) => this.#give(frame), clock, log });
    this.sound = new Sound({
      ...{ ffmpegPath, places: soundPlaces, clock, log },
      hold: () => this.hold(),
      runStartS: () => this.#packetizer.runStartS,
    });
    this.#joined = source.join(this);
  }

  /** Why the stream can't be watched so, once that has come out. */
  get unsuited(): string | undefined {
    return this.#unsuitedReason;
  }

  /** Wall time of tick 0 of its packets; undefined before the first frame. */
  get originMs(): number | undefined {
    return this.#packetizer.originMs;
  }

  /**
   * Wall time of an RTP time, the same line for pictures and sound.
   *
   * @param rate Ticks per second of this RTP time.
   */
  wallMsOf(rtpTimestamp: number, rate: number): number {
    const nearS = this.#packetizer.lineS;
    this.#lineOriginMs ??= this.#packetizer.lineOriginMs;
    return (this.#lineOriginMs ?? 0) + lineSecondsOf(rtpTimestamp, { rate, nearS }) * 1_000;
  }

  /** Fragments that could not be read. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Keeps the feed going; without any hold it leaves its source. */
  hold(): Disposable {
    this.#holds += 1;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holds -= 1;
        if (this.#holds === 0) this.#leave();
      },
    };
  }

  /** Gives what is kept, then every frame that comes. */
  add(taker: FrameTaker): void {
    for (const frame of this.#kept) taker.take(frame);
    this.#takers.add(taker);
  }

  remove(taker: FrameTaker): void {
    this.#takers.delete(taker);
  }

  begin(info: StreamInfo): void {
    this.#pacer.flush();
    this.#forget();
    const reason = unsuitedReason({ codec: info.codec, hasBFrames: undefined });
    if (reason !== undefined) return this.#endWith(reason);
    this.#unsuitedReason = undefined;
    this.#attempt(() => {
      this.#packetizer.begin(parseInitSegment(requireBox(info.initSegment, ["moov"]).payload));
    });
    this.#hear(() => this.sound.begin(info.initSegment));
  }

  take(fragment: StreamFragment): boolean {
    if (this.#unsuitedReason !== undefined) return true;
    this.#attempt(() => {
      this.#pacer.put(timed(this.#packetizer.frames(fragment.bytes, fragment.originMs)));
    });
    this.#hear(() => this.sound.take(fragment.bytes));
    if (this.#packetizer.hasBFrames) this.#endWith("it has B-frames");
    return true;
  }

  #give(frame: RtpFrame): void {
    if (frame.isKey) {
      this.#forget();
      this.#waitsForKey = false;
    }
    if (this.#waitsForKey) return;
    for (const taker of this.#takers) taker.take(frame);
    // Nothing is kept behind a hole: a group without its beginning can't be decoded.
    if (!frame.isKey && this.#kept.length === 0) return;
    this.#kept.push(frame);
    this.#keptBytes += frame.bytes;
    if (this.#keptBytes > MAX_KEPT_BYTES) this.#dropKept();
  }

  /**
   * What goes wrong ends nothing but its fragment. The source never sees an error, because it
   * would give the feed up, which then had viewers and no stream.
   */
  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#damaged += 1;
      this.#pacer.flush();
      this.#forget();
      // Anything but damaged bytes is a defect of ours.
      const level = error instanceof MalformedMedia ? "warn" : "error";
      this.#log[level]("Cannot packetise a fragment: {reason}", { reason: messageOf(error) });
    }
  }

  /** Whatever goes wrong with the sound, pictures go on. */
  #hear(listen: () => void): void {
    try {
      listen();
    } catch (error) {
      this.#log.warn("Cannot take a fragment's sound: {reason}", { reason: messageOf(error) });
    }
  }

  #endWith(reason: string): void {
    this.#unsuitedReason = reason;
    this.#pacer.forget();
    this.#forget();
    this.#log.info("A stream can't be watched over WebRTC any more: {reason}", { reason });
    this.#events.onUnsuited();
  }

  #forget(): void {
    this.#dropKept();
    this.#waitsForKey = true;
  }

  #dropKept(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }

  #leave(): void {
    this.#joined?.[Symbol.dispose]();
    this.#joined = undefined;
    this.sound.end();
    this.#pacer.forget();
    this.#takers.clear();
    this.#forget();
    this.#events.onUnheld();
  }
}

/** Each frame with the time until the next one of its fragment, by their RTP times. */
function timed(frames: readonly RtpFrame[]): readonly TimedFrame<RtpFrame>[] {
  return frames.map((frame, index) => {
    const [from, to] = [frame.packets[0], frames[index + 1]?.packets[0]];
    // RTP's times begin anew behind 2^32: the difference is that of 32 bits.
    const ticks = from === undefined || to === undefined ? 0 : to.timestamp - from.timestamp | 0;
    return { frame, durationMs: Math.max(0, ticks) / TICKS_PER_SECOND * 1_000 };
  });
}
