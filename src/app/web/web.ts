/**
 * The main thread's hold on the web Worker: keeps it alive while the settings want
 * it, connects it with the cameras' Workers, tells it the news and answers its few
 * calls. Nothing that goes wrong with it touches recording.
 *
 * In:   what cameras, writer, vision and alerts say. Out: messages to the Worker.
 * Not here: what is served (worker.ts).
 *
 * @module
 */

import type { Settings } from "../../../config.ts";
import type { Clock } from "../../base/clock.ts";
import { unreachable } from "../../base/errors.ts";
import { logger, type LogRecordMessage } from "../../base/log.ts";
import { type MonotonicMs, monotonicMs, type UnixMs } from "../../base/units.ts";
import type { Sight } from "../../model/vision.ts";
import type { EventChange } from "../../vision/messages.ts";
import { type FromPlannedWorker, PlannedWorker } from "../planned_worker.ts";
import { LogTail } from "./log_tail.ts";
import type { RecordingListeners } from "../recording_settings.ts";
import type { FromWeb, ToWeb, WebHappening, WebPlan, WebReport } from "./messages.ts";
import type { AlertNews } from "./report.ts";

const log = logger("web");

/**
 * A Worker that has not answered a report for so long hangs, in milliseconds; long
 * beside the slowest question to the index, and a new one has to load first.
 */
const HUNG_MS = 30_000;
const START_LIMIT_MS = 120_000;

/** How long it may take to stop, in milliseconds: nobody waits for the page when recording ends. */
const STOP_LIMIT_MS = 1_000;

/** How long a server that gets other settings lives on to say so, in milliseconds. */
const FAREWELL_MS = 500;

/** What the settings say about the web server; null where it is off. */
export function webPlan(settings: Settings): WebPlan | null {
  const { web, ffmpegPath, stills, exportConcurrent, retention, cameras, configPath } = settings;
  if (web === null) return null;
  return {
    web,
    ffmpegPath,
    quality: stills.quality,
    exportConcurrent,
    retention,
    cameras: cameras.map(({ id, name, enabled, geoLocation, retention }) => ({
      ...{ id, name, enabled, geoLocation, retention },
    })),
    configPath,
  };
}

export interface WebHold extends RecordingListeners {
  readonly root: string;
  readonly identity: string;
  readonly startedMs: UnixMs;
  readonly clock: Clock;
  /** Cameras that are recorded. */
  readonly cameraIds: () => readonly string[];
  /** Hands one end of a tap to a camera's Worker; nothing happens where it is not up. */
  readonly connectTap: (cameraId: string, tap: MessagePort) => void;
  /** How everything does; `failures` of the web Worker itself are handed in. */
  readonly report: (webFailures: number) => WebReport;
}

export class Web {
  readonly #parts: WebHold;
  readonly #logs = new LogTail();
  readonly #worker: PlannedWorker<WebPlan, ToWeb, FromWeb>;
  #sightsWanted = false;
  #viewers: Readonly<Record<string, number>> = {};
  /** When the Worker must have answered next. */
  #answerBy: MonotonicMs = monotonicMs(0);

  constructor(parts: WebHold) {
    this.#parts = parts;
    this.#worker = new PlannedWorker({
      room: "web",
      startWorker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
      startOf,
      onStart: (plan) => this.#tellAll(plan),
      onMessage: (message) => this.#take(message),
      onLog: parts.onLog,
      onGone: () => {
        this.#sightsWanted = false;
        this.#viewers = {};
      },
      report: () => this.#reportOrGiveUp(),
      readSettings: parts.readSettings,
      stopLimitMs: STOP_LIMIT_MS,
      farewellMs: FAREWELL_MS,
      clock: parts.clock,
    });
  }

  /** How often the Worker failed. */
  get failures(): number {
    return this.#worker.failures;
  }

  /** How many watch each camera live. */
  get viewers(): Readonly<Record<string, number>> {
    return this.#viewers;
  }

  /** Takes the settings. What needs another start gets one; viewers then come again by themselves. */
  reload(plan: WebPlan | null): void {
    this.#worker.reload(plan);
  }

  /** A camera's Worker was started (again): connects it. */
  tap(cameraId: string): void {
    if (!this.#worker.isUp) return;
    const { port1, port2 } = new MessageChannel();
    this.#parts.connectTap(cameraId, port2);
    this.#worker.post({ type: "tap", cameraId }, [port1]);
  }

  /** Something was seen. */
  event(change: EventChange): void {
    this.#say({ type: "event", change });
  }

  /** What was seen in a picture: only while somebody wants to know. */
  sight(sight: Sight): void {
    if (this.#sightsWanted) this.#say({ type: "sight", sight });
  }

  alert(alert: AlertNews): void {
    this.#say({ type: "alert", ...alert });
  }

  /** A line of the log, whether the server is on or not: it may be on later. */
  log(record: LogRecordMessage): void {
    this.#logs.add(record);
  }

  /** Ends the server; what it has not finished within a second is given up. */
  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  /** All that a new Worker needs. */
  #tellAll(plan: WebPlan): void {
    const { root, identity, version = "", startedMs, cameraIds } = this.#parts;
    this.#expectAnswer(START_LIMIT_MS);
    this.#worker.post({ type: "start", root, identity, version, startedMs, plan });
    for (const cameraId of cameraIds()) this.tap(cameraId);
    this.#logs.rewind();
    this.#report();
  }

  #reportOrGiveUp(): void {
    if (this.#parts.clock.monotonic() <= this.#answerBy) this.#report();
    else this.#worker.giveUp("it does not answer");
  }

  #report(): void {
    this.#worker.post({ type: "report", report: this.#parts.report(this.failures) });
    const { records, lost } = this.#logs.takeNew();
    if (records.length > 0 || lost > 0) this.#worker.post({ type: "logs", records, lost });
  }

  #take(message: Exclude<FromWeb, FromPlannedWorker>): void {
    switch (message.type) {
      case "listening":
        log.info("The page is at {url}", { url: message.url });
        return this.#parts.onListening?.(message.url);
      case "alive":
        return this.#expectAnswer(HUNG_MS);
      case "sights-wanted":
        this.#sightsWanted = message.isWanted;
        return;
      case "viewers":
        this.#viewers = message.viewers;
        return;
      default:
        unreachable(message);
    }
  }

  #expectAnswer(withinMs: number): void {
    this.#answerBy = monotonicMs(this.#parts.clock.monotonic() + withinMs);
  }

  #say(happening: WebHappening): void {
    this.#worker.post({ type: "happening", happening });
  }
}

/** What of a plan a running server can't take over. */
function startOf({ web, ffmpegPath, configPath }: WebPlan): string {
  return JSON.stringify({ web, ffmpegPath, configPath });
}
