/**
 * What the players of all protocols have in common.
 *
 * @module
 */

import type { Way } from "./ways.ts";

/** What a player is given. It has the elements to itself until it is closed. */
export interface PlayerSetting {
  readonly cameraId: string;
  readonly way: Way;
  readonly video: HTMLVideoElement;
  readonly image: HTMLImageElement;
  /** How long to hold the picture back; 0 shows it at once. */
  readonly holdBackMs: number;
  /** Somebody listens. Only WebRTC asks: the others bring sound anyway. */
  readonly hasSound: boolean;
  /** STUN and TURN servers that the browser may use. */
  readonly iceServers: readonly RTCIceServer[];
}

/** What a player tells. Nothing more comes after `close`. */
export interface PlayerNews {
  /** The way is open; frames must follow. */
  connected(): void;
  /** A frame shows that is no video's: its wall time. */
  frame(wallMs: number | undefined): void;
  /** It can't go on. */
  failed(reason: string): void;
}

/** A frame on show, as the browser describes it. */
export interface ShownFrame {
  readonly mediaTimeS: number;
  readonly rtpTimestamp: number | undefined;
}

export interface Player {
  /** Wall time of a frame by the server's clock; undefined where that can't be told. */
  wallMsOf(frame: ShownFrame): number | undefined;
  /** About how late the picture is, where no wall time is known. */
  estimatedDelayMs?(): number | undefined;
  holdBack(lengthMs: number): void;
  close(): void;
}

export type StartPlayer = (setting: PlayerSetting, news: PlayerNews) => Player;
