/**
 * One live picture: tries the ways to it in order, watches whether frames really
 * come, and goes on to the next way when they don't.
 *
 * In:   a camera, the elements to show it in.
 * Out:  a state as a signal: which way plays, how late it is, what did not work.
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import { signal } from "@preact/signals";
import { serverNowMs } from "../api/http.ts";
import type { Camera } from "../api/types.ts";
import { browserAbilities } from "./abilities.ts";
import { DelayReading } from "./delay_reading.ts";
import { startHls } from "./hls.ts";
import { startMse } from "./mse.ts";
import type { Player, StartPlayer } from "./player.ts";
import { startStill } from "./still.ts";
import { judge, mayBeginAnew, type WayHistory } from "./watchdog.ts";
import { type Protocol, PROTOCOL_TITLES, type Way, waysToWatch } from "./ways.ts";
import { NO_SOUND, startWhep } from "./whep.ts";

const STARTERS: Readonly<Record<Protocol, StartPlayer>> = {
  whep: startWhep,
  mse: startMse,
  hls: startHls,
  still: startStill,
};

const WATCH_EVERY_MS = 500;

/** On stills, because nothing better worked: how long until all is tried again. */
const RECOVER_AFTER_MS = 30_000;

export interface LiveState {
  readonly phase: "connecting" | "playing";
  readonly protocol: Protocol;
  readonly rendition: string | null;
  /** How late the picture is; null while that is not known. */
  readonly delayMs: number | null;
  /** The delay is reckoned from what waits in the browser, not read off the frame's time. */
  readonly isEstimate: boolean;
  /** Frames shown since this way began. */
  readonly frames: number;
  /** What did not work before: "WebRTC: connected, but no picture". */
  readonly failures: readonly string[];
}

/** What is shown where. */
export interface LiveElements {
  readonly video: HTMLVideoElement;
  readonly image: HTMLImageElement;
}

export type LiveCamera = Pick<
  Camera,
  "id" | "stream" | "protocols" | "renditions" | "iceServers"
>;

export interface LiveWish {
  readonly protocol: Protocol | "auto";
  readonly holdBackMs: number;
  readonly hasSound: boolean;
}

export class LiveSession {
  readonly state = signal<LiveState>(FIRST_STATE);
  /** Called with the wall time of each frame on show, as far as it is known. */
  onFrame: (wallMs: number | undefined) => void = () => {};

  readonly #camera: LiveCamera;
  readonly #elements: LiveElements;
  #wish: LiveWish;
  #ways: readonly Way[];
  #wayIndex = 0;
  #player: Player | undefined;
  #history: WayHistory = NO_HISTORY;
  #frames = 0;
  #reading = new DelayReading();
  #failures: string[] = [];
  /** A better way was left for one that brings sound. */
  #leftForSound = false;
  #lastResortMs: number | undefined;
  #isClosed = false;
  readonly #timer: number;

  constructor(camera: LiveCamera, elements: LiveElements, wish: LiveWish) {
    this.#camera = camera;
    this.#elements = elements;
    this.#wish = wish;
    this.#ways = waysToWatch(camera, browserAbilities(), wish.protocol);
    this.#follow();
    this.#begin(0);
    this.#timer = setInterval(() => this.#watch(), WATCH_EVERY_MS);
  }

  holdBack(lengthMs: number): void {
    this.#wish = { ...this.#wish, holdBackMs: lengthMs };
    this.#player?.holdBack(lengthMs);
  }

