/**
 * Plays a camera's footage by wall time: fetches a playlist around the instant that
 * is asked for, and the next one where it ends.
 *
 * In:   a video element, instants, a speed.
 * Out:  signals: the instant on show, whether it plays, what is wrong.
 * Not here: which instants there is footage of (timeline), keeping several in step
 *       (in_step.ts).
 *
 * @module
 */

import { signal } from "@preact/signals";
import type Hls from "hls.js";
import type { ErrorData } from "hls.js";
import { recordedUrl } from "../api/calls.ts";
import { problemText, serverNowMs } from "../api/http.ts";
import { FrameStepper } from "./frame_step.ts";
import { type HlsKit, loadHls } from "./load_hls.ts";
import { mapOf, PositionMap } from "./position_map.ts";
import {
  ENCODED_BUFFER_S,
  FASTEST_ENCODED,
  firstLevel,
  isCodecFault,
  isEncodedFile,
  isOwnLevel,
  OWN,
  playlistFile,
  type Quality,
} from "./quality.ts";

/** Fetched before the instant asked for: a step back is at once there. */
const BEFORE_MS = 60_000;

/** Fetched after it. The server reads an index for each ten seconds of it. */
const AFTER_MS = 20 * 60_000;

/** The newest footage is still being written. */
const UNWRITTEN_MS = 3_000;

/** What is buffered ahead, in seconds at normal speed. */
const BUFFER_S = 20;

/** Half a frame: the one on show stays on show, though another playlist rounds otherwise. */
const WITHIN_FRAME_MS = 20;

/** What is found from there on is not the last frame again. */
const PAST_END_MS = 25;

/** A new frame comes up within this time after a seek, in milliseconds; after it none comes. */
const SAME_FRAME_MS = 250;

/** How often it looks for more where the footage that there is has ended. */
const LOOK_AGAIN_MS = 3_000;

/** "end": the last frame of all shows. */
export type RecordedPhase = "idle" | "loading" | "ready" | "empty" | "end" | "failed";

const IS_THERE: readonly RecordedPhase[] = ["ready", "end"];

/** What was asked for; `isOpen`: it reached to the present, and more may have come since. */
interface FetchedWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly isOpen: boolean;
}

export class RecordedPlayer {
  /** The instant on show; what was asked for, until it shows. */
  readonly wallMs = signal<number | undefined>(undefined);
  readonly isPlaying = signal(false);
  readonly phase = signal<RecordedPhase>("idle");
  readonly problem = signal("");
  /** What plays is encoded for it: no faster than `FASTEST_ENCODED`. */
  readonly isEncoded = signal(false);
  /** Frames shown so far. */
  frames = 0;

  #hls: Hls | undefined;
  #map = new PositionMap([]);
  #window: FetchedWindow | undefined;
  #targetMs: number | undefined;
  #speed = 1;
  #quality: Quality = OWN;
  #canPlayOwn = true;
  readonly #stepper: FrameStepper;
  #isClosed = false;
  /** Until it is sure that a seek brings no new frame. */
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Counts loads: what an older one still brings is of no interest. */
  #load = 0;

