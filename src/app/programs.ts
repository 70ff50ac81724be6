/**
 * Which ffmpeg and ffprobe are used, and why these. The one place that commands
 * ask.
 *
 * @module
 */

import type { Settings } from "../../config.ts";

export interface Programs {
  /** Absolute path, or a name on PATH. */
  readonly ffmpegPath: string;
  /** Absolute path, or a name on PATH. */
  readonly ffprobePath: string;
  /** Why these, for people. */
  readonly reason: string;
}

/** The programs that go with the settings. */
export function choosePrograms(
  { ffmpegPath, ffprobePath }: Pick<Settings, "ffmpegPath" | "ffprobePath">,
): Promise<Programs> {
  const reason = ffmpegPath === "ffmpeg"
    ? "found on PATH; the settings name no other"
    : 'named by "ffmpeg.path" in the settings';
  return Promise.resolve({ ffmpegPath, ffprobePath, reason });
}
