/**
 * The main thread's hold on the MQTT Worker: keeps it alive while the settings want it,
 * tells it what happens and how everything does, and reads the settings for it. Nothing
 * that goes wrong with it touches recording.
 *
 * In:   what cameras, writer, vision and alerts say. Out: messages to the Worker.
 * Not here: what the broker is told (room.ts).
 *
 * Design: docs/design/mqtt.md
 *
 * @module
 */

import type { Settings } from "../../../config.ts";
import type { Clock } from "../../base/clock.ts";
import { messageOf, unreachable } from "../../base/errors.ts";
import type { Alert } from "../../model/alert.ts";
import type { AlertSink, SinkCounters } from "../../model/alert_sink.ts";
import type { Sight } from "../../model/vision.ts";
import { PRIORITIES } from "../../model/vision_settings.ts";
import type { EventChange } from "../../vision/messages.ts";
import { type FromKeptWorker, KeptWorker } from "../kept_worker.ts";
import type {
  FromMqtt,
  MqttHappening,
  MqttHealth,
  MqttPlan,
  MqttReport,
  ToMqtt,
} from "./messages.ts";
import { PendingHappenings } from "./pending.ts";
import type { RecordingListeners } from "../recording_settings.ts";
import type { ReloadAnswer } from "../web/messages.ts";

/** How often the Worker hears how everything does, in milliseconds. */
const REPORT_MS = 1_000;

/** How long it may take to say goodbye, in milliseconds: its queue is on disk. */
const STOP_LIMIT_MS = 3_000;

/** What the settings say about MQTT; null where it is off. */
export function mqttPlan(settings: Settings): MqttPlan | null {
  const { mqtt, ffmpegPath, stills, retention: { keepFree }, cameras, configPath } = settings;
  if (mqtt === null) return null;
  return {
    mqtt,
    ffmpegPath,
    quality: stills.quality,
    keepFree,
    cameras: cameras.map(({ id, name, enabled, stillsEnabled, vision }) => ({
      ...{ id, name, enabled, stillsEnabled },
      vision: vision === null ? null : {
        sensitivity: vision.sensitivity,
        fps: vision.fps,
        classes: vision.classes,
      },
    })),
    configPath,
  };
}

export interface MqttHold extends RecordingListeners {
  readonly root: string;
  readonly identity: string;
  readonly clock: Clock;
  readonly report: () => MqttReport;
}

type Kept = KeptWorker<ToMqtt, FromMqtt>;

export class Mqtt {
  readonly #parts: MqttHold;
  readonly #pending = new PendingHappenings();
  #plan: MqttPlan | null = null;
  #kept: Kept | undefined;
  #health: MqttHealth | undefined;
  #sightsWanted = false;
  #telling = new AbortController();
  #told: Promise<void> = Promise.resolve();
  /** Resolves when the Worker before has gone: it holds the queue. */
  #leaving: Promise<void> = Promise.resolve();
  #isStopping = false;
  /** Settings are being read for somebody who waits for the answer. */
  #isAnswering = false;
  /** They were changed meanwhile, so that another start is needed. */
  #isChanged = false;

  constructor(parts: MqttHold) {
    this.#parts = parts;
  }

