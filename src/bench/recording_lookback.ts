/**
 * Lookback as a contestant, and the two references that ffmpeg alone gives: the
 * stream copied to disk, and every frame decoded.
 *
 * @module
 */

import { join } from "node:path";
import { startChild } from "../host/process.ts";
import { startLookback } from "./lookback_process.ts";
import type { LookbackCommand } from "./start_commands.ts";
import type { Contestant } from "./recording_contestant.ts";

/** A clip that cameras play in a loop. */
export interface Clip {
  readonly path: string;
  readonly bytesPerSecond: number;
}

export interface LookbackForm {
  readonly name: string;
  readonly clip: Clip;
  readonly stills: boolean;
  readonly camerasPerWorker: number;
  readonly isCanaryOff: boolean;
  readonly ffmpegPath: string;
  readonly lookback: LookbackCommand;
}

export function lookbackContestant(form: LookbackForm): Contestant {
  const { name, clip } = form;
  return {
    name,
    clipBytesPerSecond: clip.bytesPerSecond,
    async start({ cameras, folder }) {
      const camera = `source: ${JSON.stringify(clip.path)}, loop: true`;
      const running = await startLookback({
        ...form,
        root: folder,
        cameras: Array<string>(cameras).fill(camera),
      });
      return { pids: [running.pid], recorded: running, stop: () => running.stop() };
    },
  };
}

/** One ffmpeg for each camera, which writes what it reads: the least that recording can cost. */
export function copyContestant(clip: Clip, ffmpegPath: string): Contestant {
  const copy = "-map 0:v:0 -c copy -f mp4 -movflags empty_moov+default_base_moof+frag_keyframe";
  return ffmpegContestant(
    { name: "ffmpeg, paced copy", clip, ffmpegPath },
    (file) => ["-re", "-stream_loop", "-1", "-i", clip.path, ...copy.split(" "), file],
  );
}

/** One ffmpeg for each camera, which decodes every frame and throws it away. */
export function decodeContestant(clip: Clip, ffmpegPath: string): Contestant {
  return ffmpegContestant(
    { name: "ffmpeg, every frame decoded", clip, ffmpegPath },
    () => [
      ...["-threads", "1", "-re", "-stream_loop", "-1", "-i", clip.path],
      ...["-map", "0:v:0", "-f", "null", "-"],
    ],
  );
}

/** How long ffmpeg may take to finish its file. */
const STOP_MS = 5_000;

function ffmpegContestant(
  form: { readonly name: string; readonly clip: Clip; readonly ffmpegPath: string },
  args: (file: string) => readonly string[],
): Contestant {
  return {
    name: form.name,
    clipBytesPerSecond: form.clip.bytesPerSecond,
    start({ cameras, folder }) {
      const children = Array.from({ length: cameras }, (_, index) =>
        startChild({
          command: form.ffmpegPath,
          args: [
            ...["-hide_banner", "-nostdin", "-loglevel", "error", "-y"],
            ...args(join(folder, `camera${index + 1}.mp4`)),
          ],
        }));
      const outputs = children.map(({ stdout }) => stdout.cancel());
      return Promise.resolve({
        pids: children.map(({ pid }) => pid),
        async stop() {
          await Promise.all(children.map((child) => child.stop(STOP_MS)));
          await Promise.all(outputs);
        },
      });
    },
  };
}
