/**
 * The programs that Lookback's recording is compared with, as far as they are
 * installed.
 *
 * @module
 */

import { join } from "node:path";
import { lengthenClip } from "../src/bench/clip.ts";
import type { PeerOptions, Peers } from "../src/bench/recording_cost.ts";
import type { Clip } from "../src/bench/recording_lookback.ts";
import { findMotion, motionContestant } from "./peers/motion.ts";
import { findOpenCv, openCvContestant } from "./peers/opencv.ts";

/** They don't play a clip in a loop as live cameras would: they get one that is long enough. */
export async function recordingPeers(
  clip: Clip,
  { folder, seconds, ffmpegPath }: PeerOptions,
): Promise<Peers> {
  const path = join(folder, "long.mp4");
  await lengthenClip(path, { from: clip.path, seconds, ffmpegPath });
  const long = { path, bytesPerSecond: clip.bytesPerSecond };
  const openCv = await findOpenCv();
  const motion = await findMotion();
  return {
    contestants: [
      ...(openCv === undefined ? [] : [openCvContestant(long, openCv)]),
      ...(motion === undefined ? [] : [motionContestant(long, motion)]),
    ],
    missing: [
      ...(openCv === undefined ? ["OpenCV for Python (Debian: python3-opencv)"] : []),
      ...(motion === undefined ? ["the Motion daemon (Debian: motion)"] : []),
    ],
  };
}
