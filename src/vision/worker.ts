/**
 * The vision Worker: looks at all cameras that are to be looked at. Nothing that
 * happens here reaches recording: it gets a copy of the streams, and loses
 * fragments when it is behind.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { systemClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logToPort } from "../base/log.ts";
import type { FromVision, ToVision } from "./messages.ts";
import { VisionRoom } from "./vision_room.ts";

/** How often is told how it goes, in milliseconds. */
const STATUS_MS = 1_000;

const post = (message: FromVision) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));

let room: VisionRoom | undefined;
const running = new AbortController();

async function report(): Promise<void> {
  while (!running.signal.aborted) {
    await systemClock.sleep(STATUS_MS, running.signal);
    if (room === undefined) continue;
    const { status: cameras, missing, detectorRestarts } = room;
    post({ type: "status", cameras, missing, detectorRestarts });
  }
}

/** One message after the other: a camera that is replaced has ended before the next one begins. */
let last: Promise<void> = Promise.resolve();

async function take(data: ToVision, ports: readonly MessagePort[]): Promise<void> {
  if (data.type === "start") {
    room = new VisionRoom({
      ...data,
      clock: systemClock,
      onChange: (change) => post({ type: "event", change }),
      onSight: (sight) => post({ type: "sight", sight }),
    });
    report();
    return;
  }
  if (room === undefined) throw new TypeError(`Cannot take "${data.type}" before "start"`);
  switch (data.type) {
    case "camera":
      return await room.watch(data.cameraId, { settings: data.settings, tap: ports[0]! });
    case "tap":
      return room.listen(data.cameraId, ports[0]!);
    case "ffmpeg":
      return room.useFfmpeg(data.path);
    case "room":
      return room.setRoom(data.isRoom);
    case "forget":
      return await room.forget(data.cameraId);
    case "stop":
      await room.close();
      running.abort();
      return post({ type: "stopped" });
  }
}

self.onmessage = ({ data, ports }: MessageEvent<ToVision>) => {
  last = last.then(() => take(data, ports))
    .catch((error) => post({ type: "failed", reason: messageOf(error) }));
};
