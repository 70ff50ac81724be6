/**
 * The ffmpeg that makes Opus of a camera's sound: gets fragments of MP4 with the
 * sound alone on its standard input, and puts Ogg out on its standard output.
 *
 * Argument lists only; nothing is started here.
 *
 * @module
 */

/** Of stereo: speech and noises need less. */
const BITS_PER_SECOND = 64_000;

export function opusArgs(): string[] {
  return [
    ...["-hide_banner", "-loglevel", "error"],
    ...["-threads", "1", "-flags", "low_delay", "-fflags", "nobuffer", "-analyzeduration", "0"],
    // Times stay those of the camera's stream, also where sound is missing in between.
    ...["-copyts", "-f", "mp4", "-i", "pipe:0"],
    ...["-map", "0:a:0", "-c:a", "libopus", "-ar", "48000", "-ac", "2"],
    ...["-application", "lowdelay", "-frame_duration", "20", "-b:a", `${BITS_PER_SECOND}`],
    // Of 0 to 10: what is above it, nobody hears in a camera's sound.
    ...["-compression_level", "5"],
    // A page for each packet, at once: none waits for others.
    ...["-avoid_negative_ts", "disabled", "-f", "ogg", "-page_duration", "1"],
    ...["-flush_packets", "1", "pipe:1"],
  ];
}

/** Lists what this ffmpeg encodes. */
export const ENCODER_LIST_ARGS: readonly string[] = [
  "-hide_banner",
  "-loglevel",
  "error",
  "-encoders",
];

/** Whether a list of encoders has the one that is needed. */
export function hasOpusEncoder(list: string): boolean {
  return /^\s*A\S*\s+libopus\s/m.test(list);
}
