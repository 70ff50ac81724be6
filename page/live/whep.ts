/**
 * Live by WebRTC: the offer goes to the server at once (WHEP), without waiting for
 * the browser to gather addresses; the server learns them from its packets. Where it
 * has STUN or TURN servers, they are told as they are found, too. Sound comes only when
 * it is wanted: it makes the browser hold pictures back.
 *
 * @module
 */

import { apiUrl, problemOf, problemText, serverNowMs } from "../api/http.ts";
import { type FoundAddress, FRAGMENT_KIND, iceFragment } from "./ice_fragment.ts";
import type { Player, PlayerNews, PlayerSetting, ShownFrame } from "./player.ts";
import { wallMsOfRtp } from "./rtp_wall.ts";

/** Why it fails where sound is wanted, and the server gives pictures alone. */
export const NO_SOUND = "it brings no sound here";

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
  /** Addresses that the server has not been told. */
  #found: FoundAddress[] = [];
  #isTelling = false;
  readonly #leave = () => this.#end();

  constructor(setting: PlayerSetting, news: PlayerNews) {
    const { video, iceServers } = setting;
    this.#video = video;
    this.#news = news;
    this.#holdBackMs = setting.holdBackMs;
    this.#peer = newPeer(iceServers);
    this.#peer.ontrack = ({ streams, track }) => {
      const stream = streams[0] ?? new MediaStream([track]);
      // Sound and picture come in one; putting it there twice would begin anew.
      if (video.srcObject !== stream) video.srcObject = stream;
      video.play().catch(() => {});
    };
    if (iceServers.length > 0) {
      this.#peer.onicecandidate = ({ candidate }) => {
        this.#found.push(candidate ?? { candidate: "", sdpMid: null });
        this.#tellFound();
      };
    }
    this.#peer.onconnectionstatechange = () => this.#follow();
    addEventListener("pagehide", this.#leave);
    this.#begin(setting).catch((error) => this.#fail(problemText(error)));
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

  async #begin({ cameraId, hasSound }: PlayerSetting): Promise<void> {
    const peer = this.#peer;
    peer.addTransceiver("video", { direction: "recvonly" });
    const sound = hasSound ? peer.addTransceiver("audio", { direction: "recvonly" }) : undefined;
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
    // Other ways bring it as the camera has it.
    if (sound !== undefined && !isOpen(sound)) throw new Error(NO_SOUND);
    this.holdBack(this.#holdBackMs);
    this.#tellFound();
  }

  /** Tells the server the addresses that were found, as soon as it knows whom it is about. */
  async #tellFound(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    while (this.#resource !== undefined && this.#found.length > 0) {
      const offer = this.#peer.localDescription?.sdp ?? "";
      // One that is not told may cost the connection: then the next way is tried.
      await fetch(this.#resource, {
        method: "PATCH",
        headers: { "content-type": FRAGMENT_KIND },
        body: iceFragment(offer, this.#found.splice(0)),
        signal: this.#stop.signal,
      }).catch(() => {});
    }
    this.#isTelling = false;
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

/** A server that the browser finds fault with, such as TURN without a password, is left out with all. */
function newPeer(iceServers: readonly RTCIceServer[]): RTCPeerConnection {
  const bundlePolicy = "max-bundle";
  try {
    return new RTCPeerConnection({ bundlePolicy, iceServers: [...iceServers] });
  } catch {
    return new RTCPeerConnection({ bundlePolicy });
  }
}

function isOpen({ currentDirection }: RTCRtpTransceiver): boolean {
  return currentDirection === "recvonly";
}

export function startWhep(setting: PlayerSetting, news: PlayerNews): Player {
  return new WhepPlayer(setting, news);
}
