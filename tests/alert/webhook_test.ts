import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { readBody } from "../../src/alert/body.ts";
import type { WebhookSettings } from "../../src/alert/settings.ts";
import { QUEUE_FOLDER } from "../../src/alert/shelf.ts";
import { webhookReceiver, WebhookSink } from "../../src/alert/webhook.ts";
import { systemClock } from "../../src/base/clock.ts";
import { namesIn } from "../../src/host/files.ts";
import type { Delivery } from "../../src/model/alert_sink.ts";
import type { Priority } from "../../src/model/vision_settings.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { silence, startTcpServer } from "../support/tcp_server.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { anAlert } from "./made_up.ts";
import { startReceiver } from "./receiver.ts";

function settingsFor(url: string, settings: Partial<WebhookSettings> = {}): WebhookSettings {
  return {
    name: "home",
    url,
    secret: { kind: "text", text: "hunter2" },
    caPath: null,
    priorities: ["info", "warning", "critical"],
    timeoutMs: 5_000,
    ...settings,
  };
}

/** Sends one alert at once. */
async function deliver(settings: WebhookSettings): Promise<Delivery> {
  const { signal } = new AbortController();
  return await webhookReceiver(settings, systemClock).deliver(anAlert(), signal);
}

function numbered(number: number, priority: Priority = "warning") {
  return anAlert({ rule: { priority }, event: { eventId: `e${number}` } });
}

// One request

Deno.test("deliver() posts the alert, signed, with a key by which it is known again", async () => {
  await using receiver = startReceiver(() => 204);
  const clock = new FakeClock();
  const settings = settingsFor(receiver.url.replace("//", "//ann:p%40ss@"));
  const { signal } = new AbortController();
  deepStrictEqual(await webhookReceiver(settings, clock).deliver(anAlert(), signal), {
    outcome: "delivered",
    detail: "it answered 204",
  });
  const [{ headers, body }] = receiver.got as [typeof receiver.got[0]];
  strictEqual(headers.get("content-type"), "application/json");
  strictEqual(headers.get("idempotency-key"), "front-1-1-people");
  strictEqual(headers.get("authorization"), `Basic ${btoa("ann:p@ss")}`);
  const timestamp = String(Date.parse("2026-11-21T20:57:09Z") / 1_000);
  strictEqual(headers.get("x-lookback-timestamp"), timestamp);
  const expected = createHmac("sha256", "hunter2").update(`${timestamp}.${body}`).digest("hex");
  strictEqual(headers.get("x-lookback-signature"), `sha256=${expected}`);
  strictEqual(readBody(body)?.text, "Person seen by Front door");
});

Deno.test("deliver() reads the key from its file for each try, and signs nothing without one", async () => {
  await using folder = await tempFolder();
  await using receiver = startReceiver(() => 200);
  const path = join(folder.path, "key");
  const settings = settingsFor(receiver.url, { secret: { kind: "file", path } });
  const missing = await deliver(settings);
  strictEqual(missing.outcome, "failed");
  match(missing.detail, /^secret_file or ca_file can't be read: .*No such file/);
  await Deno.writeTextFile(path, "from a file\n");
  strictEqual((await deliver(settings)).outcome, "delivered");
  strictEqual((await deliver(settingsFor(receiver.url, { secret: null }))).outcome, "delivered");
  const [signed, unsigned] = receiver.got;
  const timestamp = signed?.headers.get("x-lookback-timestamp");
  const hmac = createHmac("sha256", "from a file").update(`${timestamp}.${signed?.body}`);
  strictEqual(signed?.headers.get("x-lookback-signature"), `sha256=${hmac.digest("hex")}`);
  strictEqual(unsigned?.headers.has("x-lookback-signature"), false);
});

const ANSWERS = [
  { name: "a refusal", status: 404, outcome: "refused", detail: /^it answered 404$/ },
  {
    name: "an answer that came too late",
    status: 408,
    outcome: "failed",
    detail: /^it answered 408$/,
  },
  { name: "a server that is ill", status: 503, outcome: "failed", detail: /^it answered 503$/ },
] as const;

for (const { name, status, outcome, detail } of ANSWERS) {
  Deno.test(`deliver() knows ${name}`, async () => {
    await using receiver = startReceiver(() => status);
    const delivery = await deliver(settingsFor(receiver.url));
    strictEqual(delivery.outcome, outcome);
    match(delivery.detail, detail);
  });
}

Deno.test("deliver() waits as long as a busy server asks for", async () => {
  await using receiver = startReceiver(() =>
    new Response(null, { status: 429, headers: { "retry-after": "7" } })
  );
  const delivery = await deliver(settingsFor(receiver.url));
  deepStrictEqual(delivery, { outcome: "failed", detail: "it answered 429", retryInMs: 7_000 });
});

Deno.test("deliver() follows no redirect, and tells no more of it than where it leads", async () => {
  await using other = startReceiver(() => 200);
  await using receiver = startReceiver(() => Response.redirect(`${other.url}?token=hunter2`, 307));
  const delivery = await deliver(settingsFor(receiver.url));
  strictEqual(delivery.outcome, "refused");
  match(delivery.detail, /^it answered 307: a redirect to http:\/\/127\.0\.0\.1:\d+, which is not/);
  strictEqual(other.got.length, 0);
});

Deno.test("deliver() says in plain words why there is no answer, without the address", async () => {
  await using deaf = startTcpServer(silence);
  await using gone = startTcpServer(() => Promise.resolve());
  await using plain = startReceiver(() => 200);
  const said = async (url: string, timeoutMs = 10_000) => {
    const { outcome, detail } = await deliver(settingsFor(`${url}/t/hunter2`, { timeoutMs }));
    strictEqual(outcome, "failed");
    doesNotMatch(detail, /hunter2|127\.0\.0\.1/);
    return detail;
  };
  strictEqual(await said(`http://${deaf.host}`, 150), "no answer within 0.15 s");
  strictEqual(await said(`http://${gone.host}`), "it closed the connection without an answer");
  strictEqual(await said("http://127.0.0.1:1"), "nothing listens there (connection refused)");
  strictEqual(
    await said(plain.url.replace("http:", "https:")),
    "it does not speak TLS there; is it http, not https?",
  );
});

async function openssl(folder: string, line: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: line.split(" "),
    cwd: folder,
    stdin: "null",
  }).output();
  ok(success, new TextDecoder().decode(stderr));
}

