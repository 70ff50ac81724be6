/**
 * What passes over a tap: the line on which a camera's Worker hands its stream
 * to somebody who watches it, and hears what was seen. Plain data only.
 *
 * Design: docs/design/vision.md, "The tap", and docs/design/live.md
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { StreamShape } from "./live.ts";
import type { Detection } from "./vision.ts";

/**
 * Who watches. "vision" gets everything from its next key frame on. "live" gets nothing but
 * news of the stream until it says "play", and then begins with the last key frame.
 */
export type TapKind = "vision" | "live";

/** From the camera's Worker. */
export type FromTap =
  /** A stream begins: what a decoder must have before the first fragment. */
  | {
    readonly type: "start";
    readonly run: number;
    /** `ftyp` and `moov`. */
    readonly initSegment: Uint8Array;
    /** Ticks per second of the video. */
    readonly timescale: number;
    readonly width: number;
    readonly height: number;
  }
  | {
    readonly type: "fragment";
    /** `moof` and `mdat`. */
    readonly bytes: Uint8Array;
    /** Its first frame is a key frame. The first fragment, and the one behind a gap, always begins so. */
    readonly isKey: boolean;
    readonly frames: number;
    /** Wall time of the stream's time 0, as far as it is learnt. */
    readonly originMs: UnixMs;
  };

/** From the camera's Worker to a watcher of kind "live". */
export type FromLiveTap =
  /** `isPlaying`: fragments follow; else it only says what they would be. */
  | (Extract<FromTap, { readonly type: "start" }> & { readonly isPlaying: boolean })
  | Extract<FromTap, { readonly type: "fragment" }>
  /** What was learnt of the stream: after its first groups of pictures, and when it changes. */
  | ({ readonly type: "shape" } & StreamShape)
  /** So many fragments were lost because the watcher was behind; the next begins with a key frame. */
  | { readonly type: "missed"; readonly fragments: number }
  /** The stream has ended; another "start" may come. */
  | { readonly type: "end" };

/** To the camera's Worker. */
export type ToTap =
  /** So many bytes of fragments are done with; more may come. */
  | { readonly type: "taken"; readonly bytes: number }
  /** What was found in a frame: it goes into the frame log. */
  | {
    readonly type: "saw";
    readonly run: number;
    readonly pts: number;
    readonly detections: readonly Detection[];
  }
  /** "live" only: the stream is wanted. "start" answers, then all since the last key frame. */
  | { readonly type: "play" }
  /** "live" only: it is not wanted any more. */
  | { readonly type: "pause" }
  /** Nobody listens any more: nothing is kept nor sent. */
  | { readonly type: "leave" };
