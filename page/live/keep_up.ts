/**
 * Has a video element follow its newest frame, by what lag.ts decides.
 *
 * @module
 */

import { LagKeeper, newestRange } from "./lag.ts";

export class KeepUp {
  readonly #video: HTMLVideoElement;
  readonly #lag: LagKeeper;

  /** @param memoryS How long a late piece is remembered, in seconds. */
  constructor(video: HTMLVideoElement, { memoryS }: { readonly memoryS: number }) {
    this.#video = video;
    this.#lag = new LagKeeper(memoryS);
  }

  /**
   * A piece was taken.
   *
   * @param spareS What shall be left to show when one comes, in seconds.
   */
  grown(spareS: number): void {
    const video = this.#video;
    const range = newestRange(video.buffered);
    if (range === undefined) return;
    const { rate, seekS } = this.#lag.steer({
      ...range,
      nowS: performance.now() / 1000,
      positionS: video.currentTime,
      spareS,
    });
    if (seekS !== undefined) video.currentTime = seekS;
    if (video.playbackRate !== rate) video.playbackRate = rate;
    // Refused only where the page may not play by itself, which muted video may everywhere.
    if (video.paused) video.play().catch(() => {});
  }
}
