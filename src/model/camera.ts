/**
 * What a camera is: its identity, its place and where its stream comes from.
 * Reads source texts; opens nothing.
 *
 * @module
 */

import { maskSecrets } from "../base/secrets.ts";

/** Place of a camera in degrees, WGS 84. */
export interface GeoLocation {
  readonly lat: number;
  readonly lon: number;
}

/** Where a camera's stream comes from. Paths are absolute. */
export type CameraSource =
  | { readonly kind: "rtsp"; readonly url: string }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "file"; readonly path: string; readonly loop: boolean }
  | {
    readonly kind: "test";
    readonly width: number;
    readonly height: number;
    readonly fps: number;
  };

export interface Camera {
  /** Lower-case letters, digits and "-"; used in paths and topics. */
  readonly id: string;
  readonly name: string;
  readonly source: CameraSource;
  readonly geoLocation: GeoLocation | null;
}

/** Ids are part of paths and topics, so the set of characters is small. */
export const CAMERA_ID_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

const TEST_SOURCE = /^test:\/\/(\d{2,4})x(\d{2,4})@(\d{1,3}(?:\.\d{1,3})?)$/;

/** What {@linkcode parseSource} makes of a text. `problem` says what would be right. */
export type ParsedSource =
  | { readonly ok: true; readonly source: CameraSource }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a source as a person writes it.
 *
 * @param text URL (rtsp, rtsps, http, https), `test://WIDTHxHEIGHT@FPS`, or the path of a file.
 * @param options `loop` plays a file again when it ends; `resolvePath` makes a path absolute.
 */
export function parseSource(
  text: string,
  options: { readonly loop: boolean; readonly resolvePath: (path: string) => string },
): ParsedSource {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return text.trim() === "" ? { ok: false, problem: "a URL or the path of a video file" } : {
        ok: true,
        source: { kind: "file", path: options.resolvePath(text), loop: options.loop },
      };
    case "test":
      return parseTestSource(text);
    case "rtsp":
    case "rtsps":
      return parseUrl(text, "rtsp");
    case "http":
    case "https":
      return parseUrl(text, "http");
    default:
      return {
        ok: false,
        problem: "an rtsp, rtsps, http or https URL, test://WIDTHxHEIGHT@FPS, or a file path",
      };
  }
}

function parseUrl(text: string, kind: "rtsp" | "http"): ParsedSource {
  // A password may hold characters that URL.canParse refuses; ffmpeg takes them,
  // so only what every address needs is asked for: a host.
  const host = /^[a-z]+:\/\/(?:[^\s/?#]*@)?([^\s/?#@]+)(?![^\s/?#]*@)/i.exec(text)?.[1];
  if (host === undefined || /\s/.test(text)) {
    return { ok: false, problem: `an address like ${kind}://user:password@192.0.2.10/stream` };
  }
  return { ok: true, source: { kind, url: text } };
}

function parseTestSource(text: string): ParsedSource {
  const match = TEST_SOURCE.exec(text);
  const [width, height, fps] = (match?.slice(1) ?? []).map(Number);
  if (width === undefined || height === undefined || fps === undefined) {
    return { ok: false, problem: "test://WIDTHxHEIGHT@FPS, for example test://1280x720@25" };
  }
  // H.264 in 4:2:0 has no odd sizes; 120 fps is what a test card can be made at.
  if (width % 2 === 1 || height % 2 === 1 || fps < 1 || fps > 120) {
    return { ok: false, problem: "an even width and height, and 1 to 120 frames per second" };
  }
  return { ok: true, source: { kind: "test", width, height, fps } };
}

/** The source as people may see it: without passwords. */
export function sourceLabel(source: CameraSource): string {
  switch (source.kind) {
    case "rtsp":
    case "http":
      return maskSecrets(source.url);
    case "file":
      return source.path;
    case "test":
      return `test://${source.width}x${source.height}@${source.fps}`;
  }
}
