/**
 * A rendition's ffmpeg: gets a camera's stream, or a piece of a recording, on its
 * standard input, makes it smaller or another codec, and puts fragments out on its
 * standard output. Times stay what they are; audio of a stream passes as it is.
 *
 * Argument lists and choices only; nothing is started here.
 *
 * @module
 */

/** What encodes: a processor, or a graphics card. */
export type EncoderKind = "libx264" | "h264_nvenc" | "h264_vaapi";

/** Where a VA-API card is. */
export const VAAPI_DEVICE = "/dev/dri/renderD128";

/** Length of a fragment that comes out, in milliseconds: less than the camera's adds no delay. */
const FRAGMENT_MS = 100;

/** From key frame to key frame, in seconds. */
export const RENDITION_KEY_S = 1;

export interface RenditionSize {
  /** "720p"; what it is asked for by. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** The most that it is, at most movements. */
  readonly bitsPerSecond: number;
}

/** Heights that are offered, and what they may take: a hasty encoder needs half more than a calm one. */
const LADDER = [
  { height: 1080, bitsPerSecond: 6_000_000 },
  { height: 720, bitsPerSecond: 3_000_000 },
  { height: 480, bitsPerSecond: 1_500_000 },
  { height: 360, bitsPerSecond: 800_000 },
] as const;

/**
 * The renditions of a stream, largest first. One that every browser plays gets smaller
 * ones alone; of another there is one of its own size too, if that is not above the ladder.
 */
export function renditionSizes(
  stream: { readonly codec: string; readonly width: number; readonly height: number },
): RenditionSize[] {
  const { codec, width, height } = stream;
  if (width < 2 || height < 2) return [];
  const isKnownToAll = codec === "avc1" || codec === "avc3";
  const steps = LADDER.filter((step) =>
    isKnownToAll ? step.height < height : step.height <= height
  );
  const smallest = LADDER[LADDER.length - 1]!;
  const chosen = steps.length > 0 || isKnownToAll ? steps : [{ ...smallest, height }];
  return chosen.map((step) => sizeOf(stream, step));
}

/**
 * What a stream is in a list that was made for others too: as large as the name says, and
 * not larger than the stream itself. Undefined where there is no rendition of this name.
 */
export function renditionSizeOf(
  stream: { readonly codec: string; readonly width: number; readonly height: number },
  name: string,
): RenditionSize | undefined {
  const own = renditionSizes(stream).find((size) => size.name === name);
  const step = LADDER.find(({ height }) => `${height}p` === name);
  if (own !== undefined || step === undefined || stream.width < 2 || stream.height < 2) return own;
  return { ...sizeOf(stream, { ...step, height: Math.min(step.height, stream.height) }), name };
}

function sizeOf(
  { width, height }: { readonly width: number; readonly height: number },
  step: { readonly height: number; readonly bitsPerSecond: number },
): RenditionSize {
  return {
    name: `${step.height}p`,
    width: even(width * step.height / height),
    height: even(step.height),
    bitsPerSecond: step.bitsPerSecond,
  };
}

function even(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}

/** Encodes a live stream of fragments into another. */
export function renditionArgs(
  options: {
    readonly encoder: EncoderKind;
    readonly size: RenditionSize;
    /** Ticks per second of the video, which stay. */
    readonly timescale: number;
  },
): string[] {
  const { encoder, size, timescale } = options;
  return [
    ...["-hide_banner", "-loglevel", "error"],
    ...(encoder === "h264_vaapi" ? ["-vaapi_device", VAAPI_DEVICE] : []),
    // One thread to decode: more hold pictures back, and recording needs the other cores.
    ...["-threads", "1", "-flags", "low_delay"],
    ...["-analyzeduration", "0", "-fpsprobesize", "0", "-copyts", "-f", "mp4", "-i", "pipe:0"],
    ...["-map", "0:v:0", "-map", "0:a:0?"],
    ...["-vf", filters(encoder, size), "-fps_mode", "passthrough"],
    ...["-enc_time_base", `1:${timescale}`, "-video_track_timescale", `${timescale}`],
    ...encoderArgs(encoder, size),
    // From the last one on, and not from time 0: the stream is hours old.
    ...["-force_key_frames", `expr:isnan(prev_forced_t)+gte(t,prev_forced_t+${RENDITION_KEY_S})`],
    ...["-c:a", "copy", "-strict", "experimental", "-f", "mp4"],
    ...["-movflags", "empty_moov+default_base_moof+frag_keyframe+delay_moov+skip_trailer"],
    ...["-frag_duration", `${FRAGMENT_MS * 1_000}`, "-flush_packets", "1", "pipe:1"],
  ];
}

