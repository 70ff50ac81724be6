/**
 * Judges what a camera sends.
 *
 * Pure.
 *
 * @module
 */

import type { CameraSource } from "../../model/camera.ts";
import { describeProbe, type ProbeResult } from "../probe.ts";
import { fine, type Judgement, problem, warning } from "./finding.ts";

/** Codecs that are recorded as they come. */
const KEPT_CODECS: ReadonlySet<string> = new Set(["h264", "hevc"]);

/** Key frames further apart make batches, cuts and the live view's start coarse, in seconds. */
const LONG_GOP_SECONDS = 5;

/** Judges one camera by its probe. */
export function judgeCamera(source: CameraSource, result: ProbeResult): Judgement {
  const says = describeProbe(result);
  if (!result.ok) return problem(says, adviceFor(source));
  const { codec, keyFrameSeconds } = result.video;
  if (!KEPT_CODECS.has(codec)) {
    return warning(
      `${says}: encoded anew while it is recorded, which costs about a CPU core`,
      "switch the camera to H.264 or H.265",
    );
  }
  // A short file may have only one key frame; a camera that shows none in time is slow.
  const isLong = keyFrameSeconds === null
    ? source.kind !== "file"
    : keyFrameSeconds > LONG_GOP_SECONDS;
  if (!isLong) return fine(says);
  return warning(
    keyFrameSeconds === null ? `${says}; key frames are far apart` : says,
    "set the camera's key-frame interval (GOP) to one or two seconds",
  );
}

function adviceFor(source: CameraSource): string {
  if (source.kind === "file") return "check the path and that this user may read the file";
  return "check that the camera is on, its address, its path, user name and password; " +
    "lookback cameras discover lists the cameras that answer";
}
