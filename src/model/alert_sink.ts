/**
 * Ways out for alerts. Whatever takes alerts elsewhere (a message broker, say) is
 * one more of these, in a room of its own; src/app/alerts.ts takes any number.
 *
 * @module
 */

import type { Alert } from "./alert.ts";
import type { Priority } from "./vision_settings.ts";

/** What came of handing over one alert. */
export type Delivery =
  | { readonly outcome: "delivered"; readonly detail: string }
  /** It may work later. */
  | { readonly outcome: "failed"; readonly detail: string; readonly retryInMs?: number }
  /** Trying again would end the same way. */
  | { readonly outcome: "refused"; readonly detail: string };

/** How a way out does. */
export interface SinkCounters {
  readonly delivered: number;
  /** Waiting to be handed over, or being so. */
  readonly waiting: number;
  /** Given up: refused, too old, or no room. */
  readonly dropped: number;
  /** Why the last try failed; null after one that did not. */
  readonly fault: string | null;
}

/** How one alert is handed over, now and once. */
export interface AlertReceiver {
  /** For people, such as "webhook home"; unique. */
  readonly name: string;
  /** Alerts of these are meant for it. */
  readonly priorities: readonly Priority[];
  /** Whatever goes wrong is a value. */
  deliver(alert: Alert, signal: AbortSignal): Promise<Delivery>;
}

/** Takes alerts, to hand them over some time. */
export interface AlertSink extends Pick<AlertReceiver, "name" | "priorities"> {
  readonly counters: SinkCounters;
  /** Never waits and never throws. */
  send(alert: Alert): void;
  /** Ends what goes on. What is on disk is delivered after the next start. */
  stop(): Promise<void>;
}
