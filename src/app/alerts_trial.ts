/**
 * Tries all ways out with an alert that is made up: past every queue, once, and
 * with an answer for the person who waits.
 *
 * @module
 */

import { commandReceiver } from "../alert/command.ts";
import { LogSink } from "../alert/log_sink.ts";
import { makeAlert } from "../alert/rules.ts";
import { webhookReceiver } from "../alert/webhook.ts";
import type { Clock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import type { UnixMs } from "../base/units.ts";
import type { Alert, AlertRule, Occurrence } from "../model/alert.ts";
import type { AlertReceiver, Delivery } from "../model/alert_sink.ts";
import { PRIORITIES, type Priority } from "../model/vision_settings.ts";
import { type AlertPlan, ruleWorld } from "./alerts.ts";

/** What came of it. */
export interface TrialResult {
  readonly sink: string;
  readonly priority: Priority;
  readonly delivery: Delivery | { readonly outcome: "left-out"; readonly detail: string };
}

/** Stands in where no rule is named. */
const ANY_RULE: AlertRule = {
  name: "test",
  kinds: ["object_detected"],
  cameras: null,
  classes: null,
  zones: null,
  lines: null,
  minScore: 0,
  minMs: 0,
  priority: "info",
  schedule: null,
  timeZone: "UTC",
  coolDownMs: 0,
  text: "Test: {class} seen by {camera}",
};

export interface TrialOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of whose alerts it is to be one; undefined gives every way out one that it takes. */
  readonly ruleName?: string | undefined;
  /** Ways out of other rooms. */
  readonly others?: readonly AlertReceiver[];
}

/**
 * Hands one made-up alert to each way out, one after the other.
 *
 * @throws {OperatorError} "usage" when there is no such rule, or no way out.
 */
export async function* tryAlerts(
  plan: AlertPlan,
  options: TrialOptions,
): AsyncGenerator<TrialResult> {
  const { clock, signal, ruleName, others = [] } = options;
  const rule = ruleName === undefined ? null : ruleOf(plan, ruleName);
  const receivers: AlertReceiver[] = [
    ...(plan.log ? [new LogSink()] : []),
    ...plan.webhooks.map((settings) => webhookReceiver(settings, clock)),
    ...plan.commands.map(commandReceiver),
    ...others,
  ];
  if (receivers.length === 0) throw noReceivers();
  for (const receiver of receivers) {
    const { name: sink, priorities } = receiver;
    const priority = rule?.priority ?? PRIORITIES.findLast((each) => priorities.includes(each))!;
    if (!priorities.includes(priority)) {
      const detail = `takes ${priorities.join(", ")} only`;
      yield { sink, priority, delivery: { outcome: "left-out", detail } };
      continue;
    }
    const alert = madeUp({ ...(rule ?? ANY_RULE), priority }, plan, clock.now());
    yield { sink, priority, delivery: await receiver.deliver(alert, signal) };
  }
}

/** An alert of the rule that nothing has happened for. */
function madeUp(rule: AlertRule, plan: AlertPlan, atMs: UnixMs): Alert {
  const kind = rule.kinds[0] ?? "object_detected";
  const isSeen = kind === "object_detected" || kind === "motion_detected";
  const cameraId = rule.cameras?.[0] ?? Object.keys(plan.cameraNames)[0] ?? "camera";
  const occurrence: Occurrence = {
    eventId: `test-${cameraId}-${atMs}`,
    kind,
    cameraId,
    class: kind === "object_detected" ? rule.classes?.[0] ?? "person" : null,
    zones: isSeen ? rule.zones?.slice(0, 1) ?? [] : [],
    lines: isSeen ? rule.lines?.slice(0, 1) ?? [] : [],
    score: isSeen ? 1 : null,
    startMs: atMs,
    endMs: null,
    lastedMs: rule.minMs,
    pictures: { wholePath: null, cropPath: null },
    cause: null,
    detail: "made up by lookback alerts test",
  };
  const world = ruleWorld(() => plan.cameraNames);
  return { ...makeAlert({ rule, occurrence, world, atMs }), isTest: true };
}

function ruleOf(plan: AlertPlan, name: string): AlertRule {
  const rule = plan.rules.find((each) => each.name === name);
  if (rule !== undefined) return rule;
  throw new OperatorError("usage", `Cannot find the rule "${name}"`, {
    found: { rules: plan.rules.map((each) => each.name).join(", ") || "none" },
    fix: ["give one of these with --rule", "or add it under alerts.rules in the settings file"],
  });
}

function noReceivers(): OperatorError {
  return new OperatorError("usage", "Cannot try alerts: they go nowhere", {
    fix: ["add a receiver under alerts.webhook or alerts.command in the settings file"],
  });
}
