/**
 * ffmpeg argument lists for exports: encoding the few frames that a strict cut
 * can't copy, making a film of stills, and taking one picture.
 *
 * @module
 */

/** Constant quality of encoded frames: visually the same as what cameras deliver. */
const CRF = "16";

const QUIET = ["-hide_banner", "-nostdin", "-loglevel", "error"] as const;

/** How the encoded frames are to fit to the copied ones. */
export type EncodedFit =
  /** Profile as H.264 numbers it, and a parameter set number that the recording does not use. */
  | { readonly codec: "h264"; readonly profile: number; readonly parameterSetId: number }
  | { readonly codec: "h265" };

/** x264's names for profile_idc. Others are left to the encoder. */
const AVC_PROFILES: ReadonlyMap<number, string> = new Map([
  [66, "baseline"],
  [77, "main"],
  [100, "high"],
  [110, "high10"],
  [122, "high422"],
]);

/** Encodes the shown frames of a film, one for one, in the codec of the recording. */
export function encodeShownArgs(input: string, fit: EncodedFit): string[] {
  return [
    ...QUIET,
    "-i",
    input,
    "-map",
    "0:v:0",
    "-fps_mode",
    "passthrough",
    ...(fit.codec === "h264" ? x264Args(fit) : X265_ARGS),
    "-preset",
    "veryfast",
    "-crf",
    CRF,
    "-f",
    "mp4",
    "-movflags",
    "empty_moov+default_base_moof+delay_moov",
    "pipe:1",
  ];
}

// No B-frames and one key frame: each frame that goes in comes out in its place.
function x264Args(fit: { readonly profile: number; readonly parameterSetId: number }): string[] {
  const profile = AVC_PROFILES.get(fit.profile);
  return [
    "-c:v",
    "libx264",
    ...(profile === undefined ? [] : ["-profile:v", profile]),
    "-bf",
    "0",
    "-g",
    "9999",
    "-x264-params",
    `sps-id=${fit.parameterSetId}`,
  ];
}

const X265_ARGS = [
  "-c:v",
  "libx265",
  "-x265-params",
  "log-level=error:bframes=0:keyint=-1:repeat-headers=1",
  // Keeps the parameter sets in band.
  "-tag:v",
  "hev1",
];

/** Makes a film of JPEGs that arrive on standard input, `fps` of them a second. */
export function stillsFilmArgs(output: string, fps: string): string[] {
  return [
    "-hide_banner",
    "-loglevel",
    "error",
    "-f",
    "image2pipe",
    "-framerate",
    fps,
    "-c:v",
    "mjpeg",
    "-i",
    "pipe:0",
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-pix_fmt",
    "yuv420p",
    "-movflags",
    "+faststart",
    "-f",
    "mp4",
    "-y",
    output,
  ];
}

/** Decodes the first shown frame of a film to a JPEG on standard output. */
export function pictureArgs(input: string, qscale: number): string[] {
  return [
    ...QUIET,
    "-i",
    input,
    "-map",
    "0:v:0",
    "-frames:v",
    "1",
    "-pix_fmt",
    "yuvj420p",
    "-q:v",
    String(qscale),
    "-f",
    "image2pipe",
    "-c:v",
    "mjpeg",
    "pipe:1",
  ];
}
