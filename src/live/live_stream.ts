/**
 * A camera's own stream, as those get it who watch it. It asks the camera's Worker
 * for the stream while somebody watches, and a little longer.
 *
 * In:   the camera's tap, a new one whenever its Worker was started again.
 * Out:  a {@linkcode LiveSource}.
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, unreachable } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { unixMs } from "../base/units.ts";
import { mimeOf } from "../media/codec_string.ts";
import { type LiveTimeline, liveTimeline, moveFragment } from "../media/live_timeline.ts";
import type { LiveSource, StreamInfo, StreamShape, Viewer } from "../model/live.ts";
import { TakenBytes } from "../model/taken_bytes.ts";
import type { FromLiveTap, ToTap } from "../model/tap.ts";
import { FanOut } from "./fan_out.ts";

/**
 * How long the stream goes on after the last viewer has left, in milliseconds:
 * who goes from one page to the next, or whose connection broke, finds it running.
 */
export const LINGER_MS = 5_000;

type Start = Extract<FromLiveTap, { readonly type: "start" }>;
type FragmentMessage = Extract<FromLiveTap, { readonly type: "fragment" }>;

export class LiveStream implements LiveSource, Disposable {
  readonly cameraId: string;
  readonly #clock: Clock;
  readonly #fan: FanOut;
  #port: MessagePort | undefined;
  #info: StreamInfo | undefined;
  #shape: StreamShape | undefined;
  #timeline: LiveTimeline | undefined;
  /** The stream is asked for; the fragments of before do not count until it begins. */
  #state: "idle" | "asked" | "playing" = "idle";
  #linger: AbortController | undefined;
  #taken = new TakenBytes();
  /** Fragments that did not come over the port. */
  #missedOnTheWay = 0;

  constructor(cameraId: string, clock: Clock) {
    this.cameraId = cameraId;
    this.#clock = clock;
    this.#fan = new FanOut({ onFirst: () => this.#play(), onLast: () => this.#pauseLater() });
  }

  get info(): StreamInfo | undefined {
    return this.#info;
  }

  get shape(): StreamShape | undefined {
    return this.#shape;
  }

  get hasBFrames(): boolean | undefined {
    return this.#shape?.hasBFrames;
  }

  get viewers(): number {
    return this.#fan.viewers;
  }

  get missed(): number {
    return this.#missedOnTheWay + this.#fan.missed;
  }

  get keptBytes(): number {
    return this.#fan.keptBytes;
  }

  join(viewer: Viewer): Disposable {
    return this.#fan.join(viewer);
  }

  /** Listens to a tap of the camera; the one before is given up, and viewers go on with this one. */
  listen(port: MessagePort): void {
    this.#port?.close();
    // A Worker that failed could not say that its stream has ended: nobody begins with the rest of it.
    this.#forget();
    this.#port = port;
    this.#taken = new TakenBytes();
    port.onmessage = ({ data }: MessageEvent<FromLiveTap>) => {
      if (port === this.#port) this.#take(data);
    };
    if (this.#state === "idle") return;
    this.#state = "asked";
    this.#say({ type: "play" });
  }

  /** The camera is not recorded any more. */
  [Symbol.dispose](): void {
    this.#linger?.abort();
    this.#say({ type: "leave" });
    this.#port?.close();
    this.#port = undefined;
    this.#forget();
  }

  #take(message: FromLiveTap): void {
    switch (message.type) {
      case "start":
        return this.#begin(message);
      case "fragment":
        // Also of those that nobody gets, or the tap would wait for the answer.
        this.#tellTaken(message.bytes.length);
        if (this.#state === "playing") this.#pass(message);
        return;
      case "shape": {
        const { hasBFrames, keyEveryMs, bitsPerSecond } = message;
        this.#shape = { hasBFrames, keyEveryMs, bitsPerSecond };
        return;
      }
      case "missed":
        this.#missedOnTheWay += message.fragments;
        return;
      case "end":
        return this.#forget();
      default:
        unreachable(message);
    }
  }

  #tellTaken(takenBytes: number): void {
    const bytes = this.#taken.add(takenBytes);
    if (bytes > 0) this.#say({ type: "taken", bytes });
  }

  #begin(start: Start): void {
    try {
      const timeline = liveTimeline(start.initSegment);
      this.#timeline = timeline;
      this.#info = infoOf(start.run, timeline);
    } catch (error) {
      this.#complain("read the beginning of the stream", error);
      return this.#forget();
    }
    if (this.#state === "idle" || !start.isPlaying) return;
    this.#state = "playing";
    this.#fan.begin(this.#info);
  }

  #pass({ bytes, isKey, frames, originMs }: FragmentMessage): void {
    const timeline = this.#timeline;
    if (timeline === undefined) return;
    try {
      moveFragment(bytes, timeline);
    } catch (error) {
      this.#complain("read a fragment", error);
      return this.#fan.skip();
    }
    const shifted = unixMs(originMs - timeline.laterMs);
    this.#fan.take({ bytes, isKey, frames, originMs: shifted });
  }

  #forget(): void {
    this.#info = undefined;
    this.#shape = undefined;
    this.#timeline = undefined;
    this.#fan.rest();
  }

  #play(): void {
    this.#linger?.abort();
    this.#linger = undefined;
    if (this.#state !== "idle") return;
    this.#state = "asked";
    this.#say({ type: "play" });
  }

  #pauseLater(): void {
    const linger = this.#linger = new AbortController();
    this.#clock.sleep(LINGER_MS, linger.signal).then(() => {
      if (linger.signal.aborted) return;
      this.#linger = undefined;
      this.#state = "idle";
      this.#say({ type: "pause" });
      this.#fan.rest();
    });
  }

  #say(message: ToTap): void {
    this.#port?.postMessage(message);
  }

  #complain(what: string, error: unknown): void {
    logger("live", this.cameraId).error("Cannot {what}: {reason}", {
      what,
      reason: messageOf(error),
    });
  }
}

/** What a player must know of a stream that begins. */
export function infoOf(run: number, { initSegment, init }: LiveTimeline): StreamInfo {
  const { codec, timescale, width, height } = init.video;
  const hasAudio = init.audio !== undefined;
  return { run, initSegment, mime: mimeOf(init), codec, timescale, width, height, hasAudio };
}
