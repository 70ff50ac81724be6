/**
 * Clips that between them hold what makes a fragmented stream hard to read:
 * B-frames, H.265, audio that begins later than the video.
 *
 * @module
 */

import { type ClipOptions, makeClip, runFfmpeg } from "./clips.ts";

/** A clip, and what must be found in the recorder's stream of it. */
export interface RecordedClip {
  readonly name: string;
  readonly clip: ClipOptions;
  /** How much later the audio begins than in the clip as it was made. */
  readonly audioDelaySeconds: number;
  readonly videoCodec: string;
  readonly audioCodec: string | undefined;
  /** By how many frames the order of decoding runs ahead. */
  readonly reorderedFrames: number;
}

export const RECORDED_CLIPS: readonly RecordedClip[] = [
  {
    name: "H.264 without B-frames",
    clip: { codec: "h264", size: "128x72" },
    audioDelaySeconds: 0,
    videoCodec: "avc1",
    audioCodec: undefined,
    reorderedFrames: 0,
  },
  {
    name: "H.264 with B-frames and audio that begins half a second later",
    clip: { codec: "h264", size: "128x72", bframes: 2, audio: true },
    audioDelaySeconds: 0.5,
    videoCodec: "avc1",
    audioCodec: "mp4a",
    reorderedFrames: 2,
  },
  {
    name: "H.265 with B-frames",
    clip: { codec: "h265", size: "128x72", bframes: 2 },
    audioDelaySeconds: 0,
    videoCodec: "hvc1",
    audioCodec: undefined,
    reorderedFrames: 2,
  },
];

/** Makes the clip in a folder and gives its path. */
export async function makeRecordedClip(folder: string, recorded: RecordedClip): Promise<string> {
  const plain = await makeClip(`${folder}/plain.mp4`, recorded.clip);
  if (recorded.audioDelaySeconds === 0) return plain;
  const delayed = `${folder}/delayed.mp4`;
  await runFfmpeg([
    ...["-i", plain, "-itsoffset", `${recorded.audioDelaySeconds}`, "-i", plain],
    ...["-map", "0:v", "-map", "1:a", "-c", "copy", delayed],
  ]);
  return delayed;
}
