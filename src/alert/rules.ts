/**
 * Decides which events become alerts.
 *
 * In:   rules, an occurrence, and the moment at which it is looked at.
 * Out:  alerts, at most one for each event and rule.
 * Not here: where occurrences come from (occurrence.ts), where alerts go.
 *
 * An event that a rule does not want yet (too short, out of hours, within the
 * cool-down) is looked at again with its next change: what outlasts the obstacle
 * becomes an alert then.
 *
 * Pure: clocks come as arguments.
 *
 * @module
 */

import type { MonotonicMs, UnixMs } from "../base/units.ts";
import type { Alert, AlertRule, LocalMinute, Occurrence } from "../model/alert.ts";
import { isWithin } from "./schedule.ts";
import { fill, fillingOf, usualText } from "./template.ts";

/** Alerts that are remembered so as not to be repeated: days of a busy box. */
const MAX_REMEMBERED = 10_000;

/** The moment at which is decided. */
export interface Moment {
  readonly nowMs: UnixMs;
  /** For cool-downs, which a wall clock that is set must not stretch. */
  readonly monotonicMs: MonotonicMs;
}

/** What the rules must know of the world. */
export interface RuleWorld {
  readonly localMinute: (atMs: UnixMs, timeZone: string) => LocalMinute;
  readonly localText: (atMs: UnixMs, timeZone: string) => string;
  /** A camera's name for people. */
  readonly cameraName: (cameraId: string) => string;
}

/** True when the event itself is one that the rule is about, however long it has gone on. */
export function concerns(rule: AlertRule, occurrence: Occurrence): boolean {
  const { kind, cameraId, score, zones, lines } = occurrence;
  if (!rule.kinds.includes(kind)) return false;
  if (rule.cameras !== null && !rule.cameras.includes(cameraId)) return false;
  // What is not seen has no score, and nothing of what follows.
  if (score === null) return true;
  if (score < rule.minScore) return false;
  if (kind === "object_detected" && !allows(rule.classes, [occurrence.class ?? ""])) return false;
  return allows(rule.zones, zones) && allows(rule.lines, lines);
}

function allows(wanted: readonly string[] | null, found: readonly string[]): boolean {
  return wanted === null || found.some((each) => wanted.includes(each));
}

/** The rules, and what they remember. */
export class AlertRules {
  readonly #world: RuleWorld;
  #rules: readonly AlertRule[];
  /** Ids of alerts, oldest first. */
  readonly #told = new Set<string>();
  /** When a rule last spoke of a camera and class. */
  readonly #lastTold = new Map<string, MonotonicMs>();

  constructor(rules: readonly AlertRule[], world: RuleWorld) {
    this.#rules = rules;
    this.#world = world;
  }

  /** Takes other rules. What was told stays told, and cool-downs of rules by their name go on. */
  reload(rules: readonly AlertRule[]): void {
    this.#rules = rules;
  }

  /** True while a rule might still speak of this, if it only went on. */
  isWaiting(occurrence: Occurrence): boolean {
    return this.#rules.some((rule) =>
      concerns(rule, occurrence) && !this.#told.has(alertId(rule, occurrence))
    );
  }

  /** The alerts that an occurrence makes now, in the order of the rules. */
  decide(occurrence: Occurrence, moment: Moment): readonly Alert[] {
    return this.#rules.filter((rule) => this.#isDue(rule, occurrence, moment)).map((rule) => {
      this.#told.add(alertId(rule, occurrence));
      this.#lastTold.set(coolDownKey(rule, occurrence), moment.monotonicMs);
      forgetOldest(this.#told);
      forgetOldest(this.#lastTold);
      return makeAlert({ rule, occurrence, world: this.#world, atMs: moment.nowMs });
    });
  }

  #isDue(rule: AlertRule, occurrence: Occurrence, { nowMs, monotonicMs }: Moment): boolean {
    if (!concerns(rule, occurrence) || this.#told.has(alertId(rule, occurrence))) return false;
    if (occurrence.lastedMs < rule.minMs) return false;
    const { schedule, timeZone } = rule;
    if (schedule !== null && !isWithin(schedule, this.#world.localMinute(nowMs, timeZone))) {
      return false;
    }
    const last = this.#lastTold.get(coolDownKey(rule, occurrence));
    return last === undefined || monotonicMs - last >= rule.coolDownMs;
  }
}

function forgetOldest(remembered: Set<string> | Map<string, unknown>): void {
  if (remembered.size <= MAX_REMEMBERED) return;
  const [oldest] = remembered.keys();
  remembered.delete(oldest!);
}

/** Makes the alert of a rule for an occurrence, whether or not it is due. */
export function makeAlert(
  parts: {
    readonly rule: AlertRule;
    readonly occurrence: Occurrence;
    readonly world: Pick<RuleWorld, "cameraName" | "localText">;
    readonly atMs: UnixMs;
  },
): Alert {
  const { rule, occurrence, world, atMs } = parts;
  const { lastedMs: _, ...event } = occurrence;
  const alert = {
    ...event,
    alertId: alertId(rule, occurrence),
    rule: rule.name,
    priority: rule.priority,
    atMs,
    cameraName: world.cameraName(occurrence.cameraId),
    localTime: world.localText(occurrence.startMs, rule.timeZone),
    isTest: false,
  };
  const text = fill(rule.text ?? usualText(occurrence.kind), fillingOf(alert));
  return { ...alert, text: sentence(text) };
}

/** Classes are in lower case; a text may begin with one. */
function sentence(text: string): string {
  const line = text.trim();
  return line.charAt(0).toUpperCase() + line.slice(1);
}

function alertId(rule: AlertRule, { eventId }: Occurrence): string {
  return `${eventId}-${rule.name}`;
}

function coolDownKey(rule: AlertRule, { cameraId, class: className, kind }: Occurrence): string {
  // Of kinds without a class each has its own: a camera that is back is told at once.
  return JSON.stringify([rule.name, cameraId, className ?? kind]);
}
