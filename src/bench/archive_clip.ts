/**
 * A clip for archives, the "scene" of clip.ts repeated until it holds whole batches,
 * and the stream that the recorder's ffmpeg makes of it.
 *
 * In:   a folder, and which ffmpeg. Out: a file; the stream's fragments.
 * Not here: what is made of the fragments (archive_footage.ts, writer_crowd.ts).
 *
 * @module
 */

import { join } from "node:path";
import { runChild } from "../host/process.ts";
import { childBoxes, requireBox, viewOf } from "../media/boxes.ts";
import type { FragmentSamples, Sample } from "../media/fragment.ts";
import { type Fragment, FragmentStream, type StreamStart } from "../media/fragment_stream.ts";
import { recorderArgs } from "../media/recorder_args.ts";
import { CLIP_SECONDS, lengthenClip, sceneClip } from "./clip.ts";

/** Length of the clip: a whole number of batches, and of the shorter clip that it repeats. */
export const ARCHIVE_CLIP_SECONDS = 5 * CLIP_SECONDS;

/** A stream as it comes out of the recorder's pipe. */
export interface RecordedStream {
  readonly start: StreamStart;
  readonly fragments: readonly Fragment[];
}

/** Makes the clip, unless the folder has it already. Returns its path. */
export async function makeArchiveClip(folder: string, ffmpegPath: string): Promise<string> {
  const path = join(folder, "archive-clip.mp4");
  if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  const scene = await sceneClip(folder, ffmpegPath);
  const part = join(folder, "archive-part.mp4");
  await lengthenClip(part, { from: scene, seconds: ARCHIVE_CLIP_SECONDS, ffmpegPath });
  await Deno.rename(part, path);
  return path;
}

/** Reads the clip as the recorder does, but as fast as it can. */
export async function readArchiveClip(clip: string, ffmpegPath: string): Promise<RecordedStream> {
  const args = recorderArgs({ kind: "file", path: clip, loop: false }, {
    handling: { video: "copy", audio: "none" },
    fragmentMs: 200,
  });
  const { code, stdout, errorTail } = await runChild({
    command: ffmpegPath,
    args: args.filter((arg) => arg !== "-re"),
  });
  if (code !== 0) throw new Error(`Cannot read "${clip}": ${errorTail.join("; ")}`);
  const [start, ...fragments] = new FragmentStream().push(stdout);
  if (start?.type !== "init") {
    throw new Error("Cannot find an init segment in the recorder's stream");
  }
  return { start, fragments: fragments.filter((event) => event.type === "fragment") };
}

/** The fragment as it would have come `ticks` later in the same stream. */
export function laterFragment(fragment: Fragment, ticks: number): Fragment {
  const bytes = fragment.bytes.slice();
  const moof = bytes.subarray(0, fragment.moofBytes);
  for (const box of childBoxes(requireBox(moof, ["moof"]).payload)) {
    if (box.type !== "traf") continue;
    const view = viewOf(requireBox(box.payload, ["tfdt"]).payload);
    // Version 1 has 64 bits (ISO/IEC 14496-12, 8.8.12); 32 bits hold four days of these ticks.
    if (view.getUint8(0) === 1) view.setBigUint64(4, view.getBigUint64(4) + BigInt(ticks));
    else view.setUint32(4, view.getUint32(4) + ticks);
  }
  const later = (sample: Sample) => ({
    ...sample,
    dts: sample.dts + ticks,
    pts: sample.pts + ticks,
  });
  const { video, audio } = fragment.samples;
  const samples: FragmentSamples = { video: video.map(later), audio: audio.map(later) };
  return { ...fragment, bytes, samples };
}
