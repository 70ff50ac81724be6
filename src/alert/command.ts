/**
 * Tells alerts to a program of the operator's: started once for each, with the
 * alert as JSON on its standard input.
 *
 * In:   alerts, and settings that may change while it runs.
 * Out:  programs that run, two at once at most.
 * Not here: trying again. A program that fails has said why, in the log.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { Alert } from "../model/alert.ts";
import type { Priority } from "../model/vision_settings.ts";
import { bodyText } from "./body.ts";
import { type CommandRun, runCommand } from "./run_command.ts";
import type { CommandSettings } from "./settings.ts";
import type { AlertReceiver, AlertSink, Delivery, SinkCounters } from "../model/alert_sink.ts";
import { fill, fillingOf } from "./template.ts";
import { type LineLimits, type Waiting, WaitingAlerts } from "./waiting_alerts.ts";

/** Programs of one sink that run at once. */
const AT_ONCE = 2;

/** What waits here waits in memory alone, for minutes. */
const LIMITS: LineLimits = { maxCount: 100, maxAgeMs: 3_600_000 };

/** How long programs that run may take when Lookback ends, in milliseconds. */
const STOP_GRACE_MS = 2_000;

export class CommandSink implements AlertSink {
  readonly name: string;
  readonly #clock: Clock;
  readonly #line = new WaitingAlerts<Alert>(LIMITS);
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #settings: CommandSettings;
  #delivered = 0;
  #dropped = 0;
  #fault: string | null = null;
  #isStopping = false;

  constructor(parts: { readonly settings: CommandSettings; readonly clock: Clock }) {
    this.name = `command ${parts.settings.name}`;
    this.#settings = parts.settings;
    this.#clock = parts.clock;
  }

  get priorities(): readonly Priority[] {
    return this.#settings.priorities;
  }

  get counters(): SinkCounters {
    return {
      delivered: this.#delivered,
      waiting: this.#line.length + this.#running.size,
      dropped: this.#dropped,
      fault: this.#fault,
    };
  }

  /** Takes other settings of the same name. */
  reload(settings: CommandSettings): void {
    this.#settings = settings;
  }

  send(alert: Alert): void {
    if (this.#isStopping) return;
    const dropped = this.#line.add({
      id: alert.alertId,
      priority: alert.priority,
      sinceMs: this.#clock.now(),
      content: alert,
    });
    this.#drop(dropped, "too many wait");
    this.#next();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#drop(this.#line.items, "Lookback ends");
    this.#line.items.forEach((item) => this.#line.remove(item));
    const ended = new AbortController();
    const running = Promise.all(this.#running).then(() => ended.abort());
    await this.#clock.sleep(STOP_GRACE_MS, ended.signal);
    this.#stopping.abort();
    await running;
  }

  /** Starts what may be started. */
  #next(): void {
    this.#drop(this.#line.dropOld(this.#clock.now()), "it is too old");
    const first = this.#line.first;
    if (first === undefined || this.#running.size >= AT_ONCE || this.#isStopping) return;
    this.#line.remove(first);
    const run = this.#run(first.content).finally(() => {
      this.#running.delete(run);
      this.#next();
    });
    this.#running.add(run);
    this.#next();
  }

  async #run(alert: Alert): Promise<void> {
    const delivery = await runFor(alert, {
      settings: this.#settings,
      signal: this.#stopping.signal,
    });
    if (delivery.outcome === "delivered") {
      this.#delivered += 1;
      this.#fault = null;
      return;
    }
    this.#dropped += 1;
    this.#fault = delivery.detail;
    logger("alert", this.name).warning("Alert {id}: {detail}", {
      id: alert.alertId,
      detail: delivery.detail,
    });
  }

  #drop(items: readonly Waiting<Alert>[], reason: string): void {
    this.#dropped += items.length;
    for (const { id } of items) {
      logger("alert", this.name).warning("Alert {id} is dropped: {reason}", { id, reason });
    }
  }
}

/** The same without waiting for its turn. */
export function commandReceiver(settings: CommandSettings): AlertReceiver {
  return {
    name: `command ${settings.name}`,
    priorities: settings.priorities,
    deliver: (alert, signal) => runFor(alert, { settings, signal }),
  };
}

async function runFor(
  alert: Alert,
  { settings, signal }: { readonly settings: CommandSettings; readonly signal: AbortSignal },
): Promise<Delivery> {
  const { program, args, timeoutMs } = settings;
  const filling = fillingOf(alert);
  try {
    const run = await runCommand({
      program,
      args: args.map((arg) => fill(arg, filling)),
      input: `${bodyText(alert)}\n`,
      timeoutMs,
      signal,
    });
    return judge(run, settings);
  } catch (error) {
    return { outcome: "refused", detail: messageOf(error) };
  }
}

function judge(
  run: CommandRun,
  { program, timeoutMs }: Pick<CommandSettings, "program" | "timeoutMs">,
): Delivery {
  switch (run.kind) {
    case "missing":
      return { outcome: "refused", detail: `cannot start "${program}": there is no such program` };
    case "stopped":
      return { outcome: "refused", detail: `"${program}" was ended, because Lookback ends` };
    case "timeout": {
      const detail = `"${program}" was ended after ${timeoutMs / 1_000} s`;
      return { outcome: "refused", detail: withLines(detail, run.lines) };
    }
    case "ended": {
      const detail = `"${program}" ended with code ${run.code}`;
      if (run.code === 0) return { outcome: "delivered", detail };
      return { outcome: "refused", detail: withLines(detail, run.lines) };
    }
  }
}

function withLines(detail: string, lines: readonly string[]): string {
  return lines.length === 0 ? detail : `${detail}; it said: ${lines.join(" | ")}`;
}
