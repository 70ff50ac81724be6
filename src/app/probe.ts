/**
 * Looks at a source before it is recorded: what is in it, or why it can't be had.
 *
 * In:   a source as the configuration has it, and where ffprobe is.
 * Out:  a {@linkcode ProbeResult}; a camera that is off is an answer, not an error.
 * Not here: the reading of ffprobe's words (media/probe_args.ts).
 *
 * @module
 */

import { runChild } from "../host/process.ts";
import { explainRecorderEnd } from "../media/ffmpeg_faults.ts";
import {
  type AudioFacts,
  parseProbe,
  probeArgs,
  type ProbeDepth,
  type VideoFacts,
} from "../media/probe_args.ts";
import type { CameraSource } from "../model/camera.ts";

export type ProbeResult =
  | { readonly ok: true; readonly video: VideoFacts; readonly audio: AudioFacts | null }
  | {
    readonly ok: false;
    /** For people, on one line, without passwords. */
    readonly problem: string;
  };

export interface ProbeOptions {
  readonly ffprobePath: string;
  /** Ends the probe early; it then throws the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Longest wait for the packets, in milliseconds: ffprobe's own time-out for a
 * silent camera (8 s) and the six seconds of stream that it looks at.
 */
const PACKETS_LIMIT_MS = 15_000;

/** Longest wait for the streams alone, in milliseconds. */
const STREAMS_LIMIT_MS = 10_000;

/** What the recorder makes of a synthetic camera: H.264 with a key frame each second. */
const TEST_CODEC = { codec: "h264", keyFrameSeconds: 1, bitsPerSecond: null };

/**
 * Looks at a source. Takes at most 25 seconds; a camera that answers takes
 * about seven, a file less than one.
 *
 * Nothing is started for a synthetic camera: it is what its name says.
 *
 * @throws {OperatorError} "ffmpeg-not-found" if there is no ffprobe.
 * @throws The signal's reason, if it is aborted.
 */
export async function probeSource(
  source: CameraSource,
  options: ProbeOptions,
): Promise<ProbeResult> {
  if (source.kind === "test") {
    const { width, height, fps } = source;
    return { ok: true, video: { ...TEST_CODEC, width, height, fps }, audio: null };
  }
  return await ask(source, "packets", options) ??
    // A camera that sends a picture each few seconds: it can still be described.
    await ask(source, "streams", options) ??
    { ok: false, problem: `the source does not answer within ${PACKETS_LIMIT_MS / 1_000} s` };
}

/** One run of ffprobe; undefined when it took too long. */
async function ask(
  source: Exclude<CameraSource, { kind: "test" }>,
  depth: ProbeDepth,
  { ffprobePath, signal }: ProbeOptions,
): Promise<ProbeResult | undefined> {
  const limit = AbortSignal.timeout(depth === "packets" ? PACKETS_LIMIT_MS : STREAMS_LIMIT_MS);
  const { code, stdout, errorTail } = await runChild({
    command: ffprobePath,
    args: probeArgs(source, depth),
    signal: AbortSignal.any([signal, limit]),
  });
  signal.throwIfAborted();
  if (limit.aborted) return undefined;
  const facts = parseProbe(new TextDecoder().decode(stdout));
  if (facts !== undefined) return { ok: true, ...facts };
  return { ok: false, problem: code === 0 ? "the source has no video" : because(errorTail, code) };
}

function because(errorTail: readonly string[], code: number): string {
  return explainRecorderEnd(errorTail, code).detail.replace("ffmpeg ended", "ffprobe ended");
}

/** A probe on one line for people: "h264 1920x1080, 25 fps, key frame every 2 s, 4.1 Mbit/s, no audio". */
export function describeProbe(result: ProbeResult): string {
  if (!result.ok) return result.problem;
  const { codec, width, height, fps, keyFrameSeconds, bitsPerSecond } = result.video;
  return [
    `${codec} ${width}x${height}`,
    `${round(fps)} fps`,
    ...(keyFrameSeconds === null ? [] : [`key frame every ${round(keyFrameSeconds)} s`]),
    ...(bitsPerSecond === null ? [] : [`${describeRate(bitsPerSecond)}`]),
    describeAudio(result.audio),
  ].join(", ");
}

function describeRate(bitsPerSecond: number): string {
  return bitsPerSecond >= 1_000_000
    ? `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`
    : `${Math.round(bitsPerSecond / 1_000)} kbit/s`;
}

function describeAudio(audio: AudioFacts | null): string {
  if (audio === null) return "no audio";
  const channels = ["", "mono", "stereo"][audio.channels] ?? `${audio.channels} channels`;
  return `audio ${audio.codec} ${audio.sampleRate / 1_000} kHz ${channels}`;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
