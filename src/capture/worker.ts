/**
 * A camera's Worker: one camera, its recorder and stills processes, its files.
 * It shares nothing with other Workers; it talks to the main thread and, over a
 * port of its own, to the writer.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { systemClock } from "../base/clock.ts";
import { messageOf, unreachable } from "../base/errors.ts";
import { logger, logToPort } from "../base/log.ts";
import { sourceLabel } from "../model/camera.ts";
import { CameraSession } from "./camera_session.ts";
import { newestLoggedFrameId } from "./frame_log.ts";
import { LedgerOutbox } from "./ledger_outbox.ts";
import type {
  CameraStatus,
  CaptureSettings,
  FromCamera,
  StopReason,
  ToCamera,
} from "./messages.ts";
import { OpenHours } from "./open_hours.ts";
import { RateMeter } from "./rate_meter.ts";
import { RoomGate } from "./room.ts";

/** How often the state is reported, in milliseconds. */
const REPORT_MS = 1_000;

/** How long a Worker that can't go on waits for its rows to be committed, in milliseconds. */
const DRAIN_MS = 10_000;

const post = (message: FromCamera) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));

let session: CameraSession | undefined;
let stopReason: StopReason | undefined;
const gate = new RoomGate();
let reconnect: ((port: MessagePort) => void) | undefined;

async function start(settings: CaptureSettings, port: MessagePort): Promise<void> {
  const { camera } = settings;
  const log = logger("capture", camera.id);
  const outbox = new LedgerOutbox(port);
  reconnect = (newPort) => outbox.reconnect(newPort);
  const frames = new RateMeter();
  const bytes = new RateMeter();
  const running = new AbortController();
  const { openHours } = settings;
  const frameIds = {
    next: 1 + Math.max(
      settings.newestFrameId,
      openHours.newestFrameId,
      await newestLoggedFrameId(settings.root, openHours.logs),
    ),
  };
  const hours = new OpenHours({
    root: settings.root,
    state: openHours,
    newest: () => ({
      newestFrameId: frameIds.next - 1,
      newestRun: session?.newestRun ?? openHours.newestRun,
    }),
    isAllCommitted: () => outbox.pending === 0 && outbox.refused === 0 && !session?.hasLost,
  });
  const current = new CameraSession({
    settings,
    clock: systemClock,
    log,
    send: (entry) => outbox.send(entry),
    frameIds,
    hours,
    room: {
      clock: systemClock,
      gate,
      ask: () => {
        gate.shut();
        post({ type: "need-room" });
      },
    },
    onChange: () => post({ type: "status", status: status() }),
  });
  session = current;
  const status = (): CameraStatus => {
    const now = systemClock.monotonic();
    return {
      cameraId: camera.id,
      state: current.state,
      cause: current.fault?.cause ?? null,
      detail: current.fault?.detail ?? "",
      fps: frames.perSecond(current.counters.frames, now),
      bitsPerSecond: bytes.perSecond(current.counters.bytes, now) * 8,
      frames: current.counters.frames,
      batches: current.counters.batches,
      bytes: current.counters.bytes,
      stills: current.stills.written,
      stillsLost: current.stills.lost,
      lastStillMs: current.stills.lastAtMs,
      restarts: current.restarts,
      rowsPending: outbox.pending,
      rowsRefused: outbox.refused,
      queuedBytes: current.queuedBytes,
    };
  };
  outbox.send({
    type: "camera",
    cameraId: camera.id,
    name: camera.name,
    source: sourceLabel(camera.source),
    geoLocation: camera.geoLocation,
    atMs: systemClock.now(),
  });
  const reporting = (async () => {
    while (!running.signal.aborted) {
      await systemClock.sleep(REPORT_MS, running.signal);
      post({ type: "status", status: status() });
    }
  })();
  if (stopReason !== undefined) current.stop(stopReason);
  try {
    await current.run();
  } finally {
    // What was observed is not lost with this Worker; rows of files can be made again.
    await Promise.race([outbox.drained(), systemClock.sleep(DRAIN_MS, running.signal)]);
  }
  await outbox.drained();
  if (!current.hasLost && outbox.refused === 0) await hours.clear();
  running.abort();
  await reporting;
  outbox.close();
  post({ type: "stopped", status: status() });
}

self.onmessage = ({ data, ports }: MessageEvent<ToCamera>) => {
  switch (data.type) {
    case "start":
      start(data.settings, ports[0]!)
        .catch((error) => post({ type: "failed", reason: messageOf(error) }));
      return;
    case "writer":
      return reconnect?.(ports[0]!);
    case "no-room":
      return gate.shut();
    case "room":
      return gate.open();
    case "stop":
      stopReason = data.reason;
      session?.stop(data.reason);
      return;
    default:
      unreachable(data);
  }
};
