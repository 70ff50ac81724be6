/**
 * Live by Media Source Extensions: fragments of MP4 over a WebSocket, a few frames
 * behind the camera. Plays whatever the browser decodes, through every proxy.
 *
 * The server says what comes (`start`), then sends the init segment and fragments
 * as they are recorded; after a restart of the camera's stream another `start`.
 *
 * @module
 */

import { socketUrl } from "../api/news_line.ts";
import { apiUrl } from "../api/http.ts";
import { KeepUp } from "./keep_up.ts";
import { MseBuffer } from "./mse_buffer.ts";
import type { Player, PlayerNews, PlayerSetting, ShownFrame } from "./player.ts";

/** What shall be left to show when a fragment comes, where nothing holds the picture back. */
const SPARE_S = 0.06;

/** How long a late fragment is remembered. */
const MEMORY_S = 5;

class MsePlayer implements Player {
  readonly #socket: WebSocket;
  readonly #video: HTMLVideoElement;
  readonly #news: PlayerNews;
  #buffer: MseBuffer | undefined;
  #originMs: number | undefined;
  #keepUp: KeepUp;
  #spareS: number;
  #isClosed = false;

  constructor({ cameraId, way, video, holdBackMs }: PlayerSetting, news: PlayerNews) {
    this.#video = video;
    this.#keepUp = new KeepUp(video, { memoryS: MEMORY_S });
    this.#news = news;
    this.#spareS = spareS(holdBackMs);
    const path = apiUrl(`/cameras/${encodeURIComponent(cameraId)}/live/mse`, {
      rendition: way.rendition ?? undefined,
    });
    this.#socket = new WebSocket(socketUrl(path));
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => this.#take(data);
    this.#socket.onclose = ({ reason }) => this.#fail(reason || "the connection ended");
    video.onerror = () => this.#fail(video.error?.message || "the browser can't decode it");
  }

  wallMsOf({ mediaTimeS }: ShownFrame): number | undefined {
    return this.#originMs === undefined ? undefined : this.#originMs + mediaTimeS * 1000;
  }

  holdBack(lengthMs: number): void {
    this.#spareS = spareS(lengthMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
    this.#buffer?.close();
    this.#video.onerror = null;
    this.#video.playbackRate = 1;
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #take(data: unknown): void {
    if (this.#isClosed) return;
    if (typeof data !== "string") {
      this.#buffer?.add(new Uint8Array(data as ArrayBuffer));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "clock") this.#originMs = Number(message.originMs);
    if (message.type === "start") this.#begin(message.mime);
  }

  #begin(mime: string): void {
    this.#buffer?.close();
    this.#originMs = undefined;
    this.#keepUp = new KeepUp(this.#video, { memoryS: MEMORY_S });
    this.#buffer = new MseBuffer(this.#video, {
      mime,
      onGrown: () => this.#isClosed || this.#keepUp.grown(this.#spareS),
      onFailed: (reason) => this.#fail(reason),
    });
    this.#news.connected();
  }

  #fail(reason: string): void {
    if (this.#isClosed) return;
    this.#news.failed(reason);
  }
}

function spareS(holdBackMs: number): number {
  return SPARE_S + holdBackMs / 1000;
}

export function startMse(setting: PlayerSetting, news: PlayerNews): Player {
  return new MsePlayer(setting, news);
}
