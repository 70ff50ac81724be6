/**
 * Keeps one camera recorded, on the main thread: takes a place in a Worker,
 * passes on what it says, and takes another one when that fails.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, unreachable } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { MonotonicMs } from "../base/units.ts";
import type { TapKind } from "../model/tap.ts";
import { retryPauseMs } from "./backoff.ts";
import type { CameraStatus, CaptureSettings, FromCamera, StopReason } from "./messages.ts";
import type { Place, WorkerPool } from "./worker_pool.ts";

/** A Worker that lived this long was healthy: the next failure is a new one, in milliseconds. */
const HEALTHY_MS = 30_000;

export interface SupervisorParts {
  readonly cameraId: string;
  readonly pool: WorkerPool;
  readonly camerasPerWorker: number;
  /** Made again for every Worker: what the last one left is mended, ids have gone on. */
  readonly prepare: () => Promise<CaptureSettings>;
  /** A new line to the writer. */
  readonly connectWriter: () => MessagePort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStatus: (status: CameraStatus) => void;
  /** A Worker has begun: taps of the one before are gone with it. */
  readonly onBegin: () => void;
  /** The camera found the disk full; {@linkcode CameraSupervisor.setRoom} answers. */
  readonly onNeedRoom: () => void;
}

export class CameraSupervisor {
  readonly #parts: SupervisorParts;
  readonly #stopping = new AbortController();
  #place: Place | undefined;
  #stopReason: StopReason = "stopped";
  #workerFailures = 0;
  /** This camera itself could not go on: it shares no Worker until it has been well for a while. */
  #hasFailed = false;
  #workerStartedAt: MonotonicMs;
  /** Resolves when the camera has stopped or ended and everything is committed. */
  readonly done: Promise<void>;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#workerStartedAt = parts.clock.monotonic();
    this.done = this.#run();
  }

  /** How often the Worker itself failed. */
  get workerFailures(): number {
    return this.#workerFailures;
  }

  /** False while a Worker that failed has not been followed by another. */
  get isWorkerUp(): boolean {
    return this.#place !== undefined;
  }

  /** When the newest Worker was started. */
  get workerStartedAt(): MonotonicMs {
    return this.#workerStartedAt;
  }

  /** Gives the Worker a new line to a writer that was started again. */
  reconnectWriter(): void {
    this.#place?.post({ type: "writer" }, [this.#parts.connectWriter()]);
  }

  /** Hands a tap to the Worker, if it is up. */
  connectTap(tap: MessagePort, kind: TapKind): void {
    if (this.#place === undefined) tap.close();
    else this.#place.post({ type: "tap", kind }, [tap]);
  }

  /** Keeps the camera from writing while room is made, and lets it write again. */
  setRoom(state: "no-room" | "room"): void {
    this.#place?.post({ type: state });
  }

  stop(reason: StopReason): void {
    this.#stopReason = reason;
    this.#stopping.abort();
    this.#place?.post({ type: "stop", reason });
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    for (let failures = 0;;) {
      const startedAt = clock.monotonic();
      const failure = await this.#runWorker().catch(messageOf);
      if (failure === undefined) return;
      const wasHealthy = clock.monotonic() - startedAt >= HEALTHY_MS;
      failures = wasHealthy ? 1 : failures + 1;
      if (wasHealthy) this.#hasFailed = false;
      this.#workerFailures += 1;
      log.error("The camera's Worker failed and is started again: {failure}", { failure });
      if (this.#stopping.signal.aborted) return;
      await clock.sleep(retryPauseMs(failures, Math.random()), this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
    }
  }

  /** One Worker from start to end. Returns why it failed, undefined when it stopped in good order. */
  async #runWorker(): Promise<string | undefined> {
    const { prepare, pool, cameraId, camerasPerWorker, clock, connectWriter } = this.#parts;
    // Before there is a Worker: the database may not answer.
    const settings = await prepare();
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const place = pool.place({
      cameraId,
      camerasPerWorker: this.#hasFailed ? 1 : camerasPerWorker,
      onMessage: (message) => this.#take(message, resolve),
      onGone: resolve,
    });
    this.#place = place;
    this.#workerStartedAt = clock.monotonic();
    place.post({ type: "start", settings }, [connectWriter()]);
    this.#parts.onBegin();
    if (this.#stopping.signal.aborted) place.post({ type: "stop", reason: this.#stopReason });
    try {
      return await promise;
    } finally {
      place.leave();
      this.#place = undefined;
    }
  }

  #take(message: FromCamera, end: (failure: string | undefined) => void): void {
    switch (message.type) {
      case "status":
        return this.#parts.onStatus(message.status);
      case "need-room":
        return this.#parts.onNeedRoom();
      case "failed":
        this.#hasFailed = true;
        return end(message.reason);
      case "stopped":
        this.#parts.onStatus(message.status);
        return end(undefined);
      default:
        unreachable(message);
    }
  }
}
