/**
 * ffmpeg's arguments to encode a film anew, wholly: with something burnt in, at
 * another rate, or both. The film comes on standard input.
 *
 * @module
 */

/** Constant quality: no difference to the recording that a person sees, at about its size. */
const CRF = "20";

/** Key frame to key frame, in frames: two seconds of most cameras, for quick seeking. */
const GOP = "50";

/** Ticks per second of what comes out, and the distance of its frames; real times come later. */
const OUT_TIMESCALE = 90_000;
const OUT_TICKS = 3_600;

export interface RecodeWish {
  /** Ticks per second of the film's times. */
  readonly timescale: number;
  /** Pixels of the recording. */
  readonly width: number;
  readonly height: number;
  /** Filters that burn in; none changes times. */
  readonly overlay: readonly string[];
  /** Null keeps each frame. `startTick`: the first frame's time in the film. */
  readonly rate: {
    readonly numerator: number;
    readonly denominator: number;
    readonly startTick: number;
  } | null;
  /** Frames that have to come out. */
  readonly frames: number;
}

/** Encodes without B-frames, so that frames come out in the order in which they are shown. */
export function recodeArgs(output: string, wish: RecodeWish): string[] {
  return [
    ...["-hide_banner", "-loglevel", "error", "-f", "mp4", "-i", "pipe:0", "-map", "0:v:0"],
    ...["-vf", filtersOf(wish).join(","), "-fps_mode", "passthrough"],
    ...["-enc_time_base", `1:${OUT_TIMESCALE}`, "-frames:v", String(wish.frames)],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", CRF, "-bf", "0", "-g", GOP],
    ...["-pix_fmt", "yuv420p", "-f", "mp4"],
    // Fragments keep ffmpeg from holding the index of all of it in memory.
    ...["-movflags", "empty_moov+default_base_moof+delay_moov+frag_keyframe", "-y", output],
  ];
}

function filtersOf({ timescale, width, height, overlay, rate }: RecodeWish): string[] {
  return [
    `settb=1/${timescale}`,
    ...overlay,
    ...(rate === null ? [] : rateFilters(rate)),
    // H.264 in 4:2:0 has no odd sizes.
    ...(width % 2 + height % 2 > 0 ? ["crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"] : []),
    `settb=1/${OUT_TIMESCALE}`,
    `setpts=N*${OUT_TICKS}`,
  ];
}

function rateFilters(rate: NonNullable<RecodeWish["rate"]>): string[] {
  return [
    `setpts=PTS+${rate.startTick}`,
    // Rounded up, an instant shows the last frame that begins at or before it.
    `fps=fps=${rate.numerator}/${rate.denominator}:round=up`,
    // The last frame stands as long as it must: `-frames:v` ends it.
    "tpad=stop=-1:stop_mode=clone",
  ];
}
