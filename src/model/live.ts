/**
 * What is seen live: a camera's stream as those get it who watch it now. Plain
 * shapes, because the rooms that make, carry and serve it do not know each other.
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";

/** What a player must know before the first fragment. */
export interface StreamInfo {
  /** Grows with each beginning of the stream: a viewer starts its player anew. */
  readonly run: number;
  /** `ftyp` and `moov`. */
  readonly initSegment: Uint8Array;
  /** With codecs (RFC 6381), for example `video/mp4; codecs="avc1.64001f,mp4a.40.2"`. */
  readonly mime: string;
  /** Four-letter code of the video's codec: "avc1", "hvc1". */
  readonly codec: string;
  /** Ticks per second of the video. */
  readonly timescale: number;
  readonly width: number;
  readonly height: number;
  readonly hasAudio: boolean;
}

export interface StreamFragment {
  /** `moof` and `mdat`. Nobody changes them. */
  readonly bytes: Uint8Array;
  /** Its first frame is a key frame. */
  readonly isKey: boolean;
  readonly frames: number;
  /** Wall time of the stream's time 0, as far as it is learnt. */
  readonly originMs: UnixMs;
}

/** What no box says: learnt from the newest whole group of pictures. */
export interface StreamShape {
  /** Frames are shown in another order than they are sent. */
  readonly hasBFrames: boolean;
  /** From key frame to key frame. */
  readonly keyEveryMs: number;
  /** Of video and audio, with the boxes around them. */
  readonly bitsPerSecond: number;
}

/** The answer to a browser that wants to watch over WebRTC (WHEP). */
export interface WhepAnswer {
  /** By it the viewer is ended. */
  readonly id: string;
  /** SDP. */
  readonly answer: string;
  /** Wall time of RTP's tick 0, so that a page knows when a picture was taken; undefined before the first. */
  readonly originMs: number | undefined;
}

/** A STUN or TURN server, as browsers want it described. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

/** An address at which a viewer may find this box, as a browser takes it. */
export interface IceCandidateFound {
  /** "candidate:…" */
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
}

/** Somebody who watches. Calls come one after the other and must return at once. */
export interface Viewer {
  /** A stream begins: at joining, and whenever the camera's stream begins anew. */
  begin(info: StreamInfo): void;
  /**
   * The next fragment; the first one after `begin` or a loss begins with a key frame.
   *
   * @returns False when the viewer is behind: it gets nothing until the next key frame.
   */
  take(fragment: StreamFragment): boolean;
}

/** A stream that can be watched: a camera's own, or a rendition of it. */
export interface LiveSource {
  readonly cameraId: string;
  /** Undefined while there is no stream. */
  readonly info: StreamInfo | undefined;
  /** True where frames are shown in another order than they are sent; undefined until it is known. */
  readonly hasBFrames: boolean | undefined;
  /** Undefined until it is learnt, and where nobody learns it. */
  readonly shape?: StreamShape | undefined;
  readonly viewers: number;
  /** Watches from now on: begins with the kept group of pictures, so that something shows at once. */
  join(viewer: Viewer): Disposable;
}

/** What a camera's stream is, and how it can be watched. */
export interface LiveStreamFacts {
  readonly codec: string;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  readonly hasAudio: boolean;
  readonly hasBFrames: boolean | undefined;
  /** Best first: "whep", "mse", "hls", "still". */
  readonly protocols: readonly string[];
  readonly renditions: readonly string[];
  /** STUN and TURN servers for viewers over WebRTC, with their passwords; absent without any. */
  readonly iceServers?: readonly IceServer[];
}

/** How much is watched. */
export interface LiveCounts {
  /** Viewers now, by camera and protocol. */
  readonly viewers: readonly {
    readonly cameraId: string;
    readonly protocol: string;
    readonly count: number;
  }[];
  /** Fragments that slow viewers did not get, since the start. */
  readonly missedFragments: number;
  /** Frames that slow viewers over WebRTC did not get, since the start. */
  readonly missedFrames: number;
  /** Packets of sound that they did not get, since the start. */
  readonly missedSounds: number;
  /** Fragments whose sound was wanted and not encoded, since the start. */
  readonly unheardFragments: number;
  /** Renditions that are encoded now. */
  readonly encoders: number;
  /** Pieces of recordings that were wanted in another size, and for which no encoder came free. */
  readonly refusedPieces: number;
  /** Cameras whose sound is encoded now, for viewers over WebRTC. */
  readonly soundEncoders: number;
}

/** Why a request for a live view is not met now; for an answer of that status. */
export interface LiveRefusal {
  readonly status: 400 | 404 | 422 | 426 | 503;
  /** Stable, lower-case words with "-". */
  readonly code: string;
  readonly detail: string;
}
