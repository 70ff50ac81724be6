import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readAccess } from "../../src/mqtt/broker_access.ts";
import { openConnection, type Opening, type ProtocolVersion } from "../../src/mqtt/connection.ts";
import type { MqttSettings } from "../../src/mqtt/settings.ts";
import { tlsFaultOf } from "../../src/mqtt/tls_fault.ts";
import { makeCertificates } from "../support/certificates.ts";
import { freePort, PASSWORD, startBroker, USER } from "../support/mosquitto.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { openLink, SETTINGS } from "./link_world.ts";

async function open(
  settings: Partial<MqttSettings>,
  version: ProtocolVersion = 5,
): Promise<Opening> {
  return await openConnection({
    access: await readAccess({ ...SETTINGS, ...settings }),
    version,
    clientId: "lookback-test",
    will: null,
    session: null,
    signal: AbortSignal.timeout(10_000),
  });
}

/** Why there was no connection. */
async function refusal(settings: Partial<MqttSettings>): Promise<string> {
  const opening = await open(settings);
  if (!opening.ok) return opening.reason;
  await opening.connection.end();
  return "connected";
}

Deno.test("openConnection() speaks TLS with certificates on both sides, and says what is wrong", async () => {
  await using folder = await tempFolder();
  const made = await makeCertificates(folder.path);
  await using broker = await startBroker({
    folder: folder.path,
    scheme: "mqtts",
    extra: [
      `cafile ${made.caPath}`,
      `certfile ${made.serverCertPath}`,
      `keyfile ${made.serverKeyPath}`,
      "require_certificate true",
    ],
  });
  const { url } = broker;
  const { caPath, clientCertPath: certPath, clientKeyPath: keyPath } = made;
  strictEqual(await refusal({ url, caPath, certPath, keyPath }), "connected");
  match(await refusal({ url, certPath, keyPath }), /name that in ca_file/);
  match(await refusal({ url, caPath }), /certificate/);
  match(
    await refusal({ url, caPath: `${folder.path}/none.pem` }).catch((error) => error.message),
    /^ca_file can't be read/,
  );
  const wrong = { kind: "text", text: "wrong" } as const;
  match(
    await refusal({ url, caPath, certPath, keyPath, password: wrong }),
    /does not let this user in|does not take this user/,
  );
});

Deno.test("openConnection() speaks over WebSockets, and takes user and password out of the url", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path, scheme: "ws" });
  const url = broker.url.replace("//", `//${USER}:${PASSWORD}@`);
  strictEqual(await refusal({ url, user: null, password: null }), "connected");
  match(await refusal({ url: broker.url, user: null, password: null }), /asks for a user|let/);
});

Deno.test("openConnection() speaks over WebSockets with TLS, and says what is wrong", async () => {
  await using folder = await tempFolder();
  const { caPath, serverCertPath, serverKeyPath } = await makeCertificates(folder.path);
  await using broker = await startBroker({
    folder: folder.path,
    scheme: "wss",
    extra: [`certfile ${serverCertPath}`, `keyfile ${serverKeyPath}`],
  });
  const { url } = broker;
  strictEqual(await refusal({ url, caPath }), "connected");
  match(await refusal({ url }), /name that in ca_file/);
});

Deno.test("tlsFaultOf() gives up without a fault when nobody waits for it any more", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ending = new AbortController();
  const fault = tlsFaultOf({ url: `wss://127.0.0.1:${silent.addr.port}` }, ending.signal);
  using connection = await silent.accept();
  // It has begun to speak TLS, and gets no answer.
  await connection.read(new Uint8Array(1_024));
  ending.abort();
  strictEqual(await fault, undefined);
});

Deno.test("openConnection() says that nothing listens, and speaks 3.1.1 when asked to", async () => {
  match(await refusal({ url: `mqtt://127.0.0.1:${freePort()}` }), /nothing listens there/);
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  const opening = await open({ url: broker.url }, 4);
  ok(opening.ok);
  await opening.connection.end();
});

/** CONNACK of 3.1.1: all is well, and a version that is not spoken. */
const WELCOME = Uint8Array.of(0x20, 2, 0, 0);
const OTHER_VERSION = Uint8Array.of(0x20, 2, 0, 1);

/** Lets nobody in who speaks another version than 3.1.1; notes the versions that were tried. */
function oldBroker(): AsyncDisposable & { readonly port: number; readonly versions: number[] } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const versions: number[] = [];
  const connections = new Set<Deno.TcpConn>();
  const serve = async (connection: Deno.TcpConn) => {
    connections.add(connection);
    const bytes = new Uint8Array(1_024);
    const count = await connection.read(bytes) ?? 0;
    // The version stands behind the name "MQTT"; in front of that is a length of variable length.
    const version = bytes[bytes.indexOf("Q".charCodeAt(0)) + 3] ?? 0;
    versions.push(version);
    await connection.write(version === 4 ? WELCOME : OTHER_VERSION);
    if (version !== 4) connection.close();
    else if (count > 0) { while (await connection.read(bytes) !== null); }
  };
  const serving = (async () => {
    for await (const connection of listener) serve(connection).catch(() => {});
  })();
  return {
    port: listener.addr.port,
    versions,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) {
        try {
          connection.close();
        } catch (error) {
          if (!(error instanceof Deno.errors.BadResource)) throw error;
        }
      }
      await serving;
    },
  };
}

Deno.test("Link falls back to MQTT 3.1.1 where the broker does not speak 5", async () => {
  await using folder = await tempFolder();
  await using broker = oldBroker();
  await using world = openLink(folder.path, { url: `mqtt://127.0.0.1:${broker.port}` });
  await until(() => world.link.isUp, { limitMs: 10_000, what: "a connection" });
  deepStrictEqual(broker.versions, [5, 4]);
});

Deno.test("Link.stop() does not wait for a broker that answers nothing any more", async () => {
  await using folder = await tempFolder();
  await using broker = oldBroker();
  await using world = openLink(folder.path, { url: `mqtt://127.0.0.1:${broker.port}` });
  await until(() => world.link.isUp, { limitMs: 10_000, what: "a connection" });
  world.link.state({ topic: "a", payload: "1", qos: 1, retain: true });
  const startedAt = performance.now();
  await world.link.stop([]);
  const tookMs = performance.now() - startedAt;
  ok(tookMs < 5_000, `took ${tookMs} ms`);
});
