import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import type { WebParts } from "../../src/web/doors.ts";
import { CONNECTION_LIMITS } from "../../src/web/http_connections.ts";
import { arrivalOf, WebServer } from "../../src/web/server.ts";
import { fingerprintOf, tlsPair, type TlsPlace } from "../../src/web/tls.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { door, raw, type WebWorld, webWorld } from "./web_world.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Connections that have sent half a request. */
async function slowOnes(world: WebWorld, count: number): Promise<Deno.Conn[]> {
  const connections: Deno.Conn[] = [];
  for (let from = 0; from < count; from += 100) {
    const some = await Promise.all(
      Array.from({ length: Math.min(100, count - from) }, async () => {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port: world.server.port });
        await connection.write(text("GET /healthz HTTP/1.1\r\nx-slow: ")).catch(() => {});
        return connection;
      }),
    );
    connections.push(...some);
  }
  return connections;
}

/** Resolves when the server hangs up. */
async function hungUp(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  while (await connection.read(buffer).catch(() => null) !== null);
}

Deno.test("WebServer keeps two thousand slow connections of one client to a few", async () => {
  await using world = await webWorld();
  const before = Deno.memoryUsage().rss;
  const slow = await slowOnes(world, 2_000);
  const { open, refused } = world.server.counts;
  ok(open <= CONNECTION_LIMITS.perClient, `${open} are open`);
  ok(refused >= 2_000 - CONNECTION_LIMITS.perClient, `${refused} were refused`);
  const grownMb = (Deno.memoryUsage().rss - before) / 1e6;
  ok(grownMb < 100, `memory grew by ${grownMb} MB`);
  for (const each of slow) each.close();
});

Deno.test("WebServer lets strangers push out strangers, and nobody who is logged in", async () => {
  const limits = { total: 50, perClient: 1_000, firstRequestMs: 60_000, idleMs: 60_000 };
  await using world = await webWorld({ limits });
  const token = "authorization: Bearer ";
  const tokenText = await newToken(world);
  using known = await Deno.connect({ hostname: "127.0.0.1", port: world.server.port });
  const ask = `GET /api/v1/session HTTP/1.1\r\nhost: x\r\n${token}${tokenText}\r\n\r\n`;
  await known.write(text(ask));
  await known.read(new Uint8Array(4_096));
  const slow = await slowOnes(world, 500);
  strictEqual(world.server.counts.open, 50);
  ok(world.server.counts.pushedOut >= 450);
  await known.write(text(ask));
  const buffer = new Uint8Array(4_096);
  const count = await known.read(buffer) ?? 0;
  match(new TextDecoder().decode(buffer.subarray(0, count)), /^HTTP\/1\.1 200/);
  for (const each of slow) each.close();
});

async function newToken(world: WebWorld): Promise<string> {
  const ask = await world.as("administrator");
  const answer = await ask("/api/v1/tokens", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "x", role: "viewer", cameras: "all" }),
  });
  return (await answer.json()).token;
}

Deno.test("WebServer hangs up on those that send no request in time, and on those that ask no more", async () => {
  const limits = { total: 100, perClient: 100, firstRequestMs: 200, idleMs: 300 };
  await using world = await webWorld({ limits });
  const silent = await slowOnes(world, 20);
  const asked = await Deno.connect({ hostname: "127.0.0.1", port: world.server.port });
  await asked.write(text("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"));
  await Promise.all([...silent, asked].map(hungUp));
  strictEqual(world.server.counts.timedOut, 21);
  for (const each of [...silent, asked]) each.close();
});

Deno.test("WebServer answers 504 when an answer takes too long, and lets go of what comes then", async () => {
  const isReady = Promise.withResolvers<void>();
  const film = () =>
    isReady.promise.then(() => ({
      totalBytes: 3,
      etag: '"x"',
      read: () => new Blob(["abc"]).stream(),
    }));
  const archive = door<WebParts["archive"]>("archive", { hasCamera: () => true, film });
  await using world = await webWorld({ answerLimitMs: 50, doors: { archive } });
  const ask = await world.as("viewer");
  const answer = await ask("/api/v1/cameras/front/film.mp4?from=0&to=1000");
  deepStrictEqual([answer.status, (await answer.json()).code], [504, "answer-late"]);
  strictEqual(world.server.counts.lateAnswers, 1);
  isReady.resolve();
});

