/**
 * What the web Worker is told: how everything does, once a second, and alerts.
 *
 * @module
 */

import { systemClock } from "../../base/clock.ts";
import type { MonotonicMs } from "../../base/units.ts";
import type { CameraStatus } from "../../capture/messages.ts";
import type { Alert } from "../../model/alert.ts";
import type { AlertSink, SinkCounters } from "../../model/alert_sink.ts";
import { PRIORITIES } from "../../model/vision_settings.ts";
import type { Writer } from "../../store/writer.ts";
import type { Alerts } from "../alerts.ts";
import type { Vision } from "../vision.ts";
import type { WebHappening, WebReport } from "./messages.ts";

/** A camera's newest state, and when its Worker gave it. */
export interface HeardStatus {
  readonly status: CameraStatus;
  readonly heardAt: MonotonicMs;
}

/** How everything does now. */
export function webReport(
  { heard, writer, vision, alerts, failures }: {
    readonly heard: ReadonlyMap<string, HeardStatus>;
    readonly writer: Pick<Writer, "counters" | "heardAt">;
    readonly vision: Pick<Vision, "status" | "failures" | "missing" | "detectorRestarts">;
    readonly alerts: Pick<Alerts, "counters">;
    readonly failures: { readonly upkeep: number; readonly web: number };
  },
): WebReport {
  const nowMs = systemClock.monotonic();
  const silentMs = (heardAt: MonotonicMs) => Math.max(0, Math.round(nowMs - heardAt));
  return {
    atMs: systemClock.now(),
    cameras: [...heard.values()].map(({ status, heardAt }) => ({
      status,
      silentMs: silentMs(heardAt),
    })),
    writer: { ...writer.counters, silentMs: silentMs(writer.heardAt) },
    vision: vision.status,
    missingPictures: vision.missing,
    detectorRestarts: vision.detectorRestarts,
    failures: { ...failures, vision: vision.failures },
    alertFaults: alerts.counters.flatMap(({ name, fault }) =>
      fault === null ? [] : [{ name, fault }]
    ),
  };
}

/** An alert as the web Worker gets it. */
export type AlertNews = Omit<Extract<WebHappening, { readonly type: "alert" }>, "type">;

/** Alerts on their way to those who look at the page now; nobody else waits for them. */
export class PageSink implements AlertSink {
  readonly name = "page";
  readonly priorities = PRIORITIES;
  readonly #tell: (alert: AlertNews) => void;
  #delivered = 0;

  constructor(tell: (alert: AlertNews) => void) {
    this.#tell = tell;
  }

  get counters(): SinkCounters {
    return { delivered: this.#delivered, waiting: 0, dropped: 0, fault: null };
  }

  send({ priority, cameraId, text, atMs }: Alert): void {
    this.#tell({ priority, cameraId, text, atMs });
    this.#delivered += 1;
  }

  async stop(): Promise<void> {}
}
