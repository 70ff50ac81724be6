/**
 * A stream's sound as Opus packets for all who listen over WebRTC: encoded once, while
 * somebody listens and a little longer.
 *
 * In:   the fragments of a stream, as its feed gets them. Out: RTP packets.
 * Not here: pictures (whep_feed.ts), the process (sound_encoder.ts).
 *
 * Design: docs/design/live.md, "Sound"
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { OpusPacket } from "../media/ogg_opus.ts";
import { OPUS_RATE } from "../media/opus_packet.ts";
import { type SoundFragment, SoundTrack } from "../media/sound_fragment.ts";
import { type EncoderPlaces, restartPauseMs } from "./encoder_places.ts";
import { LINGER_MS } from "./live_stream.ts";
import type { PipedEncoder } from "./piped_encoder.ts";
import { wrapped } from "./rtp_clock.ts";
import type { RtpPacket } from "./rtp_packets.ts";
import { startSoundEncoder } from "./sound_encoder.ts";

/** An encoder that gave so many packets (ten seconds) was well: the next failure is a new one. */
const HEALTHY_PACKETS = 500;

/**
 * Packets of the camera's sound after which an encoder is replaced, because ffmpeg's MP4
 * reader remembers each: 75 MB. Three hours of AAC at 48 kHz.
 */
const MAX_FED_SAMPLES = 500_000;

/**
 * An encoder that starts is behind: what piled up meanwhile would have players take this
 * lag for the way here, and hold everything back for a minute. So it is left out, until
 * sound comes at most this much later than its fragment, in seconds; but no longer than
 * two seconds of it.
 */
const STARTING_LAG_S = 0.1;
const MAX_LEFT_OUT_PACKETS = 100;

/** What comes later than this, after a stall, is not heard: it would hold all behind it back. */
const MAX_LAG_S = 1;

/**
 * An encoder that was given so much sound over so long, in seconds, and gave nothing for it,
 * hangs. Sound may come in one go, and it may be missing for long: both have to be so.
 */
const HUNG_AFTER_S = 10;

const NOTHING = { soundS: 0, sinceMs: 0 };

/** Who gets a camera's sound. Must return at once. */
export interface SoundTaker {
  takeSound(packet: RtpPacket): void;
}

export interface SoundParts {
  readonly ffmpegPath: string;
  readonly places: EncoderPlaces;
  readonly clock: Clock;
  readonly log: Logger;
  /** Keeps the stream coming while an encoder runs. */
  readonly hold: () => Disposable;
  /** Where time 0 of the stream's run lies on the line of RTP's time; undefined until that is known. */
  readonly runStartS: () => number | undefined;
}

export class Sound {
  readonly #parts: SoundParts;
  readonly #takers = new Set<SoundTaker>();
  readonly #ending = new Set<Promise<unknown>>();
  #track: SoundTrack | undefined;
  #held: Disposable | undefined;
  #linger: AbortController | undefined;
  #encoder: PipedEncoder | undefined;
  #sequence = 0;
  #fedSamples = 0;
  /** The newest sound that was fed: where it begins, in seconds of the stream's time. */
  #fedFromS = 0;
  /** Whether the encoder has caught up since it started. */
  #isLive = false;
  #packets = 0;
  /** What it was given since it gave a packet: how much sound, and since when. */
  #unanswered = NOTHING;
  #failures = 0;
  #restartAtMs = 0;
  #missed = 0;

  constructor(parts: SoundParts) {
    this.#parts = parts;
  }

  /** The encoder's process, for those who test what becomes of it. */
  get pid(): number | undefined {
    return this.#encoder?.pid;
  }

  /** Fragments whose sound somebody wanted and no encoder took: it hung, or is yet to be started again. */
  get missed(): number {
    return this.#missed;
  }

  /** Whether somebody who listens hears something: it is encoded, or there is a place for that. */
  get hasPlace(): boolean {
    const { places } = this.#parts;
    return this.#held !== undefined || places.taken < places.most;
  }

