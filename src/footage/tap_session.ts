/**
 * Turns what a camera records just now into pictures at a rate: follows its
 * recording (live_tail.ts) and feeds an ffmpeg of its own.
 *
 * One decoder serves a run; a new one begins with a new init segment, and where
 * the old one has remembered too much.
 *
 * In:  a storage root and a camera. Out: pictures with time and frame id.
 * Not here: who gets them (picture_outlets.ts).
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { buildFragment, oneTrackInit } from "../media/fragment_writer.ts";
import { rawPictureBytes, tapArgs, type TapPictures } from "../media/tap_args.ts";
import type { PictureSize } from "../media/frames_args.ts";
import { PictureDecoder } from "./decoded_pictures.ts";
import type { FollowedRecording } from "./followed_recording.ts";
import { type LiveFragment, LiveTail } from "./live_tail.ts";

/** How often it is looked for new fragments, in milliseconds. They come every 200. */
const LOOK_MS = 50;

/** Without a fragment for so long the camera counts as not recorded, in milliseconds. */
const SILENT_MS = 3_000;

/**
 * Frames that one decoder gets. ffmpeg's MP4 reader remembers some 150 bytes of each
 * for ever: 30 MB (docs/design/capture.md, "Stills").
 */
const MAX_FED_FRAMES = 200_000;

export interface LivePicture {
  readonly frameId: number;
  readonly atMs: UnixMs;
  /** Pixels. */
  readonly size: PictureSize;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface TapOptions {
  readonly root: string;
  readonly cameraId: string;
  readonly pictures: TapPictures;
  readonly ffmpegPath: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onPicture: (picture: LivePicture) => void;
  /** Hears when pictures begin to come, and when they stop. */
  readonly onState: (state: "live" | "waiting") => void;
  /** Hears why a decoder failed. The next key frame goes to another one. */
  readonly onFault: (reason: string) => void;
}

/** Runs until the signal is aborted. */
export async function runTap(options: TapOptions): Promise<void> {
  const { clock, signal } = options;
  using tail = new LiveTail(options);
  using feeder = new Feeder(options);
  let state: "live" | "waiting" | undefined;
  let lastAtMs = clock.monotonic();
  const enter = (next: "live" | "waiting") => {
    if (state !== next) options.onState(next);
    state = next;
  };
  while (!signal.aborted) {
    const fragments = await tail.read();
    if (fragments.length > 0) {
      lastAtMs = clock.monotonic();
      enter("live");
    } else if (clock.monotonic() - lastAtMs > SILENT_MS) enter("waiting");
    for (const fragment of fragments) {
      if (signal.aborted) return;
      await feeder.feed(fragment);
    }
    await clock.sleep(LOOK_MS, signal);
  }
}

/** A frame on its way through the decoder. */
interface Underway {
  readonly tick: number;
  readonly pts: number;
  readonly recording: FollowedRecording;
}

/** Gives fragments to a decoder that fits them. */
class Feeder implements Disposable {
  readonly #options: TapOptions;
  #decoder: PictureDecoder | undefined;
  #run = 0;
  /** The head that the decoder began with. */
  #moov: Uint8Array | undefined;
  /** Decode time that stands for 0 in what the decoder gets. */
  #baseDts = 0;
  #sequence = 0;
  #fedFrames = 0;
  /** Something was skipped: pictures that are shown before the next key frame need it. */
  #isBroken = true;
  #keyPts: number | undefined;
  /** Raw pictures keep the size of the first one: their length must not change. */
  #size: PictureSize | null;
  #underway: Underway[] = [];

  constructor(options: TapOptions) {
    this.#options = options;
    this.#size = options.pictures.size;
  }

