/**
 * Who is told of recording beside the writer: the page, and the message broker. Each has
 * a Worker of its own; nothing that goes wrong with them touches recording.
 *
 * In:   what is seen, alerts, log lines, settings. Out: the same, to both.
 *
 * @module
 */

import type { LogRecordMessage } from "../base/log.ts";
import type { AlertSink } from "../model/alert_sink.ts";
import type { Sight } from "../model/vision.ts";
import type { EventChange } from "../vision/messages.ts";
import { Mqtt } from "./mqtt/mqtt.ts";
import type { RecordingSettings } from "./recording_settings.ts";
import { Web, type WebHold } from "./web/web.ts";
import { PageSink } from "./web/report.ts";

/** What the page needs is all that the broker needs too. */
export type OutsideParts = WebHold;

export class Outside {
  readonly #web: Web;
  readonly #mqtt: Mqtt;
  /** Ways out for alerts. */
  readonly sinks: readonly AlertSink[];

  constructor(parts: OutsideParts) {
    this.#web = new Web(parts);
    this.#mqtt = new Mqtt({
      ...parts,
      report: () => ({ report: parts.report(this.#web.failures), viewers: this.#web.viewers }),
    });
    this.sinks = [new PageSink((alert) => this.#web.alert(alert)), this.#mqtt.sink];
  }

  reload({ web, mqtt }: Pick<RecordingSettings, "web" | "mqtt">): void {
    this.#web.reload(web);
    this.#mqtt.reload(mqtt);
  }

  /** A camera's Worker was started (again). */
  tap(cameraId: string): void {
    this.#web.tap(cameraId);
  }

  event(change: EventChange): void {
    this.#web.event(change);
    this.#mqtt.event(change);
  }

  sight(sight: Sight): void {
    this.#web.sight(sight);
    this.#mqtt.sight(sight);
  }

  log(record: LogRecordMessage): void {
    this.#web.log(record);
  }

  /** Ends the page, which has nothing more to say. */
  async stopPage(): Promise<void> {
    await this.#web.stop();
  }

  /** Ends the line to the broker: after those that have something to tell it. */
  async stopBroker(): Promise<void> {
    await this.#mqtt.stop();
  }
}