  /** A way out for alerts. */
  get sink(): AlertSink {
    return new MqttSink((alert) => this.#say({ type: "alert", alert }), () => this.#counters());
  }

  /** Takes the settings. What needs another start gets one; the queue stays. */
  reload(plan: MqttPlan | null): void {
    if (this.#isStopping) return;
    const before = this.#plan;
    this.#plan = plan;
    if (plan !== null && before !== null && startOf(plan) === startOf(before)) {
      return this.#kept?.post({ type: "plan", plan });
    }
    if (this.#isAnswering) this.#isChanged = true;
    else this.#startAnew();
  }

  /** Something was seen. */
  event(change: EventChange): void {
    this.#say({ type: "event", change });
  }

  /** What was seen in a picture: only while it can be sent. */
  sight(sight: Sight): void {
    if (this.#sightsWanted) this.#kept?.post({ type: "sight", sight });
  }

  /** Ends it; what waits on disk goes out after the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#end();
    await this.#leaving;
  }

  #counters(): SinkCounters {
    const { sent = 0, waiting = 0, dropped = 0, fault = null } = this.#health ?? {};
    const lost = this.#pending.lost;
    if (this.#plan === null) return { delivered: sent, waiting, dropped, fault: null };
    return {
      delivered: sent,
      waiting: waiting + this.#pending.all.length,
      dropped: dropped + lost,
      fault,
    };
  }

  #say(happening: MqttHappening): void {
    if (this.#plan === null || this.#isStopping) return;
    const pending = this.#pending.add(happening);
    this.#kept?.post({ type: "happening", ...pending });
  }

  #startAnew(): void {
    this.#end();
    if (this.#plan !== null) this.#leaving = this.#leaving.then(() => this.#begin());
  }

  #begin(): void {
    if (this.#isStopping || this.#plan === null || this.#kept !== undefined) return;
    const { clock, onLog } = this.#parts;
    const kept: Kept = new KeptWorker({
      room: "mqtt",
      startWorker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
      onStart: () => this.#tellAll(kept),
      onMessage: (message) => this.#take(message, kept),
      onLog,
      onGone: () => this.#sightsWanted = false,
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
    const before = this.#leaving;
    this.#leaving = Promise.all([before, this.#told, kept.stop()]).then(() => {});
  }

  /** All that a new Worker needs. */
  #tellAll(kept: Kept): void {
    const { root, identity, version = "" } = this.#parts;
    if (this.#plan === null) return;
    kept.post({ type: "start", root, identity, version, plan: this.#plan });
    for (const pending of this.#pending.all) kept.post({ type: "happening", ...pending });
    this.#report(kept);
  }

  async #tell(kept: Kept, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(REPORT_MS, signal);
      if (!signal.aborted && kept.isUp) this.#report(kept);
    }
  }

  #report(kept: Kept): void {
    kept.post({ type: "report", ...this.#parts.report() });
  }

  #take(message: Exclude<FromMqtt, FromKeptWorker>, kept: Kept): void {
    switch (message.type) {
      case "kept":
        return this.#pending.kept(message.number);
      case "sights-wanted":
        this.#sightsWanted = message.isWanted;
        return;
      case "health":
        this.#health = message.health;
        return;
      case "reload":
        this.#answerReload(message.id, kept);
        return;
      default:
        unreachable(message);
    }
  }

  async #answerReload(id: number, kept: Kept): Promise<void> {
    const { readSettings = refuseReload } = this.#parts;
    this.#isAnswering = true;
    const answer = await readSettings().catch((error) => ({ ok: false, text: messageOf(error) }));
    // Before a "stop": the Worker puts its answer into the queue first.
    kept.post({ type: "reloaded", id, answer });
    this.#isAnswering = false;
    if (this.#isChanged && !this.#isStopping) this.#startAnew();
    this.#isChanged = false;
  }
}

function refuseReload(): Promise<ReloadAnswer> {
  return Promise.resolve({ ok: false, text: "settings can't be read again here" });
}

/** What of a plan a running Worker can't take over. */
function startOf({ mqtt, configPath, ffmpegPath }: MqttPlan): string {
  return JSON.stringify({ mqtt, configPath, ffmpegPath });
}

/** Alerts on their way to the broker. */
class MqttSink implements AlertSink {
  readonly name = "mqtt";
  readonly priorities = PRIORITIES;
  readonly #tell: (alert: Alert) => void;
  readonly #read: () => SinkCounters;

  constructor(tell: (alert: Alert) => void, read: () => SinkCounters) {
    this.#tell = tell;
    this.#read = read;
  }

  get counters(): SinkCounters {
    return this.#read();
  }

  send(alert: Alert): void {
    this.#tell(alert);
  }

  async stop(): Promise<void> {}
}
