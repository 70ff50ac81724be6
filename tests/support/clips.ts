/**
 * Short moving clips for tests, and the MD5s of a film's frames.
 *
 * In:   what the clip shall be (seconds, rate, GOP, codec …).
 * Out:  a file made by ffmpeg on one thread: the same options give the same
 *       frames every time, and no two frames of a clip look alike.
 * Not here: cameras (rtsp_camera.ts), anything of the product.
 *
 * @module
 */

export type ClipCodec = "h264" | "h265" | "mpeg4" | "mjpeg" | "vp9";

/** What a clip shall be. */
export interface ClipOptions {
  /** Length; seconds × fps gives the number of frames. Default 2. */
  readonly seconds?: number;
  /** Frames per second, as ffmpeg reads it: 25 or "30000/1001". Default 25. */
  readonly fps?: number | string;
  /** Width x height; both even. Default "320x180". */
  readonly size?: string;
  /** Frames from key frame to key frame. Default 25. Without meaning for "mjpeg". */
  readonly gop?: number;
  /** B-frames between two others (h264, h265, mpeg4). Default 0. */
  readonly bframes?: number;
  readonly codec?: ClipCodec;
  /** Profile of H.264: "baseline", "main" or "high", which is the default. */
  readonly profile?: "baseline" | "main" | "high";
  /** Adds an AAC tone (Opus where the file is WebM). */
  readonly audio?: boolean;
}

/** How a program is run: how long it may take at most. */
export interface RunLimit {
  /** Milliseconds until the program is killed and the call fails. */
  readonly limitMs?: number;
}

export interface FfmpegOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** A test that waits a minute for one ffmpeg hangs: the clips here take about a second. */
const FFMPEG_LIMIT_MS = 60_000;

/** Encoder arguments of each codec. One thread each, because the frames must come out the same. */
const ENCODERS: Record<ClipCodec, (gop: number, bframes: number) => string[]> = {
  h264: (gop, bframes) => [
    ...["-c:v", "libx264", "-preset", "veryfast", "-sc_threshold", "0"],
    ...["-g", `${gop}`, "-keyint_min", `${gop}`, "-bf", `${bframes}`],
  ],
  h265: (gop, bframes) => [
    ...["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params"],
    `log-level=error:pools=none:frame-threads=1:scenecut=0:open-gop=0:` +
    `keyint=${gop}:min-keyint=${gop}:bframes=${bframes}`,
  ],
  mpeg4: (gop, bframes) => ["-c:v", "mpeg4", "-q:v", "4", "-g", `${gop}`, "-bf", `${bframes}`],
  mjpeg: () => ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"],
  vp9: (gop) => [
    ...["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"],
    ...["-g", `${gop}`, "-keyint_min", `${gop}`],
  ],
};

/** Makes a moving clip at `path`; the file's ending chooses the container. Returns `path`. */
export async function makeClip(path: string, options: ClipOptions = {}): Promise<string> {
  const { seconds = 2, fps = 25, size = "320x180", gop = 25, bframes = 0 } = options;
  const { codec = "h264", audio = false, profile } = options;
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
  const soundEncoder = ["-c:a", path.endsWith(".webm") ? "libopus" : "aac", "-b:a", "64k"];
  await runFfmpeg([
    ...["-y", "-filter_threads", "1", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${fps}`],
    ...(audio ? sound : []),
    ...["-t", `${seconds}`, "-threads", "1", "-pix_fmt", "yuv420p"],
    ...ENCODERS[codec](gop, bframes),
    ...(profile === undefined ? [] : ["-profile:v", profile]),
    ...(audio ? soundEncoder : []),
    // Without bitexact, encoders write their version into the stream.
    ...["-fflags", "+bitexact", "-flags", "+bitexact", path],
  ]);
  return path;
}

/** What is decoded, beside the path. */
export interface FrameMd5Options extends RunLimit {
  /** Arguments in front of `-i`, such as `["-rtsp_transport", "tcp"]` or `["-ss", "2"]`. */
  readonly inputArgs?: readonly string[];
}

/**
 * Decodes every frame of a film and gives the MD5 of each, in the order shown.
 * Equal frames have equal MD5s whatever the container they came in.
 *
 * @param path A file or URL, as ffmpeg reads it. Edit lists are obeyed.
 * @throws {Error} If ffmpeg fails or complains: a damaged stream is not compared.
 */
export async function frameMd5s(path: string, options: FrameMd5Options = {}): Promise<string[]> {
  const { inputArgs = [], ...limit } = options;
  const { stdout, stderr } = await runFfmpeg([
    ...[...inputArgs, "-i", path, "-map", "0:v"],
    // The default repeats or drops frames to even out the rate.
    ...["-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-"],
  ], limit);
  if (stderr !== "") throw new Error(`Cannot decode "${path}" cleanly: ${stderr}`);
  const rows = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return rows.map((row) => row.slice(row.lastIndexOf(",") + 1).trim());
}

/**
 * Runs ffmpeg with these arguments; only errors reach its stderr.
 *
 * @throws {Error} With ffmpeg's stderr, if it exits with other than 0 or takes too long.
 */
export async function runFfmpeg(
  args: readonly string[],
  { limitMs = FFMPEG_LIMIT_MS }: RunLimit = {},
): Promise<FfmpegOutput> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const { code, ...output } = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-nostdin", "-loglevel", "error", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: limit.signal,
  }).output().finally(() => clearTimeout(timer));
  const stdout = new TextDecoder().decode(output.stdout);
  const stderr = new TextDecoder().decode(output.stderr).trim();
  if (code !== 0) {
    const cause = limit.signal.aborted ? `no end after ${limitMs} ms` : `exit code ${code}`;
    throw new Error(`Cannot run ffmpeg ${args.join(" ")}: ${cause}\n${stderr}`);
  }
  return { stdout, stderr };
}
