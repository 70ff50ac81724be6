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
import { messageOf, unreachable } from "../../base/errors.ts";
import { logger, type LogRecordMessage } from "../../base/log.ts";
import { type MonotonicMs, monotonicMs, type UnixMs } from "../../base/units.ts";
import type { Sight } from "../../model/vision.ts";
import type { EventChange } from "../../vision/messages.ts";
import { type FromKeptWorker, KeptWorker } from "../kept_worker.ts";
import { LogTail } from "./log_tail.ts";
import type { RecordingListeners } from "../recording_settings.ts";
import type { FromWeb, ReloadAnswer, ToWeb, WebHappening, WebPlan, WebReport } from "./messages.ts";
import type { AlertNews } from "./report.ts";

const log = logger("web");

/** How often the Worker hears how everything does, in milliseconds. */
const REPORT_MS = 1_000;

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

type Kept = KeptWorker<ToWeb, FromWeb>;

export class Web {
  readonly #parts: WebHold;
  readonly #logs = new LogTail();
  #plan: WebPlan | null = null;
  #kept: Kept | undefined;
  /** Of Workers that were stopped for other settings. */
  #failuresBefore = 0;
  #sightsWanted = false;
  #viewers: Readonly<Record<string, number>> = {};
  /** When the Worker must have answered next. */
  #answerBy: MonotonicMs = monotonicMs(0);
  #telling = new AbortController();
  #told: Promise<void> = Promise.resolve();
  /** Resolves when the Worker before has gone: it holds the port. */
  #leaving: Promise<void> = Promise.resolve();
  #isStopping = false;
  /** Settings are being read for somebody on the page. */
  #isAnswering = false;
  /** They were changed meanwhile, so that another start is needed. */
  #isChanged = false;

  constructor(parts: WebHold) {
    this.#parts = parts;
  }

  /** How often the Worker failed. */
  get failures(): number {
    return this.#failuresBefore + (this.#kept?.failures ?? 0);
  }

  /** How many watch each camera live. */
  get viewers(): Readonly<Record<string, number>> {
    return this.#viewers;
  }

  /** Takes the settings. What needs another start gets one; viewers then come again by themselves. */
  reload(plan: WebPlan | null): void {
    if (this.#isStopping) return;
    const before = this.#plan;
    this.#plan = plan;
    if (plan !== null && before !== null && startOf(plan) === startOf(before)) {
      return this.#kept?.post({ type: "plan", plan });
    }
    if (this.#isAnswering) this.#isChanged = true;
    else this.#startAnew();
  }

  /** A camera's Worker was started (again): connects it. */
  tap(cameraId: string): void {
    if (!this.#kept?.isUp) return;
    const { port1, port2 } = new MessageChannel();
    this.#parts.connectTap(cameraId, port2);
    this.#kept.post({ type: "tap", cameraId }, [port1]);
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
    this.#isStopping = true;
    this.#end();
    await this.#leaving;
  }

  #startAnew(): void {
    this.#end();
    if (this.#plan !== null) this.#leaving = this.#leaving.then(() => this.#begin());
  }

  #begin(): void {
    if (this.#isStopping || this.#plan === null || this.#kept !== undefined) return;
    const { clock, onLog } = this.#parts;
    const kept: Kept = new KeptWorker({
      room: "web",
      startWorker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
      onStart: () => this.#tellAll(kept),
      onMessage: (message) => this.#take(message, kept),
      onLog,
      onGone: () => {
        this.#sightsWanted = false;
        this.#viewers = {};
      },
      stopLimitMs: STOP_LIMIT_MS,
      clock,
    });
    this.#kept = kept;
    this.#telling = new AbortController();
    kept.start();
    this.#told = this.#tell(kept, this.#telling.signal);
  }

  #end(): void {
    const kept = this.#kept;
    if (kept === undefined) return;
    this.#kept = undefined;
    this.#telling.abort();
    this.#failuresBefore += kept.failures;
    const before = this.#leaving;
    this.#leaving = Promise.all([before, this.#told, kept.stop()]).then(() => {});
  }

  /** All that a new Worker needs. */
  #tellAll(kept: Kept): void {
    const { root, identity, version = "", startedMs, cameraIds } = this.#parts;
    if (this.#plan === null) return;
    this.#expectAnswer(START_LIMIT_MS);
    kept.post({ type: "start", root, identity, version, startedMs, plan: this.#plan });
    for (const cameraId of cameraIds()) this.tap(cameraId);
    this.#logs.rewind();
    this.#report(kept);
  }

  async #tell(kept: Kept, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(REPORT_MS, signal);
      if (signal.aborted || !kept.isUp) continue;
      if (this.#parts.clock.monotonic() <= this.#answerBy) this.#report(kept);
      else kept.giveUp("it does not answer");
    }
  }

  #report(kept: Kept): void {
    kept.post({ type: "report", report: this.#parts.report(this.failures) });
    const { records, lost } = this.#logs.takeNew();
    if (records.length > 0 || lost > 0) kept.post({ type: "logs", records, lost });
  }

  #take(message: Exclude<FromWeb, FromKeptWorker>, kept: Kept): void {
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
      case "reload":
        this.#answerReload(message.id, kept);
        return;
      default:
        unreachable(message);
    }
  }

  async #answerReload(id: number, kept: Kept): Promise<void> {
    const { readSettings = refuseReload, clock } = this.#parts;
    this.#isAnswering = true;
    const answer = await readSettings().catch((error) => ({ ok: false, text: messageOf(error) }));
    kept.post({ type: "reloaded", id, answer });
    // Who changed the settings hears what came of it from the server that is to end.
    await clock.sleep(FAREWELL_MS, this.#telling.signal);
    this.#isAnswering = false;
    if (this.#isChanged && !this.#isStopping) this.#startAnew();
    this.#isChanged = false;
  }

  #expectAnswer(withinMs: number): void {
    this.#answerBy = monotonicMs(this.#parts.clock.monotonic() + withinMs);
  }

  #say(happening: WebHappening): void {
    this.#kept?.post({ type: "happening", happening });
  }
}

function refuseReload(): Promise<ReloadAnswer> {
  return Promise.resolve({ ok: false, text: "settings can't be read again here" });
}

/** What of a plan a running server can't take over. */
function startOf({ web, ffmpegPath, configPath }: WebPlan): string {
  return JSON.stringify({ web, ffmpegPath, configPath });
}
