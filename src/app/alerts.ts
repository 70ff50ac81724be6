/**
 * Alerts as a whole: takes what is seen and what cameras go through, has the rules
 * decide, and hands alerts to all ways out. Nothing that goes wrong with any of it
 * touches recording.
 *
 * @module
 */

import type { Settings } from "../../config.ts";
import { CommandSink } from "../alert/command.ts";
import { USUAL_LIMITS } from "../alert/delivery_line.ts";
import { LogSink } from "../alert/log_sink.ts";
import { Occurrences } from "../alert/occurrence.ts";
import { AlertRules, type Moment, type RuleWorld } from "../alert/rules.ts";
import { localMinute, localText } from "../alert/schedule.ts";
import type { AlertSettings } from "../alert/settings.ts";
import { forgetOld } from "../alert/shelf.ts";
import { WebhookSink } from "../alert/webhook.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { CameraStatus } from "../capture/messages.ts";
import type { AlertChange, Occurrence } from "../model/alert.ts";
import type { AlertSink, SinkCounters } from "../model/alert_sink.ts";
import { CameraTurns } from "./camera_turns.ts";

const log = logger("alert");

/** How often an outage that goes on is held against the rules again, in milliseconds. */
const LOOK_MS = 5_000;

/** What alerts are made and delivered by. */
export interface AlertPlan extends AlertSettings {
  /** Names for people, by camera id. */
  readonly cameraNames: Readonly<Record<string, string>>;
}

export interface AlertsParts {
  /** Storage root, absolute. */
  readonly root: string;
  readonly plan: AlertPlan;
  readonly clock: Clock;
  /** Ways out of other rooms, beside those of the plan. Whoever makes them reloads and stops them. */
  readonly others?: readonly AlertSink[];
}

/** What the settings say about alerts. */
export function alertPlan({ alerts, cameras }: Settings): AlertPlan {
  return { ...alerts, cameraNames: Object.fromEntries(cameras.map(({ id, name }) => [id, name])) };
}

/** What rules must know of the world. */
export function ruleWorld(cameraNames: () => AlertPlan["cameraNames"]): RuleWorld {
  return { localMinute, localText, cameraName: (id) => cameraNames()[id] ?? id };
}

export class Alerts {
  readonly #parts: AlertsParts;
  readonly #rules: AlertRules;
  readonly #occurrences = new Occurrences();
  readonly #turns = new CameraTurns();
  readonly #stopping = new AbortController();
  readonly #logSink = new LogSink();
  readonly #webhooks = new Map<string, WebhookSink>();
  readonly #commands = new Map<string, CommandSink>();
  /** What has to be over before a sink of this name may begin. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #tidied: Promise<void>;
  #plan: AlertPlan;
  #watching: Promise<void> | undefined;

  constructor(parts: AlertsParts) {
    this.#parts = parts;
    this.#plan = parts.plan;
    this.#rules = new AlertRules(parts.plan.rules, ruleWorld(() => this.#plan.cameraNames));
    this.#tidied = this.#forgetOld();
    this.#setUp(parts.plan);
  }

  /** How each way out does. */
  get counters(): readonly (SinkCounters & { readonly name: string })[] {
    return this.#sinks().map(({ name, counters }) => ({ name, ...counters }));
  }

  /** Takes something that happened, or became known. Never waits and never throws. */
  take(change: AlertChange): void {
    if (this.#stopping.signal.aborted) return;
    this.#carefully(() => {
      for (const each of this.#occurrences.take(change)) this.#decide(each);
      this.#watch();
    });
  }

  /** Takes a camera's state, and finds out by itself when that is news. */
  takeStatus(status: CameraStatus): void {
    const event = this.#turns.take(status, this.#parts.clock.now());
    if (event !== undefined) this.take({ type: "camera", event });
  }

  /** Takes other rules and ways out. What waits goes on waiting; what was told stays told. */
  reload(plan: AlertPlan): void {
    if (this.#stopping.signal.aborted) return;
    this.#carefully(() => {
      this.#plan = plan;
      this.#rules.reload(plan.rules);
      this.#setUp(plan);
      this.#watch();
    });
  }

  /** Ends all deliveries. What waits on disk goes on after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([
      this.#watching,
      this.#tidied,
      ...this.#leaving.values(),
      ...[...this.#webhooks.values(), ...this.#commands.values()].map((sink) => sink.stop()),
    ]);
  }

  #sinks(): readonly AlertSink[] {
    return [
      ...(this.#plan.log ? [this.#logSink] : []),
      ...this.#webhooks.values(),
      ...this.#commands.values(),
      ...(this.#parts.others ?? []),
    ];
  }

  #setUp({ webhooks, commands }: AlertPlan): void {
    const { root, clock } = this.#parts;
    this.#match(this.#webhooks, webhooks, (settings) => {
      const before = [this.#tidied, this.#leaving.get(`webhook ${settings.name}`)];
      const shelfIsFree = Promise.all(before).then(() => {});
      return new WebhookSink({ settings, root, clock, shelfIsFree });
    });
    this.#match(this.#commands, commands, (settings) => new CommandSink({ settings, clock }));
  }

  /** Sinks of the same name get their new settings; others begin or end. */
  #match<
    Wanted extends { readonly name: string },
    Sink extends AlertSink & { reload(settings: Wanted): void },
  >(sinks: Map<string, Sink>, wanted: readonly Wanted[], make: (settings: Wanted) => Sink): void {
    for (const [name, sink] of sinks) {
      if (wanted.some((each) => each.name === name)) continue;
      sinks.delete(name);
      this.#leaving.set(sink.name, sink.stop());
    }
    for (const settings of wanted) {
      const sink = sinks.get(settings.name);
      if (sink === undefined) sinks.set(settings.name, make(settings));
      else sink.reload(settings);
    }
  }

  #decide(occurrence: Occurrence): void {
    for (const alert of this.#rules.decide(occurrence, this.#moment())) {
      for (const sink of this.#sinks()) {
        if (sink.priorities.includes(alert.priority)) sink.send(alert);
      }
    }
  }

  #moment(): Moment {
    const { clock } = this.#parts;
    return { nowMs: clock.now(), monotonicMs: clock.monotonic() };
  }

  /** Outages say nothing while they last: as long as a rule waits for one, it is looked at. */
  #watch(): void {
    if (this.#watching !== undefined || this.#waiting().length === 0) return;
    this.#watching = this.#look().finally(() => this.#watching = undefined);
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#waiting().length > 0) {
      await this.#parts.clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      this.#carefully(() => this.#waiting().forEach((each) => this.#decide(each)));
    }
  }

  #waiting(): readonly Occurrence[] {
    const goingOn = this.#occurrences.goingOn(this.#parts.clock.now());
    return goingOn.filter((each) => this.#rules.isWaiting(each));
  }

  async #forgetOld(): Promise<void> {
    const { root, clock, plan } = this.#parts;
    try {
      const known = plan.webhooks.map(({ name }) => name);
      await forgetOld(root, { known, beforeMs: clock.now() - USUAL_LIMITS.maxAgeMs });
    } catch (error) {
      const reason = messageOf(error);
      log.warning("Cannot look through alerts that wait for nobody: {reason}", { reason });
    }
  }

  #carefully(work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error("Cannot make alerts of this: {reason}", { reason: messageOf(error) });
    }
  }
}
