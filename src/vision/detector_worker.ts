/**
 * A Worker of a detector process: loads one model and looks at pieces of pictures,
 * one job after the other. What waits is decided by those who ask (detector.ts).
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { messageOf, OperatorError, unreachable } from "../base/errors.ts";
import type {
  DetectorAnswer,
  DetectorJob,
  DetectorModel,
  FromDetector,
  ToDetector,
} from "./detector_messages.ts";
import { ModelSession } from "./model_session.ts";
import { loadRuntime } from "./native_library.ts";

const post = (message: FromDetector) => self.postMessage(message);

let session: ModelSession | undefined;

function load({ bindingPath, modelPath, description }: DetectorModel): void {
  try {
    session = new ModelSession(loadRuntime(bindingPath), modelPath, description);
    post({ type: "ready" });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const { code, message, advice } = error;
    post({ type: "unusable", error: { code, message, advice } });
  }
}

function look({ id, crops, floor }: DetectorJob): DetectorAnswer {
  if (session === undefined) return { type: "not-seen", id, reason: "no model is loaded" };
  const startedAt = performance.now();
  try {
    const detections = session.look(crops, floor);
    return { type: "seen", id, detections, tookMs: performance.now() - startedAt };
  } catch (error) {
    return { type: "not-seen", id, reason: messageOf(error) };
  }
}

self.onmessage = ({ data }: MessageEvent<ToDetector>) => {
  switch (data.type) {
    case "load":
      return load(data.model);
    case "look":
      return post(look(data));
    default:
      unreachable(data);
  }
};
