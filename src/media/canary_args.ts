/**
 * ffmpeg's arguments to decode a film to its end and count what it shows.
 *
 * @module
 */

/**
 * Decodes every shown frame of a film; a line for each goes to standard output.
 * Ends with an exit code other than 0 at the first frame that can't be decoded.
 */
export function decodeAllArgs(film: string): string[] {
  return [
    "-hide_banner",
    "-nostdin",
    "-loglevel",
    "error",
    // Damaged frames end it, instead of being patched up from their neighbours.
    "-xerror",
    // One thread: nobody waits for it.
    "-threads",
    "1",
    "-i",
    film,
    "-map",
    "0:v:0",
    "-fps_mode",
    "passthrough",
    "-f",
    "framecrc",
    "-",
  ];
}

/** How many frames ffmpeg's framecrc muxer lists. Lines of its head begin with "#". */
export function countFrames(framecrc: string): number {
  return framecrc.split("\n").filter((line) => /^\d/.test(line)).length;
}
