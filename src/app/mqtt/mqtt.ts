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
import { unreachable } from "../../base/errors.ts";
import type { Alert } from "../../model/alert.ts";
import type { AlertSink, SinkCounters } from "../../model/alert_sink.ts";
import type { Sight } from "../../model/vision.ts";
import { PRIORITIES } from "../../model/vision_settings.ts";
import type { EventChange } from "../../vision/messages.ts";
import { type FromPlannedWorker, PlannedWorker } from "../planned_worker.ts";
import type {
  FromMqtt,
  MqttHappening,
  MqttHealth,
  MqttPlan,
  MqttReport,
  ToMqtt,
} from "./messages.ts";
import { brokerOf } from "./kept_topics.ts";
import { PendingHappenings } from "./pending.ts";
import type { RecordingListeners } from "../recording_settings.ts";

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
        // What only looks for movement knows no things.
        classes: vision.detector.kind === "motion" ? [] : vision.classes,
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

export class Mqtt {
  readonly #parts: MqttHold;
  readonly #pending = new PendingHappenings();
  readonly #worker: PlannedWorker<MqttPlan, ToMqtt, FromMqtt>;
  #health: MqttHealth | undefined;
  #sightsWanted = false;

  constructor(parts: MqttHold) {
    this.#parts = parts;
    this.#worker = new PlannedWorker({
      room: "mqtt",
      startWorker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
      startOf,
      onStart: (plan) => this.#tellAll(plan),
      onReplaced: (before, plan) => this.#leave(before, plan),
      onMessage: (message) => this.#take(message),
      onLog: parts.onLog,
      onGone: () => this.#sightsWanted = false,
      report: () => this.#report(),
      readSettings: parts.readSettings,
      stopLimitMs: STOP_LIMIT_MS,
      // The Worker puts its answer into the queue before it ends.
      farewellMs: 0,
      clock: parts.clock,
    });
  }

  /** A way out for alerts. */
  get sink(): AlertSink {
    return new MqttSink((alert) => this.#say({ type: "alert", alert }), () => this.#counters());
  }

  /** Takes the settings. What needs another start gets one; the queue stays. */
  reload(plan: MqttPlan | null): void {
    this.#worker.reload(plan);
  }

  /** Something was seen. */
  event(change: EventChange): void {
    this.#say({ type: "event", change });
  }

  /** What was seen in a picture: only while it can be sent. */
  sight(sight: Sight): void {
    if (this.#sightsWanted) this.#worker.post({ type: "sight", sight });
  }

  /** Ends it; what waits on disk goes out after the next start. */
  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  #counters(): SinkCounters {
    const { sent = 0, waiting = 0, dropped = 0, fault = null } = this.#health ?? {};
    const lost = this.#pending.lost;
    if (this.#worker.plan === null) return { delivered: sent, waiting, dropped, fault: null };
    return {
      delivered: sent,
      waiting: waiting + this.#pending.all.length,
      dropped: dropped + lost,
      fault,
    };
  }

  #say(happening: MqttHappening): void {
    if (this.#worker.plan === null || this.#worker.isStopping) return;
    const pending = this.#pending.add(happening);
    this.#worker.post({ type: "happening", ...pending });
  }

  /** The broker is to keep nothing of ours when another one is spoken with from now on. */
  #leave(before: MqttPlan | null, plan: MqttPlan | null): void {
    if (plan === null || before === null) return;
    if (brokerOf(plan.mqtt.url) !== brokerOf(before.mqtt.url)) this.#worker.post({ type: "leave" });
  }

  /** All that a new Worker needs. */
  #tellAll(plan: MqttPlan): void {
    const { root, identity, version = "" } = this.#parts;
    this.#worker.post({ type: "start", root, identity, version, plan });
    for (const pending of this.#pending.all) this.#worker.post({ type: "happening", ...pending });
    this.#report();
  }

  #report(): void {
    this.#worker.post({ type: "report", ...this.#parts.report() });
  }

  #take(message: Exclude<FromMqtt, FromPlannedWorker>): void {
    switch (message.type) {
      case "kept":
        return this.#pending.kept(message.number);
      case "sights-wanted":
        this.#sightsWanted = message.isWanted;
        return;
      case "health":
        this.#health = message.health;
        return;
      default:
        unreachable(message);
    }
  }
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
