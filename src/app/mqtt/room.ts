/**
 * Everything that the MQTT Worker has: the line to the broker, its queue, the states,
 * and what is done with what comes in. Made from what the main thread tells, ended in
 * order.
 *
 * In:   the start, plans, reports, happenings. Out: MQTT; calls to the main thread.
 * Not here: messages (worker.ts).
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { BoundedQueue } from "../../base/queue.ts";
import { unixMs } from "../../base/units.ts";
import type { Sight, VisionEvent } from "../../model/vision.ts";
import { resultsMessage } from "../../mqtt/camera_messages.ts";
import {
  alertMessages,
  commandResultMessage,
  configurationResultMessage,
  eventMessage,
  type EventPhase,
} from "../../mqtt/event_messages.ts";
import { EventPace } from "../../mqtt/event_pace.ts";
import { boxWill } from "../../mqtt/health_messages.ts";
import { Link } from "../../mqtt/link.ts";
import type { QueuedMessage } from "../../mqtt/message.ts";
import { Outbox } from "../../mqtt/outbox.ts";
import { eventImageMessage, presenceMessage } from "../../mqtt/presence.ts";
import {
  type Asked,
  type ReceivedMessage,
  type Refused,
  routed,
  SUBSCRIPTIONS,
} from "../../mqtt/routing.ts";
import { WillKeepers } from "../../mqtt/will_keepers.ts";
import { Outbox as OutboxFile } from "../../store/outbox.ts";
import { AnswerPace } from "./answer_pace.ts";
import { MqttCommands } from "./commands.ts";
import { setCamera } from "./config_set.ts";
import { camerasInFull } from "./config_values.ts";
import type { FromMqtt, MqttHappening, MqttPlan, MqttReport, MqttStart } from "./messages.ts";
import { MqttStates } from "./states.ts";
import { StreamShapes } from "./streams.ts";
import { WebArchive } from "../web/archive.ts";
import { WebConfig } from "../web/config.ts";
import { KeptIndex } from "../web/kept_index.ts";
import type { ReloadAnswer } from "../reload_calls.ts";

const log = logger("mqtt");

/** A picture of an event is a few hundred kilobytes; larger ones are not sent, in bytes. */
const LARGEST_PICTURE = 2_000_000;

/** Changes of settings that may wait for the one that is being made. */
const MOST_CHANGES = 20;

/** How long what was asked may take to end, in milliseconds. */
const STOP_MS = 1_000;

/** What the room asks of the main thread. */
export interface MqttRoomCalls {
  readonly clock: Clock;
  readonly post: (message: FromMqtt) => void;
  readonly reload: () => Promise<ReloadAnswer>;
}

type AskedChange = Extract<Asked, { readonly kind: "set" }>;

const PHASES = { begun: "start", updated: "update", ended: "end" } as const;

export class MqttRoom {
  readonly #start: MqttStart;
  readonly #calls: MqttRoomCalls;
  readonly #outbox: Outbox;
  readonly #link: Link;
  readonly #wills: WillKeepers | null;
  readonly #states: MqttStates;
  readonly #archive: WebArchive;
  readonly #index: KeptIndex;
  readonly #config: WebConfig;
  readonly #commands: MqttCommands;
  readonly #pace = new EventPace();
  readonly #answers: AnswerPace;
  readonly #ending = new AbortController();
  readonly #telling: Promise<void>;
  /** Changes of settings that wait: one is made after the other, of more they are refused. */
  readonly #changes = new BoundedQueue<AskedChange>({ maxWeight: MOST_CHANGES });
  readonly #setting: Promise<void>;
  #plan: MqttPlan;
  #isLeaving = false;
  /** The picture of an event that was told last, by camera. */
  readonly #pictured = new Map<string, string>();
  #unknown = 0;

