/**
 * A line to a broker as the MQTT Worker has it, for tests.
 *
 * @module
 */

import { systemClock } from "../../src/base/clock.ts";
import type { Incoming } from "../../src/mqtt/connection.ts";
import { boxWill } from "../../src/mqtt/health_messages.ts";
import { Link } from "../../src/mqtt/link.ts";
import type { QueuedMessage } from "../../src/mqtt/message.ts";
import { Outbox } from "../../src/mqtt/outbox.ts";
import type { MqttSettings } from "../../src/mqtt/settings.ts";
import { Outbox as OutboxFile } from "../../src/store/outbox.ts";
import { PASSWORD, USER } from "../support/mosquitto.ts";

export const SETTINGS: MqttSettings = {
  url: "mqtt://127.0.0.1:1",
  user: USER,
  password: { kind: "text", text: PASSWORD },
  caPath: null,
  certPath: null,
  keyPath: null,
  clientId: null,
  prefix: "",
  allowCommands: true,
  homeAssistant: false,
  cameraWills: true,
  results: true,
  queue: { maxCount: 10_000, maxAgeMs: 86_400_000 },
};

export interface World extends AsyncDisposable {
  readonly link: Link;
  readonly outbox: Outbox;
  readonly incoming: Incoming[];
}

/** Opens the queue below a root, and keeps a line to a broker. */
export function openLink(
  root: string,
  settings: Partial<MqttSettings>,
  filters: readonly string[] = [],
): World {
  const parts: { link?: Link } = {};
  const all = { ...SETTINGS, ...settings };
  const outbox = new Outbox({
    store: OutboxFile.open(root),
    openSpare: () => OutboxFile.inMemory(),
    limits: all.queue,
    clock: systemClock,
    onReady: () => parts.link?.pump(),
  });
  const incoming: Incoming[] = [];
  const link = new Link({
    settings: all,
    clientId: "lookback-test",
    outbox,
    clock: systemClock,
    will: () => boxWill(systemClock.now()),
    subscriptions: filters.map((filter) => ({ filter, qos: 2 })),
    onMessage: (message) => incoming.push(message),
    onUp: () => {},
    onDown: () => {},
  });
  parts.link = link;
  return {
    link,
    outbox,
    incoming,
    async [Symbol.asyncDispose]() {
      await link.stop([]);
      outbox.close();
    },
  };
}

export function queuedMessage(
  topic: string,
  payload: string,
  rest: Partial<QueuedMessage> = {},
): QueuedMessage {
  return { topic, payload, qos: 1, retain: false, priority: "info", isNewestOnly: false, ...rest };
}
