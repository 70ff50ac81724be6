/**
 * The states that the broker keeps: of cameras, streams and parts of Lookback, their
 * settings, and how Home Assistant finds them. Tells each when it is news, and takes
 * back those of cameras that are gone.
 *
 * In:   plans, reports. Out: states on the line, settings in the queue, telemetry.
 * Not here: what happens (room.ts), what is said (src/mqtt).
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import type { MonotonicMs, UnixMs } from "../../base/units.ts";
import { clockState } from "../../host/clock_state.ts";
import { diskRoom } from "../../host/disk_room.ts";
import {
  configurationMessage,
  statusMessage,
  STOPPED,
  streamMessage,
  telemetryMessage,
} from "../../mqtt/camera_messages.ts";
import { healthMessage, type HealthOf, stoppedMessages } from "../../mqtt/health_messages.ts";
import { discoveryMessages } from "../../mqtt/home_assistant.ts";
import type { Link } from "../../mqtt/link.ts";
import type { Message } from "../../mqtt/message.ts";
import type { Outbox } from "../../mqtt/outbox.ts";
import { Presence, presenceMessage } from "../../mqtt/presence.ts";
import { StateNews } from "../../mqtt/state_news.ts";
import { type TopicRow, TOPICS, valuesIn } from "../../mqtt/topics.ts";
import type { WillKeepers } from "../../mqtt/will_keepers.ts";
import { cameraFacts, configFacts, healthFacts } from "./facts.ts";
import { Machine } from "./machine.ts";
import { KeptTopics } from "./kept_topics.ts";
import type { MqttCamera, MqttPlan, MqttReport } from "./messages.ts";
import type { StreamShapes } from "./streams.ts";
import type { HeardCamera, WebReport } from "../web/messages.ts";

const log = logger("mqtt");

/** How often numbers go out, in milliseconds. */
const TELEMETRY_MS = 10_000;

/** A report that is older than this says that the main thread hangs, in milliseconds. */
const FRESH_MS = 10_000;

const RETAINED: readonly TopicRow[] = Object.values(TOPICS).filter(({ retain }) => retain);

export interface StateParts {
  readonly root: string;
  readonly identity: string;
  readonly version: string;
  readonly clock: Clock;
  readonly plan: () => MqttPlan;
  readonly link: Link;
  readonly outbox: Outbox;
  readonly wills: WillKeepers | null;
  readonly shapes: StreamShapes;
  /** Each camera's whole entry in the settings, masked, by id; null where it can't be read. */
  readonly settingsOf: () => Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>> | null>;
}

export class MqttStates {
  readonly #parts: StateParts;
  readonly #news = new StateNews();
  readonly #presence = new Presence();
  readonly #machine = new Machine();
  /** Since when each camera is in its state. */
  readonly #since = new Map<string, { readonly state: string; readonly atMs: UnixMs }>();
  readonly #kept: KeptTopics;
  #newest: (MqttReport & { readonly atMs: MonotonicMs }) | undefined;
  readonly #reported = Promise.withResolvers<void>();
  #toldConfig = "";
  #hasEnded = false;
  #configuring: Promise<void> = Promise.resolve();

  constructor(parts: StateParts) {
    this.#parts = parts;
    const { plan, link, outbox } = parts;
    const { url, prefix } = plan().mqtt;
    this.#kept = new KeptTopics({ url, prefix, link, outbox });
  }

  /** The newest report; undefined before the first. */
  get report(): WebReport | undefined {
    return this.#newest?.report;
  }

  get presence(): Presence {
    return this.#presence;
  }