  private constructor(start: MqttStart, calls: MqttRoomCalls) {
    const { root, plan } = start;
    const { clock } = calls;
    this.#start = start;
    this.#calls = calls;
    this.#plan = plan;
    this.#answers = new AnswerPace(clock);
    this.#outbox = openOutbox(root, {
      limits: plan.mqtt.queue,
      clock,
      onReady: () => this.#link?.pump(),
    });
    this.#link = this.#openLink();
    this.#wills = this.#openWills();
    this.#index = new KeptIndex(root, clock);
    this.#archive = new WebArchive({ root, clock, settings: () => archiveSettings(this.#plan) });
    this.#config = new WebConfig({ root, path: plan.configPath, reload: calls.reload });
    this.#states = this.#makeStates();
    this.#commands = this.#makeCommands();
    this.#states.takePlan();
    this.#telling = this.#states.run(this.#ending.signal);
    this.#setting = this.#setAll();
  }

  /** Opens the queue and begins to connect. A broker that is away is no reason to wait. */
  static open(start: MqttStart, calls: MqttRoomCalls): MqttRoom {
    return new MqttRoom(start, calls);
  }

  takePlan(plan: MqttPlan): void {
    this.#plan = plan;
    this.#states.takePlan();
  }

  /** What the broker keeps is taken back at the end: another one is spoken with from then on. */
  leave(): void {
    this.#isLeaving = true;
  }

  takeReport(report: MqttReport): void {
    this.#states.takeReport(report);
    this.#tellHealth();
  }

  /** Takes what must arrive, and says when it is on disk. */
  takeHappening(number: number, happening: MqttHappening): void {
    const messages = this.#messagesOf(happening);
    this.#outbox.add(messages, () => this.#calls.post({ type: "kept", number }));
  }

  takeSight(sight: Sight): void {
    this.#link.offer(resultsMessage(sight));
  }

  /** Says goodbye. What is in the queue goes out after the next start. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#changes.close();
    const limit = new AbortController();
    const ended = Promise.all([this.#commands.stop(), this.#setting, this.#telling]);
    await Promise.race([ended, this.#calls.clock.sleep(STOP_MS, limit.signal)]);
    limit.abort();
    this.#outbox.commit();
    const farewell = this.#isLeaving ? this.#states.leave() : this.#states.farewell();
    await Promise.all([this.#link.stop(farewell), this.#wills?.stop()]);
    this.#outbox.close();
    this.#archive[Symbol.dispose]();
    this.#index[Symbol.dispose]();
  }

  #openLink(): Link {
    const { clock } = this.#calls;
    return new Link({
      settings: this.#start.plan.mqtt,
      clientId: clientIdOf(this.#start),
      outbox: this.#outbox,
      clock,
      will: () => boxWill(clock.now()),
      subscriptions: SUBSCRIPTIONS,
      onMessage: (message) => this.#heard(message),
      onUp: () => this.#turned(true),
      onDown: () => this.#turned(false),
    });
  }

  #openWills(): WillKeepers | null {
    const { mqtt: settings } = this.#start.plan;
    if (!settings.cameraWills) return null;
    return new WillKeepers({
      settings,
      clientId: clientIdOf(this.#start),
      clock: this.#calls.clock,
      onUp: (cameraId) => this.#states?.sayAgain(cameraId),
    });
  }

  #makeStates(): MqttStates {
    const { root, identity, version } = this.#start;
    const { clock } = this.#calls;
    return new MqttStates({
      ...{ root, identity, version, clock, plan: () => this.#plan },
      ...{ link: this.#link, outbox: this.#outbox, wills: this.#wills },
      shapes: new StreamShapes(this.#index, clock),
      settingsOf: () => camerasInFull(this.#config),
    });
  }

  #makeCommands(): MqttCommands {
    const { root, version } = this.#start;
    const { clock, reload } = this.#calls;
    return new MqttCommands({
      ...{ root, clock, version, plan: () => this.#plan, reload },
      ...{ archive: this.#archive, index: this.#index },
      report: () => this.#states.report,
      health: () => this.#states.health(),
      deliver: (message) => this.#link.deliver(message),
      answer: (result) => this.#queue([commandResultMessage(result, clock.now())]),
    });
  }

  #queue(messages: readonly QueuedMessage[]): void {
    this.#outbox.add(messages);
  }

  #messagesOf(happening: MqttHappening): readonly QueuedMessage[] {
    if (happening.type === "alert") return alertMessages(happening.alert);
    const { change, event } = happening.change;
    const phase = PHASES[change];
    this.#see(phase, event);
    const { clock } = this.#calls;
    if (!this.#pace.passes(event.eventId, phase, clock.monotonic())) return [];
    return [eventMessage(phase, event, clock.now())];
  }

  /** For those who want a state: what is seen now, and the picture of what was seen last. */
  #see(phase: EventPhase, event: VisionEvent): void {
    if (!this.#plan.mqtt.homeAssistant) return;
    const facts = this.#states.presence.take(phase, event);
    if (facts !== undefined) {
      this.#states.state(presenceMessage(facts, this.#calls.clock.now()));
    }
    const { cameraId, best: { wholePath } } = event;
    if (wholePath === null) return;
    // What goes on may go on for long: its first picture is shown, and at the end its best one.
    if (phase !== "end" && this.#pictured.get(cameraId) === wholePath) return;
    this.#pictured.set(cameraId, wholePath);
    this.#tellPicture(cameraId, wholePath);
  }

  async #tellPicture(cameraId: string, path: string): Promise<void> {
    try {
      const jpeg = await Deno.readFile(join(this.#start.root, path));
      if (jpeg.length <= LARGEST_PICTURE) this.#states.state(eventImageMessage(cameraId, jpeg));
    } catch (error) {
      log.warning("Cannot read the picture of an event: {reason}", { reason: messageOf(error) });
    }
  }

  /** Whether there is a connection has changed. */
  #turned(isUp: boolean): void {
    const isWanted = isUp && this.#plan.mqtt.results;
    this.#calls.post({ type: "sights-wanted", isWanted });
    this.#tellHealth();
    if (isUp) this.#states.connected();
  }

  #tellHealth(): void {
    const { sent, refused } = this.#link.counters;
    const { waiting, dropped } = this.#outbox.counters;
    const { fault } = this.#link;
    const health = { fault, sent, waiting, dropped: dropped + refused };
    this.#calls.post({ type: "health", health });
  }

  #heard(message: ReceivedMessage): void {
    const asked = routed(message, { isAllowed: this.#plan.mqtt.allowCommands });
    switch (asked.kind) {
      case "command":
        log.info("Asked for: {command}", { command: asked.command.command });
        return this.#commands.take(asked.command);
      case "set":
        return this.#takeChange(asked);
      case "refused":
        return this.#refuse(asked);
      case "unknown":
        this.#unknown += 1;
        log.debug("Message that nobody knows, {count} by now", { count: this.#unknown });
    }
  }

  #takeChange(asked: AskedChange): void {
    if (this.#changes.offer(asked)) return;
    const { cameraId, changes } = asked;
    this.#refuse({
      ...{ kind: "refused", to: { cameraId }, command: null, code: "busy" },
      correlationId: changes.correlation_id ?? null,
      text: `${MOST_CHANGES} changes of settings wait already`,
    });
  }

  async #setAll(): Promise<void> {
    for (let next; (next = await this.#changes.take()) !== undefined;) await this.#set(next);
  }

  async #set(asked: AskedChange): Promise<void> {
    const { cameraId, changes } = asked;
    log.info("Asked to change the settings of {camera}", { camera: cameraId });
    const outcome = await setCamera({ plan: () => this.#plan, config: this.#config }, asked);
    const { ok } = outcome;
    this.#queue([configurationResultMessage({
      cameraId,
      correlationId: changes.correlation_id ?? null,
      ok,
      applied: ok ? outcome.applied : null,
      text: ok ? outcome.text : null,
      error: ok ? null : { code: outcome.code, text: outcome.text },
    }, this.#calls.clock.now())]);
  }

  /** Says why something is not done; a flood of what is not done gets no flood of answers. */
  #refuse({ to, correlationId, command, code, text }: Refused): void {
    log.warning("Refused what came in: {text}", { text });
    if (!this.#answers.mayAnswer()) return;
    const atMs = unixMs(this.#calls.clock.now());
    const error = { code, text };
    if (to === "command") {
      const result = { cameraId: null, correlationId, command, result: null };
      return this.#queue([commandResultMessage({ ...result, state: "refused", error }, atMs)]);
    }
    const { cameraId } = to;
    const said = { cameraId, correlationId, ok: false, applied: null, text: null, error };
    this.#queue([configurationResultMessage(said, atMs)]);
  }
}

/** The queue on disk; where that can't be opened, one in memory. */
function openOutbox(
  root: string,
  parts: Omit<ConstructorParameters<typeof Outbox>[0], "store" | "openSpare">,
): Outbox {
  const openSpare = () => OutboxFile.inMemory();
  try {
    return new Outbox({ ...parts, store: OutboxFile.open(root), openSpare });
  } catch (error) {
    log.error("Messages that wait are not on disk, and would not survive a restart: {reason}", {
      reason: messageOf(error),
    });
    return new Outbox({ ...parts, store: openSpare(), openSpare });
  }
}

function clientIdOf({ identity, plan }: MqttStart): string {
  return plan.mqtt.clientId ?? `lookback-${identity.slice(0, 12)}`;
}

function archiveSettings({ cameras, ffmpegPath, quality }: MqttPlan) {
  const all = cameras.map(({ id, name, enabled }) => ({ id, name, enabled, geoLocation: null }));
  return { cameras: all, ffmpegPath, quality };
}
