/**
 * Decides how a camera's audio is handled when ffmpeg can't go on with it as it
 * is. Footage without sound beats none.
 *
 * Pure.
 *
 * @module
 */

import type { RecorderFault } from "../media/ffmpeg_faults.ts";
import type { TrackHandling } from "../media/recorder_args.ts";

/** What is said when the handling changes. */
export const AUDIO_CHANGES: Readonly<Record<TrackHandling["audio"], string>> = {
  copy: "The audio is copied",
  repack: "The audio is repacked while it is recorded",
  encode: "The audio is encoded to AAC while it is recorded",
  none: "The audio can't be recorded; the video is recorded without it",
};

/** What to try next with the audio; undefined when nothing is left to try, or nothing was wished. */
export function nextAudioHandling(
  now: TrackHandling["audio"],
  wish: RecorderFault["retryWith"],
): TrackHandling["audio"] | undefined {
  if (wish !== "repacked-audio" && wish !== "encoded-audio") return undefined;
  if (now === "copy") return wish === "repacked-audio" ? "repack" : "encode";
  if (now === "repack") return "encode";
  return now === "encode" ? "none" : undefined;
}
