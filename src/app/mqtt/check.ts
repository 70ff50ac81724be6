/**
 * Looks whether the message broker can be spoken with, as the doctor does.
 *
 * In:   the settings. Out: a judgement.
 *
 * @module
 */

import { messageOf } from "../../base/errors.ts";
import { maskSecrets } from "../../base/secrets.ts";
import { readAccess } from "../../mqtt/broker_access.ts";
import { openConnection, type Opening, type ProtocolVersion } from "../../mqtt/connection.ts";
import { SUBSCRIPTIONS } from "../../mqtt/routing.ts";
import type { MqttSettings } from "../../mqtt/settings.ts";
import { fine, type Judgement, problem } from "../doctor/finding.ts";

/** A broker that takes longer is not there, in milliseconds. */
const LIMIT_MS = 5_000;

/** Connects once, and subscribes where commands are to come. */
export async function checkBroker(
  settings: MqttSettings,
  signal: AbortSignal,
): Promise<Judgement> {
  const where = maskSecrets(settings.url);
  const opening = await openAny(settings, AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]));
  signal.throwIfAborted();
  if (!opening.ok) {
    return problem(`${where}: ${opening.reason}`, "correct mqtt.url, user, password or ca_file");
  }
  const { connection } = opening;
  try {
    if (settings.allowCommands) await connection.subscribe(subscriptions(settings));
    return fine(`${where}: connected (MQTT ${opening.version === 5 ? "5" : "3.1.1"})`);
  } catch (error) {
    const fix = "let this user subscribe there, in the broker's settings";
    return problem(`${where}: ${messageOf(error)}`, fix);
  } finally {
    await connection.end();
  }
}

function subscriptions({ prefix }: MqttSettings) {
  return SUBSCRIPTIONS.map(({ filter, qos }) => ({ filter: `${prefix}${filter}`, qos }));
}

/** A connection with the newest version of MQTT that the broker speaks. */
export async function openAny(
  settings: MqttSettings,
  signal: AbortSignal,
  onMessage?: Parameters<typeof openConnection>[0]["onMessage"],
): Promise<Opening & { readonly version: ProtocolVersion }> {
  const open = async (version: ProtocolVersion) => {
    // Not the name of the connection that records: that one would be ended by this.
    const clientId = `lookback-${crypto.randomUUID().slice(0, 13)}`;
    const wish = { version, clientId, will: null, session: null, signal };
    try {
      const access = await readAccess(settings);
      const opening = await openConnection({
        ...wish,
        access,
        ...(onMessage === undefined ? {} : { onMessage }),
      });
      return { ...opening, version };
    } catch (error) {
      return { ok: false, reason: messageOf(error), isVersion: false, version } as const;
    }
  };
  const first = await open(5);
  if (first.ok || !first.isVersion || signal.aborted) return first;
  const second = await open(4);
  return second.ok ? second : first;
}
