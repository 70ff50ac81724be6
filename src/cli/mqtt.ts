/**
 * `lookback mqtt`: shows what goes over the message broker, and describes it for programs.
 *
 * @module
 */

import { Command } from "commander";
import { openAny } from "../app/mqtt/check.ts";
import { OperatorError } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import { asyncapiDocument } from "../mqtt/asyncapi.ts";
import type { Incoming } from "../mqtt/connection.ts";
import type { MqttSettings } from "../mqtt/settings.ts";
import { filterOf, TOPICS } from "../mqtt/topics.ts";
import { settingsToRead, type SharedOptions, withShared } from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { note, print, printJson } from "./terminal.ts";
import { VERSION } from "./version.ts";

interface WatchFlags extends SharedOptions {
  readonly json?: boolean;
}

/** A broker that does not answer for this long is not there, in milliseconds. */
const CONNECT_MS = 10_000;

export function mqttCommand(): Command {
  return new Command("mqtt")
    .description("look at what the message broker is told")
    .addCommand(watchCommand())
    .addCommand(asyncapiCommand())
    .addHelpText("after", "\nExample:\n  lookback mqtt watch");
}

function watchCommand(): Command {
  const command = new Command("watch")
    .description("print what goes over the broker, Lookback's topics only, until Ctrl-C")
    .option("--json", "print a line of JSON for each message, for programs");
  return withShared(command, "lookback mqtt watch").action(watch);
}

function asyncapiCommand(): Command {
  const command = new Command("asyncapi")
    .description("print the AsyncAPI document: all topics and payloads, for programs");
  return withShared(command, "lookback mqtt asyncapi > lookback.asyncapi.json").action(asyncapi);
}

async function asyncapi(flags: SharedOptions): Promise<void> {
  const { mqtt } = await settingsToRead(flags);
  const brokerUrl = mqtt === null ? null : maskSecrets(mqtt.url);
  printJson(asyncapiDocument({ version: VERSION, prefix: mqtt?.prefix ?? "", brokerUrl }));
}

async function watch(flags: WatchFlags): Promise<void> {
  const { mqtt } = await settingsToRead(flags);
  if (mqtt === null) throw notSetUp();
  await interruptible(async (signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
    const opening = await openAny(mqtt, limit, (message) => show(message, flags.json === true));
    if (signal.aborted) return;
    if (!opening.ok) throw unreachableBroker(mqtt, opening.reason);
    const { connection } = opening;
    await connection.subscribe(
      [...Object.values(TOPICS).map(filterOf), "homeassistant/#"].map((filter) => ({
        filter: filter.startsWith("homeassistant") ? filter : `${mqtt.prefix}${filter}`,
        qos: 2,
      })),
    );
    note(`Watching ${maskSecrets(mqtt.url)}; Ctrl-C ends it`);
    const stopped = new Promise<undefined>((resolve) =>
      signal.addEventListener("abort", () => resolve(undefined))
    );
    const reason = await Promise.race([connection.closed, stopped]);
    await connection.end();
    if (reason !== undefined) throw unreachableBroker(mqtt, reason);
  });
}

function show(message: Incoming, isJson: boolean): void {
  const { topic, qos, isRetained: retained } = message;
  const payload = textOf(message);
  if (isJson) return print(JSON.stringify({ topic, qos, retained, payload }));
  const kept = retained ? " retained" : "";
  print(maskSecrets(`${topic} (QoS ${qos}${kept}) ${payload.replaceAll(/\p{Cc}+/gu, " ")}`));
}

/** What is no text is a picture: its length says enough. */
function textOf({ payload }: Incoming): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `${payload.length} bytes`;
  }
}

function notSetUp(): OperatorError {
  return new OperatorError("usage", "Cannot watch the message broker: MQTT is off", {
    fix: ["set mqtt.enabled and mqtt.url in the settings file"],
  });
}

function unreachableBroker({ url }: MqttSettings, reason: string): OperatorError {
  return new OperatorError("broker-unreachable", "Cannot speak with the message broker", {
    found: { broker: maskSecrets(url), reason },
    fix: [
      "check that it runs, and that mqtt.url names it",
      "correct mqtt.user, mqtt.password or mqtt.ca_file; lookback doctor tries them",
    ],
  });
}
