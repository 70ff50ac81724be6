/**
 * Makes the clips that are played as cameras.
 *
 * "scene" is like what a fixed camera sees: a textured scene that stands still,
 * something in it that walks by, and a sensor's noise. "hard" is a test card in
 * which everything moves under stronger noise.
 *
 * @module
 */

import { join } from "node:path";
import { runChild } from "../host/process.ts";

export const CLIP_FPS = 25;

/** Played again and again; a multiple of every distance of key frames used here. */
export const CLIP_SECONDS = 8;

/** What is in the clips, for the reports. */
export const SCENE_TEXT = "1080p25 H.264 (x264 superfast, CABAC, no B-frames) at 4 Mbit/s with a " +
  "buffer of one second, key frame each second; a textured scene that stands still, a figure that " +
  "walks through it and sensor noise (ffmpeg noise=alls=4), 8 s played in a loop; a key frame " +
  "takes about 150 KB, 30 % of the bytes";

export interface ClipOptions {
  readonly picture: "scene" | "hard";
  /** Frames from one key frame to the next. */
  readonly gop: number;
}

/** Three layers of random texture, coarse to fine: walls, foliage, gravel. */
const SCENE_LAYERS: readonly string[] = [
  "nullsrc=s=32x18,geq=lum='random(1)*255':cb='118+random(2)*20':cr='118+random(3)*20'," +
  "scale=1920:1080:flags=bicubic",
  "nullsrc=s=240x135,geq=lum='random(4)*255':cb=128:cr=128,scale=1920:1080:flags=bicubic",
  "nullsrc=s=960x540,geq=lum='random(5)*255':cb=128:cr=128,scale=1920:1080:flags=bicubic",
];

const BLEND_LAYERS = "[0][1]blend=all_expr='A*0.75+B*0.25':c1_mode=normal:c2_mode=normal[walls];" +
  "[walls][2]blend=all_expr='A*0.94+B*0.06'";

const FIGURE = "nullsrc=s=12x30,geq=lum='40+random(7)*160':cb='100+random(8)*50':" +
  "cr='110+random(9)*50',scale=120:300:flags=bicubic,trim=end_frame=1,loop=-1:1,setpts=N/25/TB";

/**
 * The scene is read and brought into colour once. The figure crosses the picture in the length of
 * the clip, so that the loop has no jump.
 */
const WALK = `[0]format=yuv420p,loop=-1:1,setpts=N/${CLIP_FPS}/TB[still];[still][1]overlay=` +
  "x='mod(t*255\\,2040)-120':y='560+20*sin(t*5)',noise=alls=4:allf=t";

/** The clip that most cameras play; made where the folder has it not yet. Returns its path. */
export async function sceneClip(folder: string, ffmpegPath: string): Promise<string> {
  const path = join(folder, "scene.mp4");
  if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  const part = join(folder, "scene-part.mp4");
  await makeClip(part, { picture: "scene", gop: CLIP_FPS, ffmpegPath });
  await Deno.rename(part, path);
  return path;
}

/**
 * @throws {Error} With ffmpeg's own words, if it can't make the clip.
 */
export async function makeClip(
  path: string,
  options: ClipOptions & { readonly ffmpegPath: string },
): Promise<void> {
  const { picture, gop, ffmpegPath } = options;
  const encode = [
    ..."-c:v libx264 -sc_threshold 0 -bf 0 -b:v 4M -maxrate 4M -bufsize 4M".split(" "),
    ...["-preset", picture === "scene" ? "superfast" : "veryfast"],
    ...["-pix_fmt", "yuv420p", "-g", `${gop}`, "-keyint_min", `${gop}`, "-t", `${CLIP_SECONDS}`],
  ];
  if (picture === "hard") {
    const card = `testsrc2=size=1920x1080:rate=${CLIP_FPS},noise=alls=6:allf=t`;
    return await runFfmpeg(ffmpegPath, ["-f", "lavfi", "-i", card, ...encode, path]);
  }
  const still = `${path}.png`;
  await runFfmpeg(ffmpegPath, [
    ...SCENE_LAYERS.flatMap((layer) => ["-f", "lavfi", "-i", layer]),
    ...["-filter_complex", BLEND_LAYERS, "-frames:v", "1", still],
  ]);
  await runFfmpeg(ffmpegPath, [
    ...["-framerate", `${CLIP_FPS}`, "-i", still, "-f", "lavfi", "-i", FIGURE],
    ...["-filter_complex", WALK, ...encode, path],
  ]);
  await Deno.remove(still);
}

/** Copies a clip as often as needed into one that lasts at least `seconds`. */
export async function lengthenClip(
  path: string,
  options: { readonly from: string; readonly seconds: number; readonly ffmpegPath: string },
): Promise<void> {
  const again = Math.ceil(options.seconds / CLIP_SECONDS) - 1;
  await runFfmpeg(options.ffmpegPath, [
    ...["-stream_loop", `${again}`, "-i", options.from, "-c", "copy", path],
  ]);
}

/** Runs ffmpeg to its end, and takes what it prints on its error stream. */
export async function runFfmpeg(ffmpegPath: string, args: readonly string[]): Promise<void> {
  const { code, errorTail } = await runChild({
    command: ffmpegPath,
    args: ["-hide_banner", "-nostdin", "-loglevel", "error", "-y", ...args],
  });
  if (code !== 0) throw new Error(`ffmpeg failed: ${errorTail.join("; ")}`);
}
