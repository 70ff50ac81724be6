/**
 * The recorder's ffmpeg: reads a camera and puts its packets, as they are, into
 * an endless fragmented MP4 on its standard output. Only where a stream can't be
 * kept in MP4 as H.264 or H.265 does it encode.
 *
 * Argument lists only; nothing is started here.
 *
 * @module
 */

import type { CameraSource } from "../model/camera.ts";

/** What is done with the video and the audio of a source. */
export interface TrackHandling {
  readonly video: "copy" | "encode";
  /** "repack": AAC packets are copied out of their broadcast wrapping. */
  readonly audio: "copy" | "repack" | "encode" | "none";
}

/** How long ffmpeg waits for a camera's answer or next bytes before it gives up. */
export const SOURCE_TIMEOUT_MS = 8_000;

/** Codecs of a sample entry that are kept as they are. */
const KEPT_CODECS: ReadonlySet<string> = new Set(["avc1", "avc3", "hvc1", "hev1"]);

/** True when a recording in this codec (four letters of its sample entry) must be encoded instead. */
export function needsEncoding(codec: string): boolean {
  return !KEPT_CODECS.has(codec);
}

/** Arguments of the recorder for one source. */
export function recorderArgs(
  source: CameraSource,
  options: { readonly handling: TrackHandling; readonly fragmentMs: number },
): string[] {
  const { handling, fragmentMs } = options;
  return [
    "-hide_banner",
    "-nostdin",
    "-loglevel",
    "warning",
    ...inputArgs(source),
    "-map",
    "0:v:0",
    ...(handling.audio === "none" ? [] : ["-map", "0:a:0?"]),
    ...videoArgs(source, handling.video),
    ...AUDIO_ARGS[handling.audio],
    "-f",
    "mp4",
    // delay_moov: the init segment is written with the first fragment, when ffmpeg
    // knows how far audio and video begin apart; without it that distance is lost.
    // skip_trailer: for a table of fragments at the end ffmpeg would remember each
    // one, 25 MB a day.
    "-movflags",
    "empty_moov+default_base_moof+frag_keyframe+delay_moov+skip_trailer",
    "-frag_duration",
    String(fragmentMs * 1_000),
    "-flush_packets",
    "1",
    "pipe:1",
  ];
}

const AUDIO_ARGS: Readonly<Record<TrackHandling["audio"], readonly string[]>> = {
  copy: ["-c:a", "copy"],
  repack: ["-c:a", "copy", "-bsf:a", "aac_adtstoasc"],
  encode: ["-c:a", "aac", "-b:a", "64k"],
  // Nothing is mapped, so nothing is copied.
  none: ["-c:a", "copy"],
};

/** How ffmpeg is told to read a source. */
export function inputArgs(source: CameraSource): string[] {
  switch (source.kind) {
    case "rtsp":
      return [
        // UDP loses packets on busy Wi-Fi and the picture then breaks up; TCP only
        // adds delay, and a recorder can afford delay.
        "-rtsp_transport",
        "tcp",
        "-timeout",
        String(SOURCE_TIMEOUT_MS * 1_000),
        "-i",
        source.url,
      ];
    case "http":
      return [
        // A playlist's segments come in bursts; at their own pace they have steady times.
        ...(/\.m3u8(?:$|[?#])/i.test(source.url) ? ["-re"] : []),
        "-rw_timeout",
        String(SOURCE_TIMEOUT_MS * 1_000),
        "-i",
        source.url,
      ];
    case "file":
      return ["-re", ...(source.loop ? ["-stream_loop", "-1"] : []), "-i", `file:${source.path}`];
    case "test":
      return [
        "-re",
        "-f",
        "lavfi",
        "-i",
        `testsrc2=size=${source.width}x${source.height}:rate=${source.fps}`,
      ];
  }
}

/**
 * Gives times to packets that have none. ffmpeg's RTSP reader leaves the first
 * packet without a presentation time, and with B-frames the first few without a
 * decode time; the MP4 writer then drops frames or gives up.
 */
const FILL_TIMES = "setts=" +
  "pts=if(eq(PTS\\,NOPTS)\\,if(eq(PREV_OUTPTS\\,NOPTS)\\,0\\,PREV_OUTPTS+1)\\,PTS):" +
  "dts=if(eq(DTS\\,NOPTS)\\,if(eq(PREV_OUTDTS\\,NOPTS)\\,0\\,PREV_OUTDTS+1)\\,DTS)";

function videoArgs(source: CameraSource, video: TrackHandling["video"]): string[] {
  if (video === "copy" && source.kind === "rtsp") return ["-c:v", "copy", "-bsf:v", FILL_TIMES];
  if (video === "copy" && source.kind !== "test") return ["-c:v", "copy"];
  return [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-tune",
    "zerolatency",
    // One slice thread: several make several slices a picture, which some players break on.
    "-threads",
    "1",
    "-pix_fmt",
    "yuv420p",
    // A key frame each second, so that stills and cuts need little decoding.
    "-force_key_frames",
    "expr:gte(t,n_forced*1)",
  ];
}
