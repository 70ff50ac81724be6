/**
 * Why a camera is not shown over WebRTC, with what to do.
 *
 * @module
 */

import { OperatorError } from "../base/errors.ts";

/** It can't be done now. */
export function unavailable(reason: string): OperatorError {
  return new OperatorError("live-unavailable", `Cannot show the camera over WebRTC: ${reason}`, {
    fix: ["try again in a moment, or watch over another protocol"],
  });
}

/** This stream or browser can't do it. */
export function unsuited(reason: string): OperatorError {
  return new OperatorError("live-unsuited", `Cannot show the camera over WebRTC: ${reason}`, {
    fix: [
      "watch over MSE or HLS, which the page does by itself",
      "or set the camera to H.264 without B-frames (often called baseline or main profile)",
    ],
  });
}