  /** There are these cameras now. */
  takePlan(): void {
    const { plan, wills, link } = this.#parts;
    const { cameras } = plan();
    wills?.keep(cameras.filter(({ enabled }) => enabled).map(({ id }) => id));
    const wanted = cameras.flatMap((camera) => this.#lastingMessages(camera));
    this.#kept.keep(wanted);
    for (const message of wanted) {
      if (this.#news.isNews(message.topic, textState(message), this.#parts.clock.monotonic())) {
        link.state(message);
      }
    }
    this.#takeBackOthers(wanted);
    this.#configuring = this.#configuring.then(() => this.#tellConfigurations());
    this.#tellCameras();
  }

  takeReport(newest: MqttReport): void {
    this.#newest = { ...newest, atMs: this.#parts.clock.monotonic() };
    this.#reported.resolve();
    this.#tellCameras();
  }

  /** Tells a camera's state again: somebody else has overwritten it. */
  sayAgain(cameraId: string): void {
    const facts = { cameraId, state: "offline", sinceMs: null, cause: null, detail: "" } as const;
    // Only its topic counts.
    const { topic } = statusMessage({ ...facts, fps: 0, bitsPerSecond: 0 }, this.#now());
    this.#parts.link.sayAgain(topic);
  }

  /**
   * Tells a state, and keeps in mind that the broker keeps it. What comes late is not told: an
   * event may outlive its camera, or that the camera is looked at.
   */
  state(message: Message): void {
    if (this.#hasEnded || !message.isBare && !this.#isOfNow(message.topic)) return;
    this.#kept.keep([message]);
    this.#parts.link.state(message);
  }

  /** Tells numbers and health until the end. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    signal.addEventListener("abort", () => this.#reported.resolve());
    await this.#reported.promise;
    while (!signal.aborted) {
      await this.tellHealth();
      await this.#tellTelemetry();
      await clock.sleep(TELEMETRY_MS, signal);
    }
    await this.#configuring;
  }

  /** There is a connection: what is only told while there is one is told now. */
  async connected(): Promise<void> {
    await this.tellHealth();
    await this.#tellTelemetry();
  }

  /** Tells how each part does, where that is news. Never throws: a disk may be gone. */
  async tellHealth(): Promise<void> {
    try {
      await this.#tellHealth();
    } catch (error) {
      log.warning("Cannot say how all does: {reason}", { reason: messageOf(error) });
    }
  }

  /** How each part does; of what is not known, nothing. */
  async health(): Promise<readonly HealthOf[]> {
    const { root, plan, clock } = this.#parts;
    if (this.#newest === undefined) return [];
    const { report, atMs } = this.#newest;
    return healthFacts({
      report,
      isFresh: clock.monotonic() - atMs < FRESH_MS,
      clockState: clockState(),
      disk: await diskRoom(root),
      keepFree: plan().keepFree,
      ownTrouble: this.#ownTrouble(),
    });
  }

  /** What is told at the end; nothing else is after it. */
  farewell(): readonly Message[] {
    this.#hasEnded = true;
    const atMs = this.#now();
    const { plan, shapes } = this.#parts;
    const cameras = plan().cameras.flatMap(({ id: cameraId }) => {
      const detail = "Lookback has ended";
      const facts = { cameraId, state: "offline", sinceMs: atMs, cause: STOPPED, detail } as const;
      const stream = { cameraId, isOnline: false, viewers: 0, ...shapes.shapeOf(cameraId) };
      return [
        statusMessage({ ...facts, fps: 0, bitsPerSecond: 0 }, atMs),
        streamMessage(stream, atMs),
      ];
    });
    const messages = [...cameras, ...stoppedMessages(atMs)];
    this.#kept.keep(messages);
    return messages;
  }

  /** Takes back all that the broker keeps; nothing is told any more. */
  leave(): readonly Message[] {
    this.#hasEnded = true;
    this.#kept.takeBackOthers(() => false);
    return [];
  }

  #now(): UnixMs {
    return this.#parts.clock.now();
  }

  /** What stays the same as long as the settings do. */
  #lastingMessages({ id: cameraId, name, vision }: MqttCamera): readonly Message[] {
    const { plan, identity, version } = this.#parts;
    const { mqtt: { homeAssistant, prefix, allowCommands } } = plan();
    if (!homeAssistant) return [];
    const place = { boxId: identity.slice(0, 8), version, prefix, allowsCommands: allowCommands };
    const classes = vision === null ? undefined : vision.classes;
    const seen = vision === null ? [] : [presenceMessage(this.#presence.of(cameraId), this.#now())];
    return [...discoveryMessages({ cameraId, name, classes }, place), ...seen];
  }

  /** What the broker keeps for cameras and entities that there are no more, or at another prefix. */
  #takeBackOthers(wanted: readonly Message[]): void {
    const { cameras } = this.#parts.plan();
    const own = new Set(wanted.filter(({ isBare }) => isBare).map(({ topic }) => topic));
    const gone = this.#kept.takeBackOthers(({ topic, isBare = false }) =>
      isBare ? own.has(topic) : this.#isOfNow(topic)
    );
    for (const { topic } of gone) this.#news.forget(topic);
    for (const id of this.#since.keys()) {
      if (cameras.some((camera) => camera.id === id)) continue;
      this.#since.delete(id);
      this.#presence.forget(id);
    }
  }

  /** Whether something is told at a topic, as the settings are. */
  #isOfNow(topic: string): boolean {
    const { cameras, mqtt: { homeAssistant } } = this.#parts.plan();
    const row = RETAINED.find((each) => valuesIn(each, topic) !== undefined);
    if (row === undefined) return false;
    if (row === TOPICS.health) return true;
    const camera = cameras.find(({ id }) => id === valuesIn(row, topic)?.id);
    if (camera === undefined) return false;
    const isSeen = row === TOPICS.presence || row === TOPICS.eventImage;
    return !isSeen || homeAssistant && camera.vision !== null;
  }

  #tellCameras(): void {
    if (this.#newest === undefined) return;
    const { report, viewers } = this.#newest;
    for (const camera of this.#parts.plan().cameras) {
      const heard = report.cameras.find(({ status }) => status.cameraId === camera.id);
      this.#tellStatus(camera, heard);
      this.#tellStream(camera, { heard, viewers: viewers[camera.id] ?? 0 });
    }
  }

  #tellStatus(camera: MqttCamera, heard: HeardCamera | undefined): void {
    const facts = cameraFacts(camera, heard);
    const { cameraId, state, cause, detail, fps, bitsPerSecond } = facts;
    const atMs = this.#now();
    const before = this.#since.get(cameraId);
    if (before?.state !== state) this.#since.set(cameraId, { state, atMs });
    const message = statusMessage({ ...facts, sinceMs: this.#since.get(cameraId)!.atMs }, atMs);
    // Seconds count in the words of a silence; they alone are no news.
    const text = [state, cause, detail.replaceAll(/\d+/g, "")].join("\n");
    this.#tell(message, { text, numbers: [fps, bitsPerSecond] });
  }

  #tellStream(
    { id: cameraId, enabled }: MqttCamera,
    { heard, viewers }: { readonly heard: HeardCamera | undefined; readonly viewers: number },
  ): void {
    const isOnline = enabled && heard?.status.state === "recording";
    const shape = this.#parts.shapes.shapeOf(cameraId);
    const message = streamMessage({ cameraId, isOnline, viewers, ...shape }, this.#now());
    const text = JSON.stringify({ isOnline, viewers, ...shape, keyEveryMs: null });
    this.#tell(message, { text, numbers: [shape.keyEveryMs ?? 0] });
  }

  #tell(message: Message, state: { readonly text: string; readonly numbers: readonly number[] }) {
    if (!this.#news.isNews(message.topic, state, this.#parts.clock.monotonic())) return;
    this.state(message);
  }

  async #tellConfigurations(): Promise<void> {
    const { plan, outbox, settingsOf } = this.#parts;
    const all = await settingsOf();
    if (this.#hasEnded) return;
    const facts = plan().cameras.map((camera) => configFacts(camera, all?.get(camera.id) ?? null));
    const text = JSON.stringify(facts);
    if (text === this.#toldConfig) return;
    this.#toldConfig = text;
    const fresh = facts.map((each) => configurationMessage(each, this.#now())).filter((message) => {
      const state = { text: message.payload.replace(/"timestamp":"[^"]*"/, ""), numbers: [] };
      return this.#news.isNews(message.topic, state, this.#parts.clock.monotonic());
    });
    this.#kept.keep(fresh);
    outbox.add(fresh);
  }

  async #tellHealth(): Promise<void> {
    for (const fact of await this.health()) {
      const message = healthMessage(fact, this.#now());
      const text = `${fact.state}\n${fact.detail.replaceAll(/\d+/g, "")}`;
      const nowMs = this.#parts.clock.monotonic();
      if (this.#news.isNews(message.topic, { text, numbers: [] }, nowMs)) {
        this.state(message);
      }
    }
  }

  async #tellTelemetry(): Promise<void> {
    const { link, clock } = this.#parts;
    if (!link.isUp || this.#newest === undefined) return;
    const machine = await this.#machine.look();
    for (const { status } of this.#newest.report.cameras) {
      link.offer(telemetryMessage(status, machine, clock.now()));
    }
  }

  /** What is wrong with the line itself, while it can be told. */
  #ownTrouble(): string | null {
    const { outbox, wills, link } = this.#parts;
    const { dropped, isInMemory } = outbox.counters;
    const { refused } = link.counters;
    const down = wills?.counters.down ?? 0;
    const troubles = [
      isInMemory ? "the queue is in memory: its disk takes nothing" : null,
      dropped > 0 ? `${dropped} messages were dropped: too many, or too old` : null,
      refused > 0 ? `the broker refused ${refused} messages` : null,
      link.isUp && down > 0 ? `${down} cameras have no last will` : null,
    ].filter((text) => text !== null);
    return troubles.length === 0 ? null : troubles.join("; ");
  }
}

function textState({ payload }: Message) {
  const text = typeof payload === "string" ? payload.replace(/"timestamp":"[^"]*"/, "") : "";
  return { text, numbers: [] };
}
