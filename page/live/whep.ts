/**
 * Live by WebRTC: the offer goes to the server at once (WHEP), without waiting for
 * the browser to gather addresses; the server learns them from its packets.
 * Pictures only: sound goes with MSE and HLS.
 *
 * @module
 */

import { apiUrl, problemOf, problemText, serverNowMs } from "../api/http.ts";
import type { Player, PlayerNews, PlayerSetting, ShownFrame } from "./player.ts";
import { wallMsOfRtp } from "./rtp_wall.ts";

class WhepPlayer implements Player {
  readonly #peer: RTCPeerConnection;
  readonly #video: HTMLVideoElement;
  readonly #news: PlayerNews;
  readonly #stop = new AbortController();
  /** What to delete at the end. */
  #resource: string | undefined;
  #originMs: number | undefined;
  #holdBackMs: number;
  #delayMs: number | undefined;
  #statsTimer: number | undefined;
  readonly #leave = () => this.#end();

  constructor({ cameraId, video, holdBackMs }: PlayerSetting, news: PlayerNews) {
    this.#video = video;
    this.#news = news;
    this.#holdBackMs = holdBackMs;
    this.#peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#peer.ontrack = ({ streams, track }) => {
      video.srcObject = streams[0] ?? new MediaStream([track]);
      video.play().catch(() => {});
    };
    this.#peer.onconnectionstatechange = () => this.#follow();
    addEventListener("pagehide", this.#leave);
    this.#begin(cameraId).catch((error) => this.#fail(problemText(error)));
  }

  wallMsOf({ rtpTimestamp }: ShownFrame): number | undefined {
    if (rtpTimestamp === undefined || this.#originMs === undefined) return undefined;
    return wallMsOfRtp(rtpTimestamp, { originMs: this.#originMs, nearMs: serverNowMs() });
  }

  estimatedDelayMs(): number | undefined {
    return this.#delayMs;
  }

  holdBack(lengthMs: number): void {
    this.#holdBackMs = lengthMs;
    for (const receiver of this.#peer.getReceivers()) {
      // Browsers without it show boxes a moment late.
      if ("jitterBufferTarget" in receiver) {
        receiver.jitterBufferTarget = lengthMs === 0 ? null : lengthMs;
      }
    }
  }

  close(): void {
    this.#end();
    removeEventListener("pagehide", this.#leave);
    clearInterval(this.#statsTimer);
    this.#video.srcObject = null;
  }

  async #begin(cameraId: string): Promise<void> {
    const peer = this.#peer;
    peer.addTransceiver("video", { direction: "recvonly" });
    await peer.setLocalDescription();
    const response = await fetch(apiUrl(`/cameras/${encodeURIComponent(cameraId)}/whep`), {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: peer.localDescription!.sdp,
      signal: this.#stop.signal,
    });
    if (!response.ok) throw await problemOf(response);
    const place = response.headers.get("location");
    if (place !== null) this.#resource = new URL(place, response.url).href;
    const origin = Number(response.headers.get("x-lookback-origin-ms") ?? NaN);
    if (!Number.isNaN(origin)) this.#originMs = origin;
    const sdp = await response.text();
    // Closed meanwhile: only now is it known what to delete.
    if (this.#stop.signal.aborted) return this.#delete();
    await peer.setRemoteDescription({ type: "answer", sdp });
    this.holdBack(this.#holdBackMs);
  }

  #follow(): void {
    const state = this.#peer.connectionState;
    if (state === "connected") {
      this.#news.connected();
      this.#statsTimer = setInterval(() => this.#measure(), 1000);
    }
    if (state === "failed" || state === "disconnected") this.#fail("the connection was lost");
  }

  /** Half the way there and back, and what waits in the browser: the server's share is small. */
  async #measure(): Promise<void> {
    let waitsMs: number | undefined;
    let roundTripMs = 0;
    for (const report of (await this.#peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") {
        const { jitterBufferDelay = 0, jitterBufferEmittedCount = 0 } = report;
        if (jitterBufferEmittedCount > 0) {
          waitsMs = jitterBufferDelay / jitterBufferEmittedCount * 1000;
        }
      }
      if (report.type === "candidate-pair" && report.nominated) {
        roundTripMs = (report.currentRoundTripTime ?? 0) * 1000;
      }
    }
    this.#delayMs = waitsMs === undefined ? undefined : waitsMs + roundTripMs / 2;
  }

  #fail(reason: string): void {
    if (!this.#stop.signal.aborted) this.#news.failed(reason);
  }

  #end(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#peer.close();
    this.#delete();
  }

  #delete(): void {
    if (this.#resource === undefined) return;
    // Outlives the page. A server that is gone has ended it too.
    fetch(this.#resource, { method: "DELETE", keepalive: true }).catch(() => {});
    this.#resource = undefined;
  }
}

export function startWhep(setting: PlayerSetting, news: PlayerNews): Player {
  return new WhepPlayer(setting, news);
}