  /** Listens from the next sound on. */
  listen(taker: SoundTaker): Disposable {
    this.#takers.add(taker);
    this.#begin();
    return {
      [Symbol.dispose]: () => {
        if (this.#takers.delete(taker) && this.#takers.size === 0) this.#endLater();
      },
    };
  }

  /**
   * A stream begins.
   *
   * @throws {MalformedMedia} If its beginning is not whole.
   */
  begin(initSegment: Uint8Array): void {
    this.#retire();
    this.#track = undefined;
    this.#track = SoundTrack.of(initSegment);
  }

  /**
   * Its next fragment, `moof` and `mdat`.
   *
   * @throws {MalformedMedia} If it is damaged.
   */
  take(bytes: Uint8Array): void {
    const track = this.#track;
    if (this.#held === undefined || track === undefined) return;
    const fragment = track.fragment(bytes);
    if (fragment === undefined) return;
    if (this.#fedSamples > MAX_FED_SAMPLES) this.#retire();
    if (this.#hangs) this.#giveUp(`it gave nothing for ${HUNG_AFTER_S} s`);
    if (this.#encoder === undefined) this.#start(track);
    if (!this.#feed(fragment)) this.#missed += 1;
  }

  /** Ends the encoder at once; nobody hears anything more. */
  end(): void {
    this.#linger?.abort();
    this.#linger = undefined;
    this.#retire();
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#parts.places.giveBack();
    held[Symbol.dispose]();
  }

  /** Resolves when no process is left. */
  async closed(): Promise<void> {
    this.end();
    await Promise.allSettled(this.#ending);
  }

  get #hangs(): boolean {
    const { soundS, sinceMs } = this.#unanswered;
    if (this.#encoder === undefined || soundS <= HUNG_AFTER_S) return false;
    return this.#parts.clock.monotonic() - sinceMs > HUNG_AFTER_S * 1_000;
  }

  #feed({ bytes, samples, endS, durationS }: SoundFragment): boolean {
    const encoder = this.#encoder;
    if (encoder === undefined) return false;
    this.#fedFromS = endS - durationS;
    this.#fedSamples += samples;
    const { soundS, sinceMs } = this.#unanswered;
    this.#unanswered = {
      soundS: soundS + durationS,
      sinceMs: soundS > 0 ? sinceMs : this.#parts.clock.monotonic(),
    };
    if (encoder.offer(bytes)) return true;
    // One that has ended says so itself.
    if (!encoder.hasEnded) this.#giveUp("it took nothing any more");
    return false;
  }

  #begin(): void {
    this.#linger?.abort();
    this.#linger = undefined;
    if (this.#held !== undefined || !this.hasPlace) return;
    this.#held = this.#parts.hold();
    this.#parts.places.take();
  }

  #endLater(): void {
    if (this.#held === undefined) return;
    const linger = this.#linger = new AbortController();
    this.#parts.clock.sleep(LINGER_MS, linger.signal).then(() => {
      if (!linger.signal.aborted) this.end();
    });
  }

  #start(track: SoundTrack): void {
    const { ffmpegPath, clock } = this.#parts;
    if (clock.monotonic() < this.#restartAtMs) return;
    this.#packets = 0;
    this.#unanswered = NOTHING;
    try {
      const encoder: PipedEncoder = startSoundEncoder({
        ...{ ffmpegPath, initSegment: track.initSegment },
        onPacket: (packet) => {
          if (encoder === this.#encoder) this.#give(packet);
        },
      });
      this.#encoder = encoder;
      this.#fedSamples = 0;
      this.#isLive = false;
      encoder.ended.then((reason) => this.#encoderEnded(encoder, reason));
    } catch (error) {
      this.#failed(messageOf(error));
    }
  }

  /** It runs, and is of no use. */
  #giveUp(reason: string): void {
    this.#retire();
    this.#failed(reason);
  }

  #encoderEnded(encoder: PipedEncoder, reason: string): void {
    if (encoder !== this.#encoder) return;
    this.#encoder = undefined;
    this.#failed(reason);
  }

  #failed(reason: string): void {
    this.#failures = this.#packets >= HEALTHY_PACKETS ? 0 : this.#failures + 1;
    this.#restartAtMs = this.#parts.clock.monotonic() + restartPauseMs(this.#failures);
    this.#parts.log.warning("The encoder of a sound ended, another follows: {reason}", { reason });
  }

  #retire(): void {
    const encoder = this.#encoder;
    this.#encoder = undefined;
    if (encoder === undefined) return;
    const ending = encoder.close();
    this.#ending.add(ending);
    ending.finally(() => this.#ending.delete(ending));
  }

  /** One packet of Opus is one of RTP (RFC 7587, 4.2). */
  #give({ bytes, startSample }: OpusPacket): void {
    this.#unanswered = NOTHING;
    const runStartS = this.#parts.runStartS();
    if (runStartS === undefined) return;
    const lagS = this.#fedFromS - startSample / OPUS_RATE;
    this.#packets += 1;
    this.#isLive ||= lagS <= STARTING_LAG_S || this.#packets > MAX_LEFT_OUT_PACKETS;
    if (!this.#isLive || lagS > MAX_LAG_S) return;
    const packet: RtpPacket = {
      sequence: this.#sequence,
      timestamp: wrapped(startSample + Math.round(runStartS * OPUS_RATE)),
      // Set only where silence is left out, which is not done here.
      isLast: false,
      payload: bytes,
    };
    this.#sequence = (this.#sequence + 1) & 0xffff;
    for (const taker of this.#takers) taker.takeSound(packet);
  }
}
