/**
 * Learns of a stream what players want to know beforehand and no box says: whether
 * frames are reordered, how far key frames are apart, how much it is a second.
 *
 * In:   the samples of each fragment. Out: what is known, when it is news.
 *
 * Pure.
 *
 * @module
 */

import type { StreamShape } from "../model/live.ts";
import type { FragmentSamples } from "./fragment.ts";

/** Parts by which a number has to change to be news: no two groups are quite alike. */
const NEWS = 0.25;

export class ShapeWatch {
  readonly #timescale: number;
  #shape: StreamShape | undefined;
  /** Where the group began; undefined before the first key frame. */
  #keyDts: number | undefined;
  #bytes = 0;
  #highestPts = -Infinity;
  #reorders = false;

  constructor(timescale: number) {
    this.#timescale = timescale;
  }

  /** Undefined until a whole group of pictures has passed. */
  get shape(): StreamShape | undefined {
    return this.#shape;
  }

  /** @returns True when {@linkcode shape} is another now. */
  take({ video }: FragmentSamples, sizeBytes: number): boolean {
    let isNews = false;
    for (const { dts, pts, isKey } of video) {
      if (isKey) {
        if (this.#keyDts !== undefined) isNews = this.#finish(dts - this.#keyDts) || isNews;
        this.#keyDts = dts;
        this.#highestPts = pts;
        continue;
      }
      // Not the distance of pts and dts: cameras' first packets have odd ones.
      this.#reorders ||= this.#keyDts !== undefined && pts < this.#highestPts;
      this.#highestPts = Math.max(this.#highestPts, pts);
    }
    if (this.#keyDts !== undefined) this.#bytes += sizeBytes;
    return isNews;
  }

  #finish(ticks: number): boolean {
    const keyEveryMs = Math.round(ticks * 1_000 / this.#timescale);
    const [bytes, hasBFrames] = [this.#bytes, this.#reorders];
    this.#bytes = 0;
    this.#reorders = false;
    if (keyEveryMs <= 0) return false;
    const found = { hasBFrames, keyEveryMs, bitsPerSecond: Math.round(bytes * 8_000 / keyEveryMs) };
    const before = this.#shape;
    const isNews = before === undefined || before.hasBFrames !== hasBFrames ||
      differs(before.keyEveryMs, keyEveryMs) || differs(before.bitsPerSecond, found.bitsPerSecond);
    if (isNews) this.#shape = found;
    return isNews;
  }
}

function differs(before: number, now: number): boolean {
  return Math.abs(now - before) > NEWS * before;
}
