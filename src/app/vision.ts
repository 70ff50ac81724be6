/**
 * The main thread's hold on the vision Worker: starts it while there is a camera
 * to look at, starts it again should it fail, connects it with the cameras'
 * Workers. Nothing that goes wrong with it touches recording.
 *
 * @module
 */

import type { Settings } from "../../config.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf, unreachable } from "../base/errors.ts";
import { logger, type LogRecordMessage } from "../base/log.ts";
import { retryPauseMs } from "../capture/backoff.ts";
import { lastSeenMs } from "../model/event_window.ts";
import type { VisionEvent } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import type { EventChange, FromVision, ToVision, VisionStatus } from "../vision/messages.ts";

const log = logger("vision");

/** What is looked at, by camera id. */
export type VisionPlan = ReadonlyMap<string, VisionSettings>;

/** What the settings say about looking at pictures; only cameras that are recorded are looked at. */
export function visionPlan({ cameras }: Settings): VisionPlan {
  return new Map(
    cameras.flatMap(({ id, enabled, vision }) => enabled && vision !== null ? [[id, vision]] : []),
  );
}

/**
 * Tells which changes of events are written down: the beginning, the first picture
 * and the end. What lies between is for those who watch now.
 */
export class KeptEvents {
  /** Events that go on, as they were last told. */
  readonly #open = new Map<string, VisionEvent>();

  isNews({ change, event }: EventChange): boolean {
    const before = this.#open.get(event.eventId);
    if (change === "ended") this.#open.delete(event.eventId);
    else this.#open.set(event.eventId, event);
    const isPictured = before?.best.wholePath === null && event.best.wholePath !== null;
    return change === "ended" || before === undefined || isPictured;
  }

  /** Ends all that go on: who watched them is gone. */
  endAll(): EventChange[] {
    return [...this.#open.values()].map((event) => ({ change: "ended", event: ended(event) }));
  }
}

/** The event, ended when its thing was last seen. */
export function ended(event: VisionEvent): VisionEvent {
  return { ...event, endMs: lastSeenMs(event) };
}

export interface VisionParts {
  readonly root: string;
  readonly rootIdentity: string;
  readonly ffmpegPath: string;
  readonly clock: Clock;
  readonly onLog: (record: LogRecordMessage) => void;
  readonly onEvent: (change: EventChange) => void;
  /** The Worker failed: nobody will tell of the events that went on. */
  readonly onLost: () => void;
  /** Hands one end of a tap to a camera's Worker; nothing happens where it is not up. */
  readonly connectTap: (cameraId: string, tap: MessagePort) => void;
}

export class Vision {
  readonly #parts: VisionParts;
  readonly #stopping = new AbortController();
  #plan: VisionPlan = new Map();
  #worker: Worker | undefined;
  #done: Promise<void> = Promise.resolve();
  #failures = 0;
  #status: readonly VisionStatus[] = [];

  constructor(parts: VisionParts) {
    this.#parts = parts;
  }

  /** How each camera is looked at. */
  get status(): readonly VisionStatus[] {
    return this.#status;
  }

  /** How often the Worker failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Looks at these cameras from now on, and at no others. */
  reload(plan: VisionPlan): void {
    const before = this.#plan;
    this.#plan = plan;
    if (this.#stopping.signal.aborted) return;
    if (this.#worker === undefined) {
      // The Worker begins with the whole plan, also one that is between two tries.
      if (plan.size > 0 && before.size === 0) this.#done = this.#done.then(() => this.#run());
      return;
    }
    for (const cameraId of before.keys()) {
      if (!plan.has(cameraId)) this.#post({ type: "forget", cameraId });
    }
    for (const [cameraId, settings] of plan) {
      if (JSON.stringify(before.get(cameraId)) !== JSON.stringify(settings)) {
        this.#watch(cameraId, settings);
      }
    }
  }

  /** A camera's Worker has begun: it gets a tap, if it is looked at. */
  tap(cameraId: string): void {
    if (this.#worker === undefined || !this.#plan.has(cameraId)) return;
    this.#post({ type: "tap", cameraId }, [this.#newTap(cameraId)]);
  }

  /** Ends all events. Resolves when they have been told. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#post({ type: "stop" });
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#plan.size > 0) {
      const failure = await this.#runWorker().catch(messageOf);
      if (failure === undefined) return;
      this.#failures += 1;
      this.#parts.onLost();
      log.error("The vision Worker failed and is started again: {failure}", { failure });
      await clock.sleep(retryPauseMs(this.#failures, Math.random()), signal);
    }
  }

  /** One Worker from start to end. Returns why it failed, undefined when it stopped in good order. */
  async #runWorker(): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const worker = new Worker(new URL("../vision/worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromVision>) => this.#take(data, resolve);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message);
    };
    const { root, rootIdentity, ffmpegPath } = this.#parts;
    this.#post({ type: "start", root, rootIdentity, ffmpegPath });
    for (const [cameraId, settings] of this.#plan) this.#watch(cameraId, settings);
    if (this.#stopping.signal.aborted) this.#post({ type: "stop" });
    try {
      return await promise;
    } finally {
      worker.terminate();
      this.#worker = undefined;
      this.#status = [];
    }
  }

  #take(data: FromVision, end: (failure: string | undefined) => void): void {
    switch (data.type) {
      case "log":
        return this.#parts.onLog(data.record);
      case "event":
        return this.#parts.onEvent(data.change);
      case "status":
        this.#status = data.cameras;
        return;
      case "failed":
        return end(data.reason);
      case "stopped":
        return end(undefined);
      default:
        unreachable(data);
    }
  }

  #watch(cameraId: string, settings: VisionSettings): void {
    this.#post({ type: "camera", cameraId, settings }, [this.#newTap(cameraId)]);
  }

  /** The watcher's end of a new tap. */
  #newTap(cameraId: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#parts.connectTap(cameraId, port2);
    return port1;
  }

  #post(message: ToVision, ports: MessagePort[] = []): void {
    this.#worker?.postMessage(message, ports);
  }
}
