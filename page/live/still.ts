/**
 * The last resort: the newest still, again and again.
 *
 * @module
 */

import { stillPath } from "../api/calls.ts";
import { isAbort, problemText, request } from "../api/http.ts";
import type { Player, PlayerNews, PlayerSetting } from "./player.ts";

/** Stills are made once a second by default. */
const EVERY_MS = 1_000;

/** While the camera has none, or the server is away. */
const AFTER_FAILURE_MS = 5_000;

class StillPlayer implements Player {
  readonly #image: HTMLImageElement;
  readonly #stop = new AbortController();
  #url: string | undefined;
  #timer: number | undefined;

  constructor(
    { cameraId, image }: PlayerSetting,
    private readonly news: PlayerNews,
  ) {
    this.#image = image;
    this.#show(cameraId);
  }

  wallMsOf(): undefined {
    return undefined;
  }

  holdBack(): void {}

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#image.removeAttribute("src");
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  async #show(cameraId: string): Promise<void> {
    let waitMs = EVERY_MS;
    try {
      const response = await request("GET", stillPath(cameraId), { signal: this.#stop.signal });
      const blob = await response.blob();
      if (this.#stop.signal.aborted) return;
      this.news.connected();
      await this.#put(blob);
      this.news.frame(stillTimeMs(response));
    } catch (error) {
      if (isAbort(error)) return;
      waitMs = AFTER_FAILURE_MS;
      this.news.failed(problemText(error));
    }
    if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#show(cameraId), waitMs);
  }

  async #put(blob: Blob): Promise<void> {
    const fresh = URL.createObjectURL(blob);
    this.#image.src = fresh;
    // A picture that can't be decoded leaves the frame empty; the next one may do.
    await this.#image.decode().catch(() => {});
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
    this.#url = fresh;
  }
}

/** When a still was taken, from its answer; undefined where it does not say. */
export function stillTimeMs(response: Response): number | undefined {
  const text = response.headers.get("x-lookback-time");
  if (text === null) return undefined;
  const atMs = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}

export function startStill(setting: PlayerSetting, news: PlayerNews): Player {
  return new StillPlayer(setting, news);
}