  /** With or without sound from now on. */
  listen(hasSound: boolean): void {
    if (hasSound === this.#wish.hasSound) return;
    this.#wish = { ...this.#wish, hasSound };
    if (!hasSound && this.#leftForSound) return this.#beginAtFirst();
    // What is asked for there can't be changed later. The others bring sound anyway.
    if (this.#way.protocol === "whep") this.#begin(0);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#player?.close();
  }

  get #way(): Way {
    return this.#ways[this.#wayIndex]!;
  }

  #begin(restarts: number): void {
    this.#player?.close();
    this.#player = undefined;
    this.#frames = 0;
    this.#reading = new DelayReading();
    this.#history = {
      startedMs: performance.now(),
      connectedMs: undefined,
      lastFrameMs: undefined,
      restarts,
    };
    if (this.#way.protocol === "still") this.#lastResortMs = performance.now();
    let isCurrent = true;
    // News of a player that was closed meanwhile are of no interest.
    const current = (act: () => void) => () => isCurrent && !this.#isClosed && act();
    const player = STARTERS[this.#way.protocol](
      {
        cameraId: this.#camera.id,
        way: this.#way,
        ...this.#elements,
        holdBackMs: this.#wish.holdBackMs,
        hasSound: this.#wish.hasSound,
        iceServers: this.#camera.iceServers ?? [],
      },
      {
        connected: current(() => this.#noteConnected()),
        frame: (wallMs) => current(() => this.#noteFrame(wallMs))(),
        failed: (reason) => current(() => this.#judged({ verdict: this.#verdict(), reason }))(),
      },
    );
    this.#player = {
      wallMsOf: (frame) => player.wallMsOf(frame),
      estimatedDelayMs: () => player.estimatedDelayMs?.(),
      holdBack: (lengthMs) => player.holdBack(lengthMs),
      close: () => {
        isCurrent = false;
        player.close();
      },
    };
    this.#publish();
  }

  #verdict(): "again" | "next" {
    return mayBeginAnew(this.#history) ? "again" : "next";
  }

  #noteConnected(): void {
    this.#history = {
      ...this.#history,
      connectedMs: this.#history.connectedMs ?? performance.now(),
    };
  }

  #noteFrame(wallMs: number | undefined): void {
    this.#frames += 1;
    this.#history = { ...this.#history, lastFrameMs: performance.now() };
    const delayMs = wallMs === undefined ? undefined : serverNowMs() - wallMs;
    this.#reading.note(delayMs, this.#player?.estimatedDelayMs?.(), performance.now());
    this.onFrame(wallMs);
    // A signal for every frame would draw the page 25 times a second.
    if (this.#frames === 1) this.#publish();
  }

  /** Hears of every frame that the video element shows. */
  #follow(): void {
    const { video } = this.#elements;
    const next = () => {
      video.requestVideoFrameCallback((_, frame) => {
        if (this.#isClosed) return;
        if (this.#way.protocol !== "still") {
          const wallMs = this.#player?.wallMsOf({
            mediaTimeS: frame.mediaTime,
            rtpTimestamp: frame.rtpTimestamp,
          });
          this.#noteFrame(wallMs);
        }
        next();
      });
    };
    if ("requestVideoFrameCallback" in video) next();
    else this.#followByTime(video);
  }

  /** Some times a second, for browsers that don't tell of frames. */
  #followByTime(video: HTMLVideoElement): void {
    video.ontimeupdate = () => {
      if (this.#isClosed || this.#way.protocol === "still" || video.readyState < 2) return;
      const frame = { mediaTimeS: video.currentTime, rtpTimestamp: undefined };
      this.#noteFrame(this.#player?.wallMsOf(frame));
    };
  }

  #watch(): void {
    const nowMs = performance.now();
    // A hidden page shows no frames; its time does not count.
    if (document.visibilityState === "hidden") {
      this.#history = { ...this.#history, startedMs: nowMs, connectedMs: this.#connectedBy(nowMs) };
      if (this.#history.lastFrameMs !== undefined) {
        this.#history = { ...this.#history, lastFrameMs: nowMs };
      }
      return;
    }
    this.#publish();
    if (this.#way.protocol !== "still") this.#judged(judge(this.#history, nowMs));
    else if (this.#ways.length > 1 && this.#wish.protocol !== "still") this.#recover(nowMs);
  }

  #connectedBy(nowMs: number): number | undefined {
    return this.#history.connectedMs === undefined ? undefined : nowMs;
  }

  #recover(nowMs: number): void {
    if (nowMs - (this.#lastResortMs ?? nowMs) < RECOVER_AFTER_MS) return;
    this.#beginAtFirst();
  }

  /** All ways get another chance. */
  #beginAtFirst(): void {
    this.#failures = [];
    this.#leftForSound = false;
    this.#wayIndex = 0;
    this.#begin(0);
  }

  #judged(
    judgement: { readonly verdict: "wait" | "again" | "next"; readonly reason?: string },
  ): void {
    if (judgement.verdict === "wait") return;
    if (judgement.verdict === "again") return this.#begin(this.#history.restarts + 1);
    // Stills try again by themselves: there is nothing after them.
    if (this.#way.protocol === "still") return;
    const { protocol } = this.#way;
    this.#leftForSound ||= judgement.reason === NO_SOUND;
    this.#failures = [
      ...this.#failures,
      `${PROTOCOL_TITLES[protocol]}: ${judgement.reason ?? "it failed"}`,
    ];
    this.#wayIndex += 1;
    this.#begin(0);
  }

  #publish(): void {
    const { protocol, rendition } = this.#way;
    const delay = this.#reading.at(performance.now());
    this.state.value = {
      phase: this.#history.lastFrameMs === undefined ? "connecting" : "playing",
      protocol,
      rendition,
      delayMs: delay?.delayMs ?? null,
      isEstimate: delay?.isEstimate ?? false,
      frames: this.#frames,
      failures: this.#failures,
    };
  }
}

const NO_HISTORY: WayHistory = {
  startedMs: 0,
  connectedMs: undefined,
  lastFrameMs: undefined,
  restarts: 0,
};

const FIRST_STATE: LiveState = {
  phase: "connecting",
  protocol: "still",
  rendition: null,
  delayMs: null,
  isEstimate: false,
  frames: 0,
  failures: [],
};
