/**
 * Alerts as lines of the log: info, warning or error.
 *
 * @module
 */

import { logger } from "../base/log.ts";
import type { Alert } from "../model/alert.ts";
import { PRIORITIES } from "../model/vision_settings.ts";
import type { AlertReceiver, AlertSink, Delivery, SinkCounters } from "../model/alert_sink.ts";

const LEVELS = { info: "info", warning: "warning", critical: "error" } as const;

export class LogSink implements AlertSink, AlertReceiver {
  readonly name = "log";
  readonly priorities = PRIORITIES;
  #delivered = 0;

  get counters(): SinkCounters {
    return { delivered: this.#delivered, waiting: 0, dropped: 0, fault: null };
  }

  send(alert: Alert): void {
    // By camera: of what is alike within a minute only the first line is written.
    const log = logger("alert", alert.cameraId);
    log[LEVELS[alert.priority]]("{text} (rule {rule}, event {event})", {
      text: alert.text,
      rule: alert.rule,
      event: alert.eventId,
    });
    this.#delivered += 1;
  }

  deliver(alert: Alert): Promise<Delivery> {
    this.send(alert);
    return Promise.resolve({ outcome: "delivered", detail: "a line in the log" });
  }

  async stop(): Promise<void> {}
}
