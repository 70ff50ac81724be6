/**
 * In which order the ways to a live picture are tried: the quickest first, the
 * surest last.
 *
 * In:   what the server offers, what the browser can do, what a person wishes.
 * Out:  ways to try, one after the other.
 *
 * Design: docs/design/live.md
 *
 * @module
 */

import type { Camera } from "../api/types.ts";

export type Protocol = "whep" | "mse" | "hls" | "still";

export const PROTOCOLS: readonly Protocol[] = ["whep", "mse", "hls", "still"];

export const PROTOCOL_TITLES: Readonly<Record<Protocol, string>> = {
  whep: "WebRTC",
  mse: "MSE",
  hls: "HLS",
  still: "Stills",
};

/** A protocol, and where it is not the camera's own stream, of which rendition. */
export interface Way {
  readonly protocol: Protocol;
  readonly rendition: string | null;
}

export interface Abilities {
  /** WebRTC, with H.264. */
  readonly hasWebrtc: boolean;
  /** Whether Media Source Extensions play this type. */
  readonly playsMse: (mime: string) => boolean;
  /** Whether a video element plays HLS by itself. */
  readonly hasNativeHls: boolean;
}

/** Every browser that plays video at all decodes this: a rendition's codec. */
export const RENDITION_MIME = 'video/mp4; codecs="avc1.42e01f"';

/** Larger ones cost more to encode, and a phone shows no more. */
const PREFERRED_RENDITION = "720p";

/**
 * The ways to watch a camera, best first. "still" is always the last.
 *
 * @param wish One protocol that goes before all others, or "auto".
 */
export function waysToWatch(
  camera: Pick<Camera, "stream" | "protocols" | "renditions">,
  abilities: Abilities,
  wish: Protocol | "auto" = "auto",
): readonly Way[] {
  const all = PROTOCOLS
    .filter((protocol) => protocol === "still" || camera.protocols.includes(protocol))
    .map((protocol) => wayOf(protocol, camera, abilities))
    .filter((way) => way !== undefined);
  if (wish === "still") return all.filter(({ protocol }) => protocol === "still");
  const wished = all.filter(({ protocol }) => protocol === wish);
  return [...wished, ...all.filter(({ protocol }) => protocol !== wish)];
}

function wayOf(
  protocol: Protocol,
  { stream, renditions }: Pick<Camera, "stream" | "renditions">,
  { hasWebrtc, playsMse, hasNativeHls }: Abilities,
): Way | undefined {
  if (protocol === "still") return { protocol, rendition: null };
  if (stream === null) return undefined;
  if (protocol === "whep") {
    // Frames out of order stutter in WebRTC, and no browser offers it H.265 for sure.
    const isFit = hasWebrtc && stream.codec === "avc1" && stream.hasBFrames !== true;
    return isFit ? { protocol, rendition: null } : undefined;
  }
  if (playsMse(stream.mime)) return { protocol, rendition: null };
  if (protocol === "hls" && hasNativeHls) return { protocol, rendition: null };
  const rendition = renditions.includes(PREFERRED_RENDITION)
    ? PREFERRED_RENDITION
    : renditions.at(-1);
  if (rendition === undefined || !playsMse(RENDITION_MIME)) return undefined;
  return { protocol, rendition };
}
