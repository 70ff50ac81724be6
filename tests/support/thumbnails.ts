/**
 * Small grey pictures of a film's frames, and which of them a picture is most like.
 *
 * In:   a film, or a row of pictures, as ffmpeg reads it.
 * Out:  one picture a frame; the index of the nearest.
 *
 * @module
 */

/** Large enough that the moving parts of a test clip differ from frame to frame. */
const WIDTH = 160;
const HEIGHT = 90;

export type Thumbnail = Uint8Array;

/**
 * Decodes every frame of a film, in the order shown.
 *
 * @param inputArgs Arguments in front of `-i`, for a row of pictures for example.
 */
export async function thumbnails(
  path: string,
  inputArgs: readonly string[] = [],
): Promise<Thumbnail[]> {
  const { code, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-loglevel", "error", ...inputArgs, "-i", path, "-fps_mode", "passthrough"],
      // Area: each small pixel is the mean of what it stands for.
      ...["-vf", `scale=${WIDTH}:${HEIGHT}:flags=area,format=gray`, "-f", "rawvideo", "-"],
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const complaint = new TextDecoder().decode(stderr).trim();
  if (code !== 0 || complaint !== "") throw new Error(`Cannot decode "${path}": ${complaint}`);
  const bytes = WIDTH * HEIGHT;
  return Array.from(
    { length: stdout.length / bytes },
    (_, index) => stdout.subarray(index * bytes, (index + 1) * bytes),
  );
}

/** The index of the frame that a picture differs least from, by the mean of absolute differences. */
export function nearest(picture: Thumbnail, frames: readonly Thumbnail[]): number {
  const distances = frames.map((frame) => {
    let sum = 0;
    for (let at = 0; at < picture.length; at += 1) sum += Math.abs(picture[at]! - frame[at]!);
    return sum;
  });
  return distances.indexOf(Math.min(...distances));
}
