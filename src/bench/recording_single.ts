/**
 * What ffmpeg takes by itself, as fast as it can: a minute copied, every key
 * frame of a minute made a JPEG. For information; nothing is held against it.
 *
 * @module
 */

import { runChild } from "../host/process.ts";
import { CLIP_SECONDS } from "./clip.ts";
import type { Figure } from "./figure.ts";
import type { Clip } from "./recording_lookback.ts";

const SAMPLES = 5;

/** Loops of the clip that one sample takes in. */
const COPY_LOOPS = 30;
const JPEG_LOOPS = 2;

export interface SingleOptions {
  readonly scene: Clip;
  readonly hard: Clip;
  readonly ffmpegPath: string;
}

export async function singleRuns({ scene, hard, ffmpegPath }: SingleOptions): Promise<Figure[]> {
  const copy = "-map 0:v:0 -c copy -f mp4 -movflags empty_moov+default_base_moof+frag_keyframe";
  const jpeg = "-map 0:v:0 -fps_mode passthrough -pix_fmt yuvj420p -c:v mjpeg -q:v 6 -f null";
  const decodeKeys = ["-threads", "1", "-skip_frame", "nokey"];
  const measured = async (name: string, run: SingleRun) => ({
    name,
    unit: "CPU-s",
    samples: await samplesOf(run, ffmpegPath),
  });
  const fromNull = (output: string) => [...output.split(" "), "/dev/null"];
  const keys = { input: decodeKeys, loops: JPEG_LOOPS, output: fromNull(jpeg) };
  return [
    await measured("ffmpeg, copy as fast as it can", {
      input: [],
      clip: scene,
      loops: COPY_LOOPS,
      output: fromNull(copy),
    }),
    await measured("ffmpeg, a JPEG of each key frame", { ...keys, clip: scene }),
    await measured("ffmpeg, a JPEG of each key frame, hard clip", { ...keys, clip: hard }),
  ];
}

interface SingleRun {
  readonly input: readonly string[];
  readonly clip: Clip;
  readonly loops: number;
  readonly output: readonly string[];
}

/** CPU seconds for a minute, by ffmpeg's own account. */
async function samplesOf(run: SingleRun, ffmpegPath: string): Promise<number[]> {
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const { code, errorTail } = await runChild({
      command: ffmpegPath,
      args: [
        ...["-hide_banner", "-nostdin", "-y", "-benchmark", ...run.input],
        ...["-stream_loop", `${run.loops - 1}`, "-i", run.clip.path, ...run.output],
      ],
    });
    const used = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(errorTail.join("\n"));
    if (code !== 0 || used === null) throw new Error(`ffmpeg failed: ${errorTail.join("; ")}`);
    const minutes = run.loops * CLIP_SECONDS / 60;
    samples.push((Number(used[1]) + Number(used[2])) / minutes);
  }
  return samples;
}