/** What pieces are in: constrained baseline, level 4.2, which 1080p of 60 frames a second fits. */
export const PIECE_CODEC = "avc1.42c02a";

/**
 * Encodes a piece of a recording, which comes as a whole and begins with a key frame; so
 * does what comes out, which has no sound.
 *
 * The processor alone does it, and the level is given: all pieces of a run share one init
 * segment, so parameter sets may not depend on a card's driver, nor on the frame rate that is
 * guessed from the few frames of a piece.
 */
export function pieceArgs(
  options: {
    readonly size: RenditionSize;
    readonly timescale: number;
    /** The first frame that is wanted, in ticks as they are in the fragments; those before help to decode it. */
    readonly fromTicks?: number;
  },
): string[] {
  const { size, timescale, fromTicks } = options;
  const trimmed = fromTicks === undefined ? "" : `trim=start_pts=${fromTicks},`;
  return [
    // More to decode are no faster here, and recording needs the other cores.
    ...["-hide_banner", "-loglevel", "error", "-threads", "1"],
    ...["-analyzeduration", "0", "-fpsprobesize", "0", "-copyts", "-f", "mp4", "-i", "pipe:0"],
    ...["-map", "0:v:0", "-vf", `${trimmed}${filters("libx264", size)}`],
    ...["-fps_mode", "passthrough"],
    ...["-enc_time_base", `1:${timescale}`, "-video_track_timescale", `${timescale}`],
    ...[...encoderArgs("libx264", size), "-level:v", "4.2"],
    ...["-force_key_frames", `expr:isnan(prev_forced_t)+gte(t,prev_forced_t+${RENDITION_KEY_S})`],
    ...["-f", "mp4", "-movflags"],
    ...["empty_moov+default_base_moof+frag_keyframe+delay_moov+skip_trailer", "pipe:1"],
  ];
}

function filters(encoder: EncoderKind, { width, height }: RenditionSize): string {
  const scaled = `scale=${width}:${height}:flags=fast_bilinear`;
  if (encoder === "h264_vaapi") return `${scaled},format=nv12,hwupload`;
  return `${scaled},format=yuv420p`;
}

function encoderArgs(encoder: EncoderKind, { bitsPerSecond }: RenditionSize): string[] {
  const most = ["-maxrate", `${bitsPerSecond}`, "-bufsize", `${bitsPerSecond}`];
  const about = ["-b:v", `${Math.round(bitsPerSecond * 0.7)}`, ...most, "-bf", "0"];
  switch (encoder) {
    case "libx264":
      return [
        ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
        // One thread makes one slice a picture; several slices are not understood by all.
        ...["-threads", "1", "-crf", "25", ...most, "-bf", "0"],
      ];
    case "h264_nvenc":
      return ["-c:v", "h264_nvenc", "-preset", "p1", "-tune", "ull", "-forced-idr", "1", ...about];
    case "h264_vaapi":
      return ["-c:v", "h264_vaapi", ...about];
  }
}

/** Encodes a few pictures into nothing: ends well where the encoder works on this machine. */
export function encoderTrialArgs(encoder: EncoderKind): string[] {
  const size = { name: "", width: 640, height: 360, bitsPerSecond: 1_000_000 };
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "error"],
    ...(encoder === "h264_vaapi" ? ["-vaapi_device", VAAPI_DEVICE] : []),
    ...["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-frames:v", "5"],
    ...["-vf", filters(encoder, size), ...encoderArgs(encoder, size), "-f", "null", "-"],
  ];
}
