/**
 * Sends alerts to an HTTP server: a POST with the alert as JSON, signed, and
 * delivered in order through a queue on disk.
 *
 * In:   alerts, and settings that may change while it runs.
 * Out:  requests, described in docs/alerts.md.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { Alert } from "../model/alert.ts";
import type { Priority } from "../model/vision_settings.ts";
import { bodyText } from "./body.ts";
import { DeliveryLine } from "./delivery_line.ts";
import type { WebhookSecret, WebhookSettings } from "./settings.ts";
import { Shelf } from "./shelf.ts";
import { signatureOf } from "./signature.ts";
import type { AlertReceiver, AlertSink, Delivery, SinkCounters } from "../model/alert_sink.ts";
import { describeFailure, judgeAnswer } from "./webhook_answer.ts";

export interface WebhookParts {
  readonly settings: WebhookSettings;
  /** Storage root, absolute. */
  readonly root: string;
  readonly clock: Clock;
  /** Resolves when the sink that had this name before has ended. */
  readonly shelfIsFree?: Promise<void>;
}

export class WebhookSink implements AlertSink {
  readonly name: string;
  readonly #line: DeliveryLine;
  #settings: WebhookSettings;

  constructor({ settings, root, clock, shelfIsFree }: WebhookParts) {
    this.name = `webhook ${settings.name}`;
    this.#settings = settings;
    this.#line = new DeliveryLine({
      attempt: ({ id, content: body }, signal) =>
        postAlert({ id, body, settings: this.#settings, clock, signal }),
      shelf: new Shelf(root, settings.name),
      clock,
      log: logger("alert", this.name),
      ...(shelfIsFree === undefined ? {} : { shelfIsFree }),
    });
  }

  get priorities(): readonly Priority[] {
    return this.#settings.priorities;
  }

  get counters(): SinkCounters {
    return this.#line.counters;
  }

  /** Takes other settings of the same name; what waits is sent by these. */
  reload(settings: WebhookSettings): void {
    this.#settings = settings;
    this.#line.hurry();
  }

  send(alert: Alert): void {
    this.#line.send({ id: alert.alertId, priority: alert.priority, content: bodyText(alert) });
  }

  async stop(): Promise<void> {
    await this.#line.stop();
  }
}

/** The same without a queue. */
export function webhookReceiver(settings: WebhookSettings, clock: Clock): AlertReceiver {
  return {
    name: `webhook ${settings.name}`,
    priorities: settings.priorities,
    deliver: (alert, signal) =>
      postAlert({ id: alert.alertId, body: bodyText(alert), settings, clock, signal }),
  };
}

/** Sends one request. Whatever goes wrong is a value. */
export async function postAlert(
  what: {
    readonly id: string;
    readonly body: string;
    readonly settings: WebhookSettings;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<Delivery> {
  const { id, body, settings, clock, signal } = what;
  const { timeoutMs, caPath } = settings;
  const setUp = await readFiles(settings);
  if ("problem" in setUp) return { outcome: "failed", detail: setUp.problem };
  const timestamp = String(Math.floor(clock.now() / 1_000));
  const { url, headers } = addressOf(settings.url);
  headers.set("content-type", "application/json");
  headers.set("user-agent", "Lookback");
  headers.set("idempotency-key", id);
  headers.set("x-lookback-timestamp", timestamp);
  if (setUp.secret !== null) {
    headers.set("x-lookback-signature", signatureOf(setUp.secret, { timestamp, body }));
  }
  try {
    // Alerts are rare: a connection that is kept open would only be one that breaks.
    using client = Deno.createHttpClient({
      poolMaxIdlePerHost: 0,
      ...(setUp.ca === null ? {} : { caCerts: [setUp.ca] }),
    });
    const response = await fetch(url, {
      method: "POST",
      body,
      headers,
      // What leads elsewhere could lead anywhere, with the alert in it.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      client,
    });
    await response.body?.cancel();
    return judgeAnswer(response);
  } catch (error) {
    const detail = describeFailure(error, timeoutMs);
    const isCa = caPath !== null && detail.includes("ca_file");
    return { outcome: "failed", detail: isCa ? `${detail} (it is not in "${caPath}")` : detail };
  }
}

/** The address without its password, which goes into a header (RFC 7617). */
function addressOf(written: string): { readonly url: URL; readonly headers: Headers } {
  const url = new URL(written);
  const headers = new Headers();
  if (url.username !== "" || url.password !== "") {
    const plain = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.set("authorization", `Basic ${new TextEncoder().encode(plain).toBase64()}`);
    url.username = "";
    url.password = "";
  }
  return { url, headers };
}

type SetUp =
  | { readonly secret: string | null; readonly ca: string | null }
  | { readonly problem: string };

/** Read anew for each try: whoever changes a secret need not tell Lookback. */
async function readFiles({ secret, caPath }: WebhookSettings): Promise<SetUp> {
  try {
    return {
      secret: secret === null ? null : await readSecret(secret),
      ca: caPath === null ? null : await Deno.readTextFile(caPath),
    };
  } catch (error) {
    return { problem: `secret_file or ca_file can't be read: ${messageOf(error)}` };
  }
}

async function readSecret(secret: WebhookSecret): Promise<string> {
  if (secret.kind === "text") return secret.text;
  // Editors and shells put a line end behind it.
  const text = (await Deno.readTextFile(secret.path)).trimEnd();
  if (text === "") throw new Error(`"${secret.path}" is empty`);
  return text;
}
