/**
 * A Worker that records: one camera, or several where the settings let them
 * share it. It shares nothing with other Workers.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { logToPort } from "../base/log.ts";
import { keepMemoryTidy } from "../host/tidy_memory.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { RecordedCamera } from "./recorded_camera.ts";

const post = (message: FromWorker) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));
keepMemoryTidy();

const cameras = new Map<string, RecordedCamera>();

self.onmessage = ({ data, ports }: MessageEvent<ToWorker>) => {
  const { cameraId, message } = data;
  if (message.type !== "start") return cameras.get(cameraId)?.take(message, ports);
  const camera = new RecordedCamera({
    settings: message.settings,
    port: ports[0]!,
    post: (answer) => post({ type: "camera", cameraId, message: answer }),
  });
  cameras.set(cameraId, camera);
};