const NEW_KEY = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

Deno.test("deliver() trusts the authority in ca_file, and says what is wrong without it", async () => {
  await using folder = await tempFolder();
  const at = (name: string) => join(folder.path, name);
  await openssl(folder.path, `${NEW_KEY} -x509 -keyout ca.key -out ca.pem -subj /CN=box -days 9`);
  await Deno.writeTextFile(at("names"), "subjectAltName=IP:127.0.0.1\n");
  await openssl(folder.path, `${NEW_KEY} -keyout key.pem -out request.pem -subj /CN=server`);
  await openssl(
    folder.path,
    "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 " +
      "-extfile names -out server.pem",
  );
  const [cert, key] = await Promise.all(
    [at("server.pem"), at("key.pem")].map((path) => Deno.readTextFile(path)),
  ) as [string, string];
  await using receiver = startReceiver(() => 200, { cert, key });
  deepStrictEqual(await deliver(settingsFor(receiver.url)), {
    outcome: "failed",
    detail: "its certificate is signed by an authority that is not known here; " +
      "name that in ca_file",
  });
  const trusting = settingsFor(receiver.url, { caPath: at("ca.pem") });
  strictEqual((await deliver(trusting)).outcome, "delivered");
  await using misnamed = startReceiver(() => 200, await selfSigned(folder.path));
  const { detail } = await deliver(settingsFor(misnamed.url));
  match(detail, /^its certificate is that of an authority \(CA:TRUE\)/);
});

async function selfSigned(folder: string): Promise<{ cert: string; key: string }> {
  await openssl(folder, `${NEW_KEY} -x509 -keyout own.key -out own.pem -subj /CN=me -days 9`);
  return {
    cert: await Deno.readTextFile(join(folder, "own.pem")),
    key: await Deno.readTextFile(join(folder, "own.key")),
  };
}

// The queue

async function folderOfRoot() {
  const folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  return folder;
}

function queued(root: string): Promise<string[]> {
  return namesIn(join(root, QUEUE_FOLDER, "home"));
}

async function idle(sink: WebhookSink): Promise<void> {
  const limit = { limitMs: 10_000, what: "an empty queue" };
  await until(() => sink.counters.waiting === 0, limit);
}

Deno.test("WebhookSink delivers in order, through a server that is ill for a while", async () => {
  await using root = await folderOfRoot();
  // Down for three tries of the first alert.
  await using receiver = startReceiver((number) => number <= 3 ? 500 : 200);
  const clock = new FakeClock();
  const sink = new WebhookSink({ settings: settingsFor(receiver.url), root: root.path, clock });
  for (const number of [1, 2, 3]) sink.send(numbered(number));
  for (const tries of [1, 2, 3]) {
    await receiver.reached(tries);
    await until(() => clock.sleeping === 1, { limitMs: 5_000, what: "the pause" });
    await clock.advance(10_000);
  }
  await idle(sink);
  deepStrictEqual(receiver.ids.map((id) => id.charAt(1)), ["1", "1", "1", "1", "2", "3"]);
  const isGrowing = clock.slept.every((ms, index) => ms > 0.8 * 1_000 * 2 ** index - 1);
  ok(isGrowing, `${clock.slept}`);
  deepStrictEqual(sink.counters, { delivered: 3, waiting: 0, dropped: 0, fault: null });
  await sink.stop();
  deepStrictEqual(await queued(root.path), []);
});

