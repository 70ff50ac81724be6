/**
 * Messages about how the parts of Lookback do.
 *
 * Pure.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { retained } from "./camera_messages.ts";
import { headOf, type Message } from "./message.ts";
import { HEALTH_COMPONENTS, HEALTH_STATES, type HealthComponent } from "./schemas.ts";
import { topicOf, TOPICS } from "./topics.ts";

export interface HealthOf {
  readonly component: HealthComponent;
  readonly state: typeof HEALTH_STATES[number];
  readonly detail: string;
}

export function healthMessage({ component, state, detail }: HealthOf, atMs: UnixMs): Message {
  return retained(topicOf(TOPICS.health, { component }), {
    ...headOf(null, atMs),
    component,
    state,
    detail,
  });
}

/** What the broker says of the box when Lookback is gone without a word. */
export function boxWill(atMs: UnixMs): Message {
  const detail = "Lookback, or its connection, is gone";
  return healthMessage({ component: "mqtt", state: "offline", detail }, atMs);
}

/** What is said of all parts before Lookback ends. */
export function stoppedMessages(atMs: UnixMs): readonly Message[] {
  return HEALTH_COMPONENTS.map((component) =>
    healthMessage({ component, state: "offline", detail: "Lookback has ended" }, atMs)
  );
}
