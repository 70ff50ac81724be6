/**
 * The main thread's hold on the vision Worker: starts it while there is a camera
 * to look at, starts it again should it fail, connects it with the cameras'
 * Workers. Nothing that goes wrong with it touches recording.
 *
 * @module
 */

import type { Settings } from "../../config.ts";
import type { Clock } from "../base/clock.ts";
import { unreachable } from "../base/errors.ts";
import type { LogRecordMessage } from "../base/log.ts";
import { lastSeenMs } from "../model/event_window.ts";
import type { Sight, VisionEvent } from "../model/vision.ts";
import type { VisionSettings } from "../model/vision_settings.ts";
import type {
  EventChange,
  FromVision,
  MissingPictures,
  ToVision,
  VisionStatus,
} from "../vision/messages.ts";
import { type FromKeptWorker, KeptWorker } from "./kept_worker.ts";
import { VisionFaultFile } from "./vision_faults.ts";

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
  /** Something is in a picture; or nothing any more, once. */
  readonly onSight?: ((sight: Sight) => void) | undefined;
  /** The Worker failed: nobody will tell of the events that went on. */
  readonly onLost: () => void;
  /** Hands one end of a tap to a camera's Worker; nothing happens where it is not up. */
  readonly connectTap: (cameraId: string, tap: MessagePort) => void;
}

const NOTHING_MISSING: MissingPictures = { lost: 0, leftOut: 0 };

export class Vision {
  readonly #parts: VisionParts;
  readonly #kept: KeptWorker<ToVision, FromVision>;
  readonly #faults: VisionFaultFile;
  #plan: VisionPlan = new Map();
  #ffmpegPath: string;
  #isRoom = true;
  #status: readonly VisionStatus[] = [];
  #missing = NOTHING_MISSING;
  #detectorRestarts = 0;

  constructor(parts: VisionParts) {
    this.#parts = parts;
    this.#ffmpegPath = parts.ffmpegPath;
    this.#faults = new VisionFaultFile(parts.root);
    this.#kept = new KeptWorker({
      room: "vision",
      startWorker: () =>
        new Worker(new URL("../vision/worker.ts", import.meta.url), { type: "module" }),
      onStart: () => this.#tellAll(),
      onMessage: (message) => this.#take(message),
      onLog: parts.onLog,
      onGone: () => {
        this.#status = [];
        this.#missing = NOTHING_MISSING;
        this.#detectorRestarts = 0;
      },
      onFailed: () => {
        this.#noteFaults();
        parts.onLost();
      },
      isWanted: () => this.#plan.size > 0,
      clock: parts.clock,
    });
  }

  /** How each camera is looked at. */
  get status(): readonly VisionStatus[] {
    return this.#status;
  }

  /** Pictures of events that are not there. */
  get missing(): MissingPictures {
    return this.#missing;
  }

  /** How often detectors failed and were started again, since the Worker began. */
  get detectorRestarts(): number {
    return this.#detectorRestarts;
  }

  /** How often the Worker failed. */
  get failures(): number {
    return this.#kept.failures;
  }

  /** Looks at these cameras from now on, and at no others, with this ffmpeg. */
  reload(plan: VisionPlan, ffmpegPath: string): void {
    if (ffmpegPath !== this.#ffmpegPath) {
      this.#ffmpegPath = ffmpegPath;
      this.#kept.post({ type: "ffmpeg", path: ffmpegPath });
    }
    const before = this.#plan;
    this.#plan = plan;
    this.#noteFaults();
    if (!this.#kept.isUp) {
      // The Worker begins with the whole plan, also one that is between two tries.
      if (plan.size > 0) this.#kept.start();
      return;
    }
    for (const cameraId of before.keys()) {
      if (!plan.has(cameraId)) this.#kept.post({ type: "forget", cameraId });
    }
    for (const [cameraId, settings] of plan) {
      if (JSON.stringify(before.get(cameraId)) !== JSON.stringify(settings)) {
        this.#watch(cameraId, settings);
      }
    }
  }

  /** A camera's Worker was started (again): connects it. */
  tap(cameraId: string): void {
    if (!this.#plan.has(cameraId) || !this.#kept.isUp) return;
    this.#kept.post({ type: "tap", cameraId }, [this.#newTap(cameraId)]);
  }

  /** The disk is full, or not any more: what can be done without waits. */
  setRoom(state: "no-room" | "room"): void {
    this.#isRoom = state === "room";
    this.#kept.post({ type: "room", isRoom: this.#isRoom });
  }

  /** Ends all events. Resolves when they have been told. */
  async stop(): Promise<void> {
    await this.#kept.stop();
    await this.#faults.stop();
  }

  /** All that a new Worker needs. */
  #tellAll(): void {
    const { root, rootIdentity } = this.#parts;
    this.#kept.post({ type: "start", root, rootIdentity, ffmpegPath: this.#ffmpegPath });
    if (!this.#isRoom) this.#kept.post({ type: "room", isRoom: false });
    for (const [cameraId, settings] of this.#plan) this.#watch(cameraId, settings);
  }

  #take(message: Exclude<FromVision, FromKeptWorker>): void {
    switch (message.type) {
      case "event":
        return this.#parts.onEvent(message.change);
      case "sight":
        return this.#parts.onSight?.(message.sight);
      case "status":
        this.#status = message.cameras;
        this.#missing = message.missing;
        this.#detectorRestarts = message.detectorRestarts;
        return this.#noteFaults();
      default:
        unreachable(message);
    }
  }

  /** For `lookback status`. */
  #noteFaults(): void {
    this.#faults.tell({
      picturesLost: this.#missing.lost,
      picturesLeftOut: this.#missing.leftOut,
      detectorRestarts: this.#detectorRestarts,
      workerFailures: this.failures,
    });
  }

  #watch(cameraId: string, settings: VisionSettings): void {
    this.#kept.post({ type: "camera", cameraId, settings }, [this.#newTap(cameraId)]);
  }

  /** The watcher's end of a new tap. */
  #newTap(cameraId: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#parts.connectTap(cameraId, port2);
    return port1;
  }
}