Deno.test("WebhookSink keeps what waits over a restart, in order and known again", async () => {
  await using root = await folderOfRoot();
  const clock = new FakeClock();
  const parts = { root: root.path, clock };
  const nobody = new WebhookSink({ ...parts, settings: settingsFor("http://127.0.0.1:1/") });
  for (const number of [1, 2, 3]) nobody.send(numbered(number, "critical"));
  await until(() => clock.sleeping === 1, { limitMs: 5_000, what: "a pause" });
  await nobody.stop();
  strictEqual(nobody.counters.fault, "nothing listens there (connection refused)");
  const names = await queued(root.path);
  strictEqual(names.length, 3);
  match(names[0]!, /^000000000001-\d+-critical\.json$/);
  doesNotMatch(
    await Deno.readTextFile(join(root.path, QUEUE_FOLDER, "home", names[0]!)),
    /hunter2/,
  );
  // What a crash may leave, and what somebody may have put there.
  await Deno.writeTextFile(join(root.path, QUEUE_FOLDER, "home", `${names[0]}.part`), "{");
  await Deno.writeTextFile(join(root.path, QUEUE_FOLDER, "home", "note.json"), "{}");
  await using receiver = startReceiver(() => 200);
  const sink = new WebhookSink({ ...parts, settings: settingsFor(receiver.url) });
  sink.send(numbered(4));
  await receiver.reached(4);
  await idle(sink);
  await sink.stop();
  deepStrictEqual(receiver.ids.map((id) => id.slice(0, 2)), ["e1", "e2", "e3", "e4"]);
  deepStrictEqual(sink.counters, { delivered: 4, waiting: 0, dropped: 1, fault: null });
  deepStrictEqual(await queued(root.path), []);
});

Deno.test("WebhookSink drops what is refused, and goes on with the next", async () => {
  await using root = await folderOfRoot();
  await using receiver = startReceiver((number) => number === 1 ? 400 : 200);
  const clock = new FakeClock();
  const sink = new WebhookSink({ settings: settingsFor(receiver.url), root: root.path, clock });
  sink.send(numbered(1));
  sink.send(numbered(2));
  await receiver.reached(2);
  await idle(sink);
  await sink.stop();
  const { delivered, dropped } = sink.counters;
  deepStrictEqual({ delivered, dropped, slept: clock.slept }, {
    delivered: 1,
    dropped: 1,
    slept: [],
  });
});

Deno.test("WebhookSink takes 3000 alerts at once for a server that hangs, and keeps 1000", async () => {
  await using root = await folderOfRoot();
  await using deaf = startTcpServer(silence);
  const settings = settingsFor(`http://${deaf.host}/`, { timeoutMs: 60_000 });
  const sink = new WebhookSink({ settings, root: root.path, clock: new FakeClock() });
  sink.send(numbered(0, "info"));
  await deaf.reached(1);
  const startedAt = performance.now();
  for (let number = 1; number <= 3_000; number += 1) {
    sink.send(numbered(number, number % 4 === 0 ? "critical" : "info"));
  }
  const tookMs = performance.now() - startedAt;
  ok(tookMs < 3_000, `took ${tookMs} ms`);
  const { waiting, dropped } = sink.counters;
  deepStrictEqual({ waiting, dropped }, { waiting: 1_000, dropped: 2_001 });
  await sink.stop();
  const names = await queued(root.path);
  strictEqual(names.length, 1_000);
  strictEqual(names.filter((name) => name.endsWith("-critical.json")).length, 750);
});

Deno.test("WebhookSink sends what waits to its new address at once", async () => {
  await using root = await folderOfRoot();
  await using receiver = startReceiver(() => 200);
  const clock = new FakeClock();
  const settings = settingsFor("http://127.0.0.1:1/");
  const sink = new WebhookSink({ settings, root: root.path, clock });
  sink.send(numbered(1));
  await until(() => clock.sleeping === 1, { limitMs: 5_000, what: "a pause" });
  sink.reload(settingsFor(receiver.url));
  await receiver.reached(1);
  await idle(sink);
  await sink.stop();
});

Deno.test("WebhookSink delivers without a disk, and makes no folder where there is no root", async () => {
  await using folder = await tempFolder();
  await using receiver = startReceiver(() => 200);
  const settings = settingsFor(receiver.url);
  const sink = new WebhookSink({ settings, root: folder.path, clock: new FakeClock() });
  sink.send(numbered(1));
  await receiver.reached(1);
  await idle(sink);
  await sink.stop();
  deepStrictEqual(await namesIn(folder.path), []);
});