  async feed(fragment: LiveFragment): Promise<void> {
    const { recording, isKey, samples } = fragment;
    if (samples.video.length === 0) return;
    const { run } = recording.label;
    const isNew = this.#decoder === undefined || run !== this.#run ||
      !isEqual(recording.moov, this.#moov!) || this.#fedFrames > MAX_FED_FRAMES;
    if (isNew) {
      if (!isKey) return;
      this.#begin(fragment);
    }
    if (!fragment.goesOn) this.#isBroken = true;
    const bytes = this.#rewritten(fragment);
    if (bytes === undefined) return;
    // It has ended: the next key frame goes to another one.
    if (!await this.#decoder!.feed(bytes)) this.#decoder = undefined;
  }

  [Symbol.dispose](): void {
    this.#decoder?.[Symbol.dispose]();
  }

  #begin({ recording, samples }: LiveFragment): void {
    const { init: { video }, ftyp, moov, label } = recording;
    const { ffmpegPath, pictures } = this.#options;
    const old = this.#decoder;
    // What it still holds comes out meanwhile.
    old?.endInput();
    if (pictures.format === "raw") this.#size ??= { width: video.width, height: video.height };
    this.#run = label.run;
    this.#moov = moov;
    this.#isBroken = true;
    this.#baseDts = samples.video[0]!.dts;
    this.#fedFrames = 0;
    this.#underway = [];
    const decoder = new PictureDecoder({
      command: ffmpegPath,
      args: tapArgs({ timescale: video.timescale, fromTick: 0 }, { ...pictures, size: this.#size }),
    });
    this.#decoder = decoder;
    decoder.feed(joined([ftyp, oneTrackInit(moov.subarray(8), video)]));
    const size = this.#size ?? { width: video.width, height: video.height };
    this.#take(decoder, size).catch((error) => this.#options.onFault(messageOf(error)));
  }

  /** Hands on what a decoder gives, until it ends. */
  async #take(decoder: PictureDecoder, size: PictureSize): Promise<void> {
    const underway = this.#underway;
    for await (const { pts, bytes } of decoder.pictures()) {
      const at = underway.findIndex(({ tick }) => tick === pts);
      const frame = underway[at];
      // What is shown before it does not come any more.
      for (let index = underway.length - 1; index >= 0; index -= 1) {
        if (underway[index]!.tick <= pts) underway.splice(index, 1);
      }
      if (frame === undefined) continue;
      const { label, init: { video: { timescale } } } = frame.recording;
      const atMs = unixMs(label.originMs + Math.round(frame.pts * 1_000 / timescale));
      const frameId = frame.recording.frameId(frame.pts);
      this.#options.onPicture({ frameId, atMs, size, bytes });
    }
    const fault = await decoder.fault();
    if (fault !== undefined && !this.#options.signal.aborted) this.#options.onFault(fault);
  }

  /** A fragment of the pictures alone, on the decoder's line of time. */
  #rewritten(fragment: LiveFragment): Uint8Array<ArrayBuffer> | undefined {
    const { recording, samples: { video } } = fragment;
    const bytes = recording.read(fragment);
    const kept = video.filter((sample) => this.#isDecodable(sample));
    if (kept.length === 0) return undefined;
    this.#sequence += 1;
    this.#fedFrames += kept.length;
    const samples = kept.map((sample, index) => {
      const tick = sample.pts - this.#baseDts;
      this.#underway.push({ tick, pts: sample.pts, recording });
      const next = kept[index + 1];
      return {
        dts: sample.dts - this.#baseDts,
        pts: tick,
        // A reader adds these up to get each sample's time.
        duration: next === undefined ? sample.duration : next.dts - sample.dts,
        isKey: sample.isKey,
        bytes: bytes.subarray(sample.offset, sample.offset + sample.sizeBytes),
      };
    });
    const { trackId } = recording.init.video;
    return buildFragment(samples, { trackId, sequence: this.#sequence });
  }

  /** False for pictures that need what was skipped: those shown before the key frame in front of them. */
  #isDecodable({ isKey, pts }: { readonly isKey: boolean; readonly pts: number }): boolean {
    if (isKey) this.#keyPts = this.#isBroken ? pts : undefined;
    if (isKey) this.#isBroken = false;
    return this.#keyPts === undefined || pts >= this.#keyPts;
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one === other ||
    (one.length === other.length && one.every((byte, index) => byte === other[index]));
}

/** The line in front of raw pictures, which says how they lie in the stream. */
export function rawHeader(
  stream: { readonly cameraId: string; readonly pictures: TapPictures; readonly size: PictureSize },
): Uint8Array<ArrayBuffer> {
  const { cameraId, pictures: { pixels, fps }, size } = stream;
  return new TextEncoder().encode(`${
    JSON.stringify({
      format: "lookback-tap-1",
      camera_id: cameraId,
      pixel_format: pixels,
      width: size.width,
      height: size.height,
      frame_bytes: rawPictureBytes(size, pixels),
      fps,
    })
  }\n`);
}
