/**
 * What Lookback needs of an ffmpeg: the oldest version, and the parts that its
 * argument lists name (recorder_args.ts, stills_args.ts, film_args.ts and others).
 *
 * In:   what `ffmpeg -version` and its lists (`-decoders`, …) print.
 * Out:  the version, and the parts that are missing.
 * Not here: starting ffmpeg.
 *
 * @module
 */

/** Oldest version that works: 5.1 brought `-fps_mode`, which stills and films use. */
export const MIN_FFMPEG = { major: 5, minor: 1 };

export interface FfmpegVersion {
  /** As the program says it: "5.1.9-0+deb12u1", "N-113007-g8d24a28d06". */
  readonly text: string;
  /** Null for a snapshot of the development tree, which has no such number. */
  readonly number: { readonly major: number; readonly minor: number } | null;
}

/** Reads the first line of `ffmpeg -version` or `ffprobe -version`. */
export function parseFfmpegVersion(output: string): FfmpegVersion | undefined {
  const text = /^ff(?:mpeg|probe) version (\S+)/.exec(output)?.[1];
  if (text === undefined) return undefined;
  // Some builders write the tag of the source, "n6.1".
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(text) ?? [];
  const number = major === undefined ? null : { major: Number(major), minor: Number(minor) };
  return { text, number };
}

/** True for a version that Lookback is too new for; a snapshot is believed to be new. */
export function isTooOld({ number }: FfmpegVersion): boolean {
  if (number === null) return false;
  const { major, minor } = MIN_FFMPEG;
  return number.major < major || (number.major === major && number.minor < minor);
}

/** The lists that ffmpeg prints, by the flag that prints them. */
export const FEATURE_LISTS = [
  "decoders",
  "encoders",
  "demuxers",
  "muxers",
  "bsfs",
  "filters",
  "protocols",
] as const;

export type FeatureList = typeof FEATURE_LISTS[number];

export interface Feature {
  readonly list: FeatureList;
  readonly name: string;
  /** What does not work without it. */
  readonly purpose: string;
  /** Whether Lookback can do its main job without it. */
  readonly need: "always" | "sometimes";
}

const RECORDING = { purpose: "recording", need: "always" } as const;
const STILLS = { purpose: "stills", need: "always" } as const;

/** Every part of ffmpeg that Lookback uses. */
export const FEATURES: readonly Feature[] = [
  { list: "demuxers", name: "rtsp", ...RECORDING },
  { list: "demuxers", name: "mov", ...RECORDING },
  { list: "muxers", name: "mp4", ...RECORDING },
  { list: "bsfs", name: "setts", ...RECORDING },
  { list: "protocols", name: "tcp", ...RECORDING },
  { list: "protocols", name: "pipe", ...RECORDING },
  { list: "decoders", name: "h264", ...STILLS },
  { list: "decoders", name: "hevc", ...STILLS },
  { list: "encoders", name: "mjpeg", ...STILLS },
  { list: "muxers", name: "tee", ...STILLS },
  { list: "muxers", name: "image2pipe", ...STILLS },
  { list: "muxers", name: "framecrc", ...STILLS },
  { list: "filters", name: "select", ...STILLS },
  {
    list: "encoders",
    name: "libx264",
    purpose: "strict exports, synthetic cameras and sources that are not H.264 or H.265",
    need: "always",
  },
  { list: "decoders", name: "mjpeg", purpose: "films of stills", need: "sometimes" },
  { list: "demuxers", name: "image2pipe", purpose: "films of stills", need: "sometimes" },
  {
    list: "encoders",
    name: "libx265",
    purpose: "strict exports of H.265 recordings",
    need: "sometimes",
  },
  { list: "encoders", name: "aac", purpose: "audio that MP4 can't hold", need: "sometimes" },
  { list: "decoders", name: "aac", purpose: "checks of recorded audio", need: "sometimes" },
  { list: "demuxers", name: "lavfi", purpose: "synthetic cameras", need: "sometimes" },
  { list: "filters", name: "testsrc2", purpose: "synthetic cameras", need: "sometimes" },
  { list: "encoders", name: "png", purpose: "frames as PNG", need: "sometimes" },
  { list: "muxers", name: "rawvideo", purpose: "raw pictures of a tap", need: "sometimes" },
  { list: "filters", name: "fps", purpose: "films of another rate", need: "sometimes" },
  { list: "filters", name: "tpad", purpose: "films of another rate", need: "sometimes" },
  { list: "filters", name: "ass", purpose: "overlays on films", need: "sometimes" },
  { list: "encoders", name: "libopus", purpose: "sound over WebRTC", need: "sometimes" },
  { list: "muxers", name: "ogg", purpose: "sound over WebRTC", need: "sometimes" },
  { list: "protocols", name: "tls", purpose: "rtsps and https cameras", need: "sometimes" },
];

/** What one ffmpeg has: the output of each list. */
export type FeatureOutputs = Readonly<Record<FeatureList, string>>;

/** The parts that an ffmpeg lacks, in the order of {@linkcode FEATURES}. */
export function missingFeatures(outputs: FeatureOutputs): Feature[] {
  const names = new Map(FEATURE_LISTS.map((list) => [list, namesIn(outputs[list])]));
  return FEATURES.filter(({ list, name }) => !names.get(list)?.has(name));
}

/**
 * The names in one of ffmpeg's lists: "name" alone on its line, or behind flags
 * as in " VF...D h264    H.264 / AVC" and " D  mov,mp4,m4a    QuickTime / MOV".
 */
function namesIn(output: string): Set<string> {
  const names = output.split("\n").flatMap((line) => {
    const [first = "", second] = line.trim().split(/\s+/);
    if (second === undefined) return [first];
    return /^[A-Z.]+$/.test(first) ? second.split(",") : [];
  });
  return new Set(names);
}