Deno.test("arrivalOf() believes a proxy's last word only, and only behind one", () => {
  const headers = new Headers({
    "x-forwarded-for": "6.6.6.6, 192.0.2.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "cameras.example",
  });
  const request = { url: "http://127.0.0.1:8480/", headers };
  const arrived = { client: "127.0.0.1", welcome: () => {} };
  const about = (isBehindProxy: boolean) => {
    const { client, host, isSecure } = arrivalOf(request, {
      ...{ arrived, isBehindProxy, isEncrypted: false },
    });
    return { client, host, isSecure };
  };
  deepStrictEqual(about(true), { client: "192.0.2.7", host: "cameras.example", isSecure: true });
  deepStrictEqual(about(false), { client: "127.0.0.1", host: "127.0.0.1:8480", isSecure: false });
});

const place = (root: string): TlsPlace => ({
  root,
  nowMs: Date.now(),
  names: ["localhost", "127.0.0.1", "::1"],
});

Deno.test("tlsPair() makes a pair once, for its owner only, and anew before it runs out", async () => {
  await using folder = await tempFolder();
  const settings = { kind: "self-signed" } as const;
  const first = await tlsPair(settings, place(folder.path));
  deepStrictEqual(await tlsPair(settings, place(folder.path)), first);
  for (const name of ["cert.pem", "key.pem"]) {
    const { mode } = await Deno.stat(`${folder.path}/data/tls/${name}`);
    strictEqual((mode ?? 0) & 0o777, 0o600);
  }
  match(fingerprintOf(first), /^(?:[\dA-F]{2}:){31}[\dA-F]{2}$/);
  const later = { ...place(folder.path), nowMs: Date.now() + 800 * 86_400_000 };
  ok((await tlsPair(settings, later)).cert !== first.cert);
});

Deno.test("tlsPair() says which file it can't use, and not what is in it", async () => {
  await using folder = await tempFolder();
  const certPath = `${folder.path}/cert.pem`;
  const settings = { kind: "files", certPath, keyPath: `${folder.path}/key.pem` } as const;
  await rejects(tlsPair(settings, place(folder.path)), { code: "certificate-unusable" });
  await Deno.writeTextFile(certPath, "secret");
  await Deno.writeTextFile(settings.keyPath, "secret");
  const error = await tlsPair(settings, place(folder.path)).catch((thrown) => thrown);
  ok(error.toText().includes(certPath) && !error.toText().includes("secret"), error.toText());
});

Deno.test("WebServer serves over TLS with its own certificate, and says so to browsers", async () => {
  await using folder = await tempFolder();
  const pair = await tlsPair({ kind: "self-signed" }, place(folder.path));
  await using world = await webWorld({ tls: () => Promise.resolve(pair) });
  match(world.server.url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
  for (const [name, http2] of [["h2", true], ["http/1.1", false]] as const) {
    using client = Deno.createHttpClient({ caCerts: [pair.cert], http2, http1: !http2 });
    const answer = await fetch(`https://127.0.0.1:${world.server.port}/healthz`, { client });
    deepStrictEqual(await answer.json(), { status: "ok" }, name);
    match(answer.headers.get("strict-transport-security") ?? "", /max-age=\d+/);
  }
  // Whoever doesn't know TLS gets no further, and costs nothing that stays.
  await raw(world.server.port, "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
});

Deno.test("WebServer.start() refuses a port that is taken", async () => {
  await using world = await webWorld();
  await rejects(
    WebServer.start({
      app: world.app,
      settings: {
        listen: { hostname: "127.0.0.1", port: world.server.port },
        isBehindProxy: false,
      },
      tls: null,
      clock: systemClock,
    }),
    { code: "listen-failed" },
  );
});