  constructor(readonly cameraId: string, readonly video: HTMLVideoElement) {
    video.addEventListener("ended", this.#onEnded);
    video.addEventListener("playing", this.#onPlaying);
    video.addEventListener("seeking", this.#onSeeking);
    video.addEventListener("seeked", this.#onSeeked);
    this.#stepper = new FrameStepper(video);
    this.#follow();
  }

  /** Shows an instant, or where footage goes on after it; plays on if it played. */
  seek(wallMs: number): void {
    this.wallMs.value = wallMs;
    const isCovered = this.#window !== undefined && IS_THERE.includes(this.phase.peek()) &&
      wallMs >= this.#window.fromMs && wallMs < this.#window.toMs;
    const place = isCovered ? this.#map.positionAt(wallMs) : undefined;
    if (place === undefined) {
      this.#open(wallMs);
      return;
    }
    this.phase.value = "ready";
    this.#stepper.seek(place.positionS);
  }

  play(): void {
    this.isPlaying.value = true;
    this.video.play().catch(() => {});
    if (this.phase.peek() === "end") this.#goOn();
  }

  pause(): void {
    this.isPlaying.value = false;
    this.video.pause();
  }

  set speed(speed: number) {
    this.#speed = speed;
    this.video.playbackRate = this.#possibleSpeed;
    if (this.#hls !== undefined) this.#hls.config.maxBufferLength = this.#bufferS;
  }

  /** Goes on where it is, in another size. */
  set quality(quality: Quality) {
    if (quality === this.#quality) return;
    this.#quality = quality;
    const wallMs = this.wallMs.peek();
    if (this.#window !== undefined && wallMs !== undefined) this.#open(wallMs + WITHIN_FRAME_MS);
  }

  get #possibleSpeed(): number {
    return this.isEncoded.peek() ? Math.min(this.#speed, FASTEST_ENCODED) : this.#speed;
  }

  get #bufferS(): number {
    const normalS = this.isEncoded.peek() ? ENCODED_BUFFER_S : BUFFER_S;
    return normalS * Math.max(1, this.#possibleSpeed);
  }

  /** A correction of the speed for a while, to stay in step. */
  set rate(rate: number) {
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
  }

  step(frames: number): void {
    this.pause();
    this.#stepper.step(frames);
  }

  /** Frames a second that the camera sends, as far as that is known. */
  set usualFps(fps: number | undefined) {
    this.#stepper.usualFps = fps;
  }

  /** True while it waits for data to play. */
  get isStalled(): boolean {
    return this.phase.peek() === "loading" ||
      (this.phase.peek() === "ready" && (this.video.readyState < 3 || this.video.seeking));
  }

  /** Whether it has footage of an instant, as far as its playlist reaches; undefined beyond. */
  hasFootage(wallMs: number): boolean | undefined {
    if (this.#window === undefined || this.phase.peek() === "loading") return undefined;
    if (wallMs < this.#window.fromMs || wallMs >= this.#window.toMs) return undefined;
    return this.#map.positionAt(wallMs)?.isExact ?? false;
  }

  close(): void {
    this.#isClosed = true;
    this.#load += 1;
    this.#hls?.destroy();
    this.video.removeEventListener("ended", this.#onEnded);
    this.video.removeEventListener("playing", this.#onPlaying);
    this.video.removeEventListener("seeking", this.#onSeeking);
    this.video.removeEventListener("seeked", this.#onSeeked);
    this.video.removeAttribute("src");
    this.video.load();
  }

  readonly #onEnded = () => {
    if (!this.#isClosed && this.isPlaying.peek()) this.#goOn();
  };

  /** A new source plays at normal speed. */
  readonly #onPlaying = () => {
    if (this.video.playbackRate === 1) this.video.playbackRate = this.#possibleSpeed;
  };

  /** A seek within a frame brings no new one: then nobody else tells that it is over. */
  readonly #onSeeked = () => {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => !this.#isClosed && this.#stepper.settle(), SAME_FRAME_MS);
  };

  /** What was to be told of the seek before would be taken for this one. */
  readonly #onSeeking = () => clearTimeout(this.#settling);

  /** From the end of what was fetched. */
  #goOn(): void {
    const { isOpen, toMs } = this.#window!;
    if (!isOpen) return this.#open(toMs);
    this.phase.value = "end";
    this.#lookAgain(this.#load);
  }

  /** Waits for footage after the end; a new playlist only then, as it blanks the picture. */
  async #lookAgain(load: number): Promise<void> {
    const isOver = () =>
      load !== this.#load || !this.isPlaying.peek() || this.phase.peek() !== "end";
    if (isOver()) return;
    const endMs = (this.#map.endMs ?? this.#window!.fromMs) + PAST_END_MS;
    const hasMore = await hasFootage(this.cameraId, endMs);
    if (isOver()) return;
    if (hasMore) this.#open(endMs);
    else setTimeout(() => this.#lookAgain(load), LOOK_AGAIN_MS);
  }

  #open(
    wallMs: number,
    file = playlistFile(this.#quality, { canPlayOwn: this.#canPlayOwn }),
  ): void {
    const load = ++this.#load;
    this.#stepper.reset();
    this.#targetMs = wallMs;
    this.phase.value = "loading";
    this.problem.value = "";
    loadHls().then(
      (kit) => load === this.#load && this.#start(kit, wallMs, file),
      (error) => load === this.#load && this.#fail(problemText(error)),
    );
  }

  #start(kit: HlsKit, wallMs: number, file: string): void {
    this.#hls?.destroy();
    const fromMs = wallMs - BEFORE_MS;
    const nowMs = serverNowMs();
    const toMs = Math.min(wallMs + AFTER_MS, nowMs);
    this.#window = { fromMs, toMs, isOpen: toMs >= nowMs - UNWRITTEN_MS };
    this.#map = new PositionMap([]);
    const url = recordedUrl(this.cameraId, fromMs, Math.max(toMs, fromMs + 1000), file);
    this.isEncoded.value = isEncodedFile(file) ?? !this.#canPlayOwn;
    if (!kit.Hls.isSupported()) {
      this.#startNative(url);
      return;
    }
    this.#startHls(kit, url, file);
  }

  #startHls({ Hls, hlsSettings }: HlsKit, url: string, file: string): void {
    const hls = new Hls({
      ...hlsSettings,
      // The playlist tells where to begin.
      autoStartLoad: false,
      maxBufferLength: this.#bufferS,
      // It would have a piece encoded for nothing.
      testBandwidth: false,
      maxMaxBufferLength: 600,
      backBufferLength: 60,
    });
    this.#hls = hls;
    let hasBegun = false;
    if (isEncodedFile(file) === undefined) this.#chooseLevels(hls, Hls);
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
      this.#map = mapOf(details.fragments);
      if (!hasBegun) this.#begin(hls);
      hasBegun = true;
    });
    // Times are put right as pieces are read.
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => this.#map = mapOf(details.fragments));
    hls.on(Hls.Events.LEVEL_PTS_UPDATED, (_, { details }) => this.#map = mapOf(details.fragments));
    hls.on(Hls.Events.FRAG_BUFFERED, () => this.#stepper.buffered());
    hls.on(Hls.Events.ERROR, (_, data) => {
      const isOther = isCodecFault(data.details) && isEncodedFile(file) === false;
      if (data.fatal || isOther) this.#failHls(hls, data, file);
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  /** Of several streams it begins with the camera's own, where that can be played. */
  #chooseLevels(hls: Hls, { Events }: HlsKit["Hls"]): void {
    hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
      hls.startLevel = firstLevel(levels);
      // Only its playlist as yet: where in it to begin, its times will tell.
      hls.startLoad(0);
      hls.pauseBuffering();
    });
    hls.on(Events.LEVEL_SWITCHED, (_, { level }) => {
      this.isEncoded.value = !isOwnLevel(hls.levels[level]!);
      hls.config.maxBufferLength = this.#bufferS;
    });
  }

  #begin(hls: Hls): void {
    const place = this.#map.positionAt(this.#targetMs ?? 0);
    const positionS = place?.positionS ?? this.#map.lastS;
    if (positionS === undefined) {
      this.phase.value = "empty";
      return;
    }
    hls.startLoad(positionS);
    this.phase.value = place === undefined ? "end" : "ready";
    this.video.playbackRate = this.#possibleSpeed;
    if (this.isPlaying.peek()) this.video.play().catch(() => {});
  }

  #startNative(url: string): void {
    const video = this.video as HTMLVideoElement & { getStartDate?: () => Date };
    video.src = url;
    video.onloadedmetadata = () => {
      const startMs = video.getStartDate?.().getTime() ?? NaN;
      const wallMs = Number.isNaN(startMs) ? this.#window!.fromMs : startMs;
      this.#map = new PositionMap([{ startS: 0, endS: video.duration, wallMs }]);
      const place = this.#map.positionAt(this.#targetMs ?? wallMs);
      if (place !== undefined) this.#stepper.seek(place.positionS);
      this.phase.value = "ready";
      video.playbackRate = this.#speed;
      if (this.isPlaying.peek()) video.play().catch(() => {});
    };
    video.onerror = () => this.#fail(video.error?.message || "the browser can't play it");
  }

  #failHls(hls: Hls, { details, response }: ErrorData, file: string): void {
    if (this.#hls !== hls) return;
    const atMs = this.#targetMs ?? this.wallMs.peek() ?? 0;
    // From now on in another codec; where there is no other, the second try tells.
    if (isCodecFault(details) && isEncodedFile(file) === false) {
      this.#canPlayOwn = false;
      return this.#open(atMs);
    }
    // This footage is smaller than what was chosen, or there is none: its own stream tells.
    if (response?.code === 404 && isEncodedFile(file) === true) {
      return this.#open(atMs, playlistFile(OWN, { canPlayOwn: this.#canPlayOwn }));
    }
    const isEmpty = response?.code === 404 || /empty/i.test(details);
    if (isEmpty) {
      hls.destroy();
      this.#hls = undefined;
      this.phase.value = "empty";
      return;
    }
    if (details === "bufferAppendError") hls.recoverMediaError();
    this.#fail(details);
  }

  #fail(reason: string): void {
    this.phase.value = "failed";
    this.problem.value = reason;
  }

  #follow(): void {
    const { video } = this;
    const shown = (positionS: number) => {
      this.frames += 1;
      this.#stepper.shown(positionS);
      const wallMs = this.#map.wallMsAt(positionS);
      if (wallMs !== undefined && IS_THERE.includes(this.phase.peek())) this.wallMs.value = wallMs;
    };
    if (!("requestVideoFrameCallback" in video)) {
      // Some times a second, for browsers that don't tell of frames.
      (video as HTMLVideoElement).ontimeupdate = () =>
        shown((video as HTMLVideoElement).currentTime);
      return;
    }
    const next = () => {
      video.requestVideoFrameCallback((_, { mediaTime }) => {
        if (this.#isClosed) return;
        shown(mediaTime);
        next();
      });
    };
    next();
  }
}

/** Whether the server has footage from an instant on. A server that is away is asked again later. */
async function hasFootage(cameraId: string, fromMs: number): Promise<boolean> {
  const response = await fetch(recordedUrl(cameraId, fromMs, serverNowMs())).catch(() => undefined);
  return response?.ok === true && (await response.text()).includes("#EXTINF");
}
