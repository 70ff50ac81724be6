/**
 * One camera in its Worker: its session, its line to the writer, and what it
 * tells the main thread. Cameras of one Worker share nothing but the thread.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { messageOf, unreachable } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { sourceLabel } from "../model/camera.ts";
import { CameraSession } from "./camera_session.ts";
import { FragmentTap } from "./fragment_tap.ts";
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
import { FrameRateMeter, RateMeter } from "./rate_meter.ts";
import { RoomGate } from "./room.ts";

/** How often the state is reported, in milliseconds. */
const REPORT_MS = 1_000;

/** How long a camera that can't go on waits for its rows to be committed, in milliseconds. */
const DRAIN_MS = 10_000;

export interface RecordedCameraParts {
  readonly settings: CaptureSettings;
  /** The line to the writer. */
  readonly port: MessagePort;
  readonly post: (message: FromCamera) => void;
}

export class RecordedCamera {
  readonly #settings: CaptureSettings;
  readonly #post: (message: FromCamera) => void;
  readonly #outbox: LedgerOutbox;
  readonly #gate = new RoomGate();
  readonly #tap = new FragmentTap((saw) => this.#session?.note(saw));
  readonly #rates = { frames: new FrameRateMeter(), bytes: new RateMeter() };
  readonly #running = new AbortController();
  #session: CameraSession | undefined;
  #stopReason: StopReason | undefined;

  /** Recording begins at once. */
  constructor(parts: RecordedCameraParts) {
    this.#settings = parts.settings;
    this.#post = parts.post;
    this.#outbox = new LedgerOutbox(parts.port);
    this.#record().catch((error) => this.#post({ type: "failed", reason: messageOf(error) }));
  }

  /** Takes any message but the first. */
  take(message: Exclude<ToCamera, { type: "start" }>, ports: readonly MessagePort[]): void {
    switch (message.type) {
      case "writer":
        return this.#outbox.reconnect(ports[0]!);
      case "tap":
        return this.#tap.watch(ports[0]!, message.kind);
      case "no-room":
        return this.#gate.shut();
      case "room":
        return this.#gate.open();
      case "stop":
        this.#stopReason = message.reason;
        return this.#session?.stop(message.reason);
      default:
        unreachable(message);
    }
  }

  async #record(): Promise<void> {
    const session = await this.#newSession();
    this.#session = session.camera;
    this.#introduce();
    const reporting = this.#report(session.camera);
    if (this.#stopReason !== undefined) session.camera.stop(this.#stopReason);
    try {
      await session.camera.run();
    } finally {
      // What was observed is not lost with this Worker; rows of files can be made again.
      const drained = this.#outbox.drained();
      await Promise.race([drained, systemClock.sleep(DRAIN_MS, this.#running.signal)]);
    }
    await this.#outbox.drained();
    if (!session.camera.hasLost && this.#outbox.refused === 0) await session.hours.clear();
    this.#running.abort();
    await reporting;
    this.#outbox.close();
    this.#tap.close();
    this.#post({ type: "stopped", status: this.#status(session.camera) });
  }

  async #newSession(): Promise<{ readonly camera: CameraSession; readonly hours: OpenHours }> {
    const { root, camera, openHours, newestFrameId } = this.#settings;
    const logged = await newestLoggedFrameId(root, openHours.logs);
    const frameIds = { next: 1 + Math.max(newestFrameId, openHours.newestFrameId, logged) };
    const outbox = this.#outbox;
    const hours = new OpenHours({
      root,
      state: openHours,
      newest: () => ({
        newestFrameId: frameIds.next - 1,
        newestRun: this.#session?.newestRun ?? openHours.newestRun,
      }),
      isAllCommitted: () => outbox.pending === 0 && outbox.refused === 0 && !this.#session?.hasLost,
    });
    const session = new CameraSession({
      settings: this.#settings,
      clock: systemClock,
      log: logger("capture", camera.id),
      send: (entry) => outbox.send(entry),
      frameIds,
      hours,
      tap: this.#tap,
      room: { clock: systemClock, gate: this.#gate, ask: () => this.#askForRoom() },
      onChange: () => this.#post({ type: "status", status: this.#status(session) }),
    });
    return { camera: session, hours };
  }

  #introduce(): void {
    const { id: cameraId, name, source, geoLocation } = this.#settings.camera;
    const atMs = systemClock.now();
    const label = sourceLabel(source);
    this.#outbox.send({ type: "camera", cameraId, name, source: label, geoLocation, atMs });
  }

  async #report(session: CameraSession): Promise<void> {
    while (!this.#running.signal.aborted) {
      await systemClock.sleep(REPORT_MS, this.#running.signal);
      this.#post({ type: "status", status: this.#status(session) });
    }
  }

  #askForRoom(): void {
    this.#gate.shut();
    this.#post({ type: "need-room" });
  }

  #status(session: CameraSession): CameraStatus {
    const { counters, stills, fault } = session;
    const now = systemClock.monotonic();
    return {
      cameraId: this.#settings.camera.id,
      state: session.state,
      cause: fault?.cause ?? null,
      detail: fault?.detail ?? "",
      fps: this.#rates.frames.perSecond(counters, now),
      bitsPerSecond: this.#rates.bytes.perSecond(counters.bytes, now) * 8,
      frames: counters.frames,
      batches: counters.batches,
      bytes: counters.bytes,
      stills: stills.written,
      stillsLost: stills.lost,
      lastStillMs: stills.lastAtMs,
      restarts: session.restarts,
      rowsPending: this.#outbox.pending,
      rowsRefused: this.#outbox.refused,
      queuedBytes: session.queuedBytes,
    };
  }
}
