/**
 * Live by HLS, about a second behind: hls.js where the browser has Media Source
 * Extensions, else the browser's own player (an iPhone's, a television's).
 *
 * @module
 */

import type Hls from "hls.js";
import { apiUrl } from "../api/http.ts";
import { loadHls } from "../recorded/load_hls.ts";
import type { Player, PlayerNews, PlayerSetting, ShownFrame } from "./player.ts";
import { originMsOf } from "./hls_clock.ts";
import { KeepUp } from "./keep_up.ts";
import { mediaSourceKind } from "./mse_buffer.ts";

/** What shall be left to show when a part comes: each takes a request of its own. */
const SPARE_S = 0.35;

/** How long a late part is remembered. */
const MEMORY_S = 15;

class HlsPlayer implements Player {
  readonly #video: HTMLVideoElement;
  readonly #news: PlayerNews;
  #hls: Hls | undefined;
  /** Wall time of the player's time 0. */
  #originMs: number | undefined;
  #isClosed = false;

  constructor({ cameraId, way, video }: PlayerSetting, news: PlayerNews) {
    this.#video = video;
    this.#news = news;
    const file = way.rendition === null ? "index.m3u8" : "master.m3u8";
    const url = apiUrl(`/cameras/${encodeURIComponent(cameraId)}/live/${file}`);
    if (mediaSourceKind() === undefined) this.#playNative(url);
    else this.#play(url).catch((error) => this.#fail(String(error)));
  }

  wallMsOf({ mediaTimeS }: ShownFrame): number | undefined {
    if (this.#originMs !== undefined) return this.#originMs + mediaTimeS * 1000;
    const date = this.#nativeDate();
    if (date === undefined) return undefined;
    return date.getTime() + (mediaTimeS - this.#video.currentTime) * 1000;
  }

  /** It is late enough for what is seen to be known. */
  holdBack(): void {}

  close(): void {
    this.#isClosed = true;
    this.#hls?.destroy();
    this.#video.playbackRate = 1;
    this.#video.onerror = null;
    this.#video.onloadedmetadata = null;
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  async #play(url: string): Promise<void> {
    const { Hls, hlsSettings } = await loadHls();
    if (this.#isClosed) return;
    // It begins as far behind the newest frame as the playlist says (PART-HOLD-BACK): a count of
    // segments here would override that, and be late by a second or more. From then on the lag is
    // kept here: the player reckons it wrongly where it joined in the middle of a segment.
    const hls = new Hls({
      ...hlsSettings,
      lowLatencyMode: true,
      backBufferLength: 10,
    });
    this.#hls = hls;
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      this.#news.connected();
      this.#video.play().catch(() => {});
    });
    hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag, part }) => {
      this.#originMs = originMsOf(frag, part) ?? this.#originMs;
    });
    const keepUp = new KeepUp(this.#video, { memoryS: MEMORY_S });
    hls.on(Hls.Events.BUFFER_APPENDED, () => this.#isClosed || keepUp.grown(SPARE_S));
    hls.on(Hls.Events.ERROR, (_, { fatal, details }) => {
      if (fatal) this.#fail(details);
    });
    hls.loadSource(url);
    hls.attachMedia(this.#video);
  }

  #playNative(url: string): void {
    const video = this.#video;
    video.onloadedmetadata = () => this.#news.connected();
    video.onerror = () => this.#fail(video.error?.message || "the browser can't play it");
    video.src = url;
    video.play().catch(() => {});
  }

  #nativeDate(): Date | undefined {
    const video = this.#video as HTMLVideoElement & { getStartDate?: () => Date };
    const startMs = video.getStartDate?.().getTime() ?? NaN;
    return Number.isNaN(startMs) ? undefined : new Date(startMs + video.currentTime * 1000);
  }

  #fail(reason: string): void {
    if (!this.#isClosed) this.#news.failed(reason);
  }
}

export function startHls(setting: PlayerSetting, news: PlayerNews): Player {
  return new HlsPlayer(setting, news);
}
