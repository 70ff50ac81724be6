/**
 * What a source is made of, asked of ffprobe: its argument list, and the meaning
 * of its JSON. Measures from a few seconds of packets what no header tells: how
 * far key frames lie apart, and how many bits come in a second.
 *
 * In:   a source; later ffprobe's standard output.
 * Out:  arguments; {@linkcode SourceFacts}.
 * Not here: starting ffprobe (app/probe.ts), pictures.
 *
 * @module
 */

import * as z from "zod";
import type { CameraSource } from "../model/camera.ts";
import { SOURCE_TIMEOUT_MS } from "./recorder_args.ts";

export interface VideoFacts {
  /** ffmpeg's name for it: "h264", "hevc", "mjpeg". */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Longest way from key frame to key frame that was seen; null when fewer than two were. */
  readonly keyFrameSeconds: number | null;
  /** Null where too little was seen to tell. */
  readonly bitsPerSecond: number | null;
}

export interface AudioFacts {
  readonly codec: string;
  /** In hertz. */
  readonly sampleRate: number;
  readonly channels: number;
}

export interface SourceFacts {
  readonly video: VideoFacts;
  readonly audio: AudioFacts | null;
}

/** How much is asked: packets show key frames and bits, streams alone come sooner. */
export type ProbeDepth = "packets" | "streams";

/**
 * Seconds of a live stream that are looked at. Cameras send a key frame each one
 * to four seconds: six show two of them and are not too long to wait at a prompt.
 */
const LIVE_SECONDS = 6;

/** Seconds of a file that are looked at: reading is quick, and files have long GOPs. */
const FILE_SECONDS = 30;

/** Below this a rate of bits says more about one key frame than about the stream. */
const MIN_RATE_SECONDS = 0.5;

/** Arguments of ffprobe for a source that it can open. */
export function probeArgs(
  source: Exclude<CameraSource, { kind: "test" }>,
  depth: ProbeDepth,
): string[] {
  const stream = "stream=index,codec_type,codec_name,width,height," +
    "avg_frame_rate,r_frame_rate,sample_rate,channels";
  const packet = "packet=stream_index,pts_time,dts_time,size,flags";
  const seconds = source.kind === "file" ? FILE_SECONDS : LIVE_SECONDS;
  return [
    "-hide_banner",
    "-loglevel",
    "warning",
    "-of",
    "json",
    "-show_entries",
    ...(depth === "packets"
      ? [`${stream}:${packet}`, "-read_intervals", `%+${seconds}`]
      : [stream]),
    ...inputArgs(source),
  ];
}

function inputArgs(source: Exclude<CameraSource, { kind: "test" }>): string[] {
  switch (source.kind) {
    case "rtsp":
      // As the recorder does it: a probe over UDP would prove nothing.
      return ["-rtsp_transport", "tcp", "-timeout", `${SOURCE_TIMEOUT_MS * 1_000}`, source.url];
    case "http":
      return ["-rw_timeout", `${SOURCE_TIMEOUT_MS * 1_000}`, source.url];
    case "file":
      return [`file:${source.path}`];
  }
}

const PROBED = z.object({
  packets: z.array(z.object({
    stream_index: z.int(),
    pts_time: z.coerce.number().optional(),
    dts_time: z.coerce.number().optional(),
    size: z.coerce.number().default(0),
    flags: z.string().default(""),
  })).default([]),
  streams: z.array(z.object({
    index: z.int(),
    codec_type: z.string().optional(),
    codec_name: z.string().default("unknown"),
    width: z.int().default(0),
    height: z.int().default(0),
    avg_frame_rate: z.string().default("0/0"),
    r_frame_rate: z.string().default("0/0"),
    sample_rate: z.coerce.number().default(0),
    channels: z.int().default(0),
  })).default([]),
});

type Packet = z.output<typeof PROBED>["packets"][number];
type Stream = z.output<typeof PROBED>["streams"][number];

/**
 * Reads ffprobe's answer.
 *
 * The first video and the first audio count, as they do for the recorder.
 *
 * @param json Standard output of ffprobe with {@linkcode probeArgs}.
 * @returns Undefined when there is no video in it, or when the text is not whole.
 */
export function parseProbe(json: string): SourceFacts | undefined {
  const probed = PROBED.safeParse(toValue(json));
  if (!probed.success) return undefined;
  const { streams, packets } = probed.data;
  const video = streams.find((stream) => stream.codec_type === "video");
  const audio = streams.find((stream) => stream.codec_type === "audio");
  // A camera whose first picture could not be decoded has no size yet.
  if (video === undefined || video.width === 0) return undefined;
  return {
    video: videoFacts(video, packets.filter((packet) => packet.stream_index === video.index)),
    audio: audio === undefined
      ? null
      : { codec: audio.codec_name, sampleRate: audio.sample_rate, channels: audio.channels },
  };
}

function toValue(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function videoFacts(stream: Stream, packets: readonly Packet[]): VideoFacts {
  const times = timesOf(packets);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const measuredFps = span >= MIN_RATE_SECONDS ? (times.length - 1) / span : 0;
  const fps = toRate(stream.avg_frame_rate) || measuredFps || toRate(stream.r_frame_rate);
  const sizeBytes = packets.reduce((sum, packet) => sum + packet.size, 0);
  // The last packet lasts too: n packets fill n intervals.
  const seconds = measuredFps === 0 ? 0 : packets.length / measuredFps;
  return {
    codec: stream.codec_name,
    width: stream.width,
    height: stream.height,
    fps: roundTo(fps, 3),
    keyFrameSeconds: longestStep(timesOf(packets.filter(({ flags }) => flags.includes("K")))),
    bitsPerSecond: seconds === 0 ? null : Math.round(sizeBytes * 8 / seconds),
  };
}

/** When the packets are shown, in order. */
function timesOf(packets: readonly Packet[]): number[] {
  const times = packets.map(({ pts_time: pts, dts_time: dts }) => pts ?? dts);
  return times.filter((time) => time !== undefined).toSorted((left, right) => left - right);
}

function longestStep(times: readonly number[]): number | null {
  if (times.length < 2) return null;
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return roundTo(Math.max(...steps), 3);
}

/** A fraction such as "30000/1001"; 0 where ffprobe has "0/0". */
function toRate(fraction: string): number {
  const [above = 0, below = 0] = fraction.split("/").map(Number);
  return below > 0 ? above / below : 0;
}

function roundTo(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
