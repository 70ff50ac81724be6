/**
 * Requests of people who mean no good, as a table: each gets the right status, and
 * the server goes on.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { withRights } from "../../src/web/access/accounts.ts";
import { FILM_BYTES, raw, type WebWorld, webWorld } from "./web_world.ts";

const JSON_TYPE = { "content-type": "application/json" };
const LONG_PASSWORD = "correct horse battery";

/** Status line's number. */
function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1]);
}

function request(lines: readonly string[], body = ""): string {
  return `${[...lines, "host: x", "connection: close"].join("\r\n")}\r\n\r\n${body}`;
}

const PATHS = [
  "/../../etc/passwd",
  "/..%2f..%2fetc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/assets/../../data/access.json",
  "/assets/..%2f..%2fdata%2faccess.json",
  "/assets//etc/passwd",
  "/data/access.json",
  "/assets/main-AB12CD34.js%00.html",
  "/assets/main-AB12CD34.js/..",
  "//evil.example/",
  "/api/v1/../../healthz/../data",
  "/manifest.json",
  "/index.html",
  "/.git/config",
  "/share/../data/access.json",
  "/share/%2e%2e%2f%2e%2e%2fdata",
  "/api/v1/cameras/..%2f..%2fdata/still",
  "/api/v1/recordings/..%2f..%2fdata%2faccess.json",
  "/api/v1/recordings/..%2f..%2fdata/renditions/720p/init.mp4",
  "/api/v1/recordings/1/renditions/..%2f..%2fdata/access.json",
  "/api/v1/recordings/1/renditions/720p/..%2finit.mp4",
  "/api/v1/recordings/1/renditions/720p/1-99999999999999999999.m4s",
  "/api/v1/cameras/front/renditions/..%2frecorded.m3u8",
  "/%ff%fe",
  "/api/v1/cameras/%00/still",
];

Deno.test("hostile paths reach no file: strangers get 401 or 404, those logged in 400 or 404", async () => {
  await using world = await webWorld();
  const ask = await world.as("administrator");
  const token = await tokenOf(ask, world);
  for (const path of PATHS) {
    const stranger = await raw(world.server.port, request([`GET ${path} HTTP/1.1`]));
    ok([400, 401, 404].includes(statusOf(stranger)), `${path}: ${stranger.slice(0, 200)}`);
    const known = await raw(
      world.server.port,
      request([`GET ${path} HTTP/1.1`, `authorization: Bearer ${token}`]),
    );
    ok([400, 404].includes(statusOf(known)), `${path}: ${known.slice(0, 200)}`);
    for (const answer of [stranger, known]) {
      ok(!answer.includes("scrypt") && !answer.includes("root:"), path);
    }
  }
  await goesOn(world);
});

async function tokenOf(
  ask: (path: string, init?: RequestInit) => Promise<Response>,
  _world: WebWorld,
): Promise<string> {
  const answer = await ask("/api/v1/tokens", {
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify({ name: "x", role: "administrator", cameras: "all" }),
  });
  return (await answer.json()).token;
}

async function goesOn(world: WebWorld): Promise<void> {
  const answer = await fetch(`${world.origin}/healthz`);
  deepStrictEqual(await answer.json(), { status: "ok" });
}

const MALFORMED = [
  { name: "no HTTP at all", text: "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", statuses: [400] },
  { name: "a method that there is not", text: request(["BREW / HTTP/1.1"]), statuses: [401, 405] },
  { name: "TRACE", text: request(["TRACE / HTTP/1.1"]), statuses: [401, 405] },
  {
    name: "an address of 20,000 characters",
    text: request([`GET /${"a".repeat(20_000)} HTTP/1.1`]),
    statuses: [414],
  },
  {
    name: "header fields of 2 MB",
    text: request(["GET / HTTP/1.1", `x-large: ${"a".repeat(2_000_000)}`]),
    statuses: [431],
  },
  {
    name: "a thousand header fields",
    text: request(["GET / HTTP/1.1", ...Array.from({ length: 1_000 }, (_, i) => `x-${i}: a`)]),
    statuses: [431],
  },
  {
    name: "two lengths",
    text: request(
      ["POST /api/v1/session HTTP/1.1", "content-length: 4", "content-length: 5"],
      "{}xxx",
    ),
    statuses: [400],
  },
  {
    name: "a length that is none",
    text: request(["POST /api/v1/session HTTP/1.1", "content-length: -1"]),
    statuses: [400],
  },
];

for (const { name, text, statuses } of MALFORMED) {
  Deno.test(`a request with ${name} is refused, and the server goes on`, async () => {
    await using world = await webWorld();
    const answer = await raw(world.server.port, text);
    // Whoever speaks no HTTP may also just be hung up on.
    const isRefused = answer === "" || statuses.includes(statusOf(answer));
    ok(isRefused, `${name}: ${answer.slice(0, 200)}`);
    await goesOn(world);
  });
}

const BODIES = [
  {
    name: "1.1 MB with its length",
    type: "application/json",
    body: "a".repeat(1_100_000),
    is: 413,
  },
  { name: "a form", type: "application/x-www-form-urlencoded", body: "user=a&password=b", is: 415 },
  { name: "plain text", type: "text/plain", body: '{"user":"a","password":"b"}', is: 415 },
  { name: "no JSON", type: "application/json", body: '{"user":', is: 400 },
  { name: "JSON of another shape", type: "application/json", body: '{"user":["a"]}', is: 400 },
  { name: "null", type: "application/json", body: "null", is: 400 },
  {
    name: "a prototype",
    type: "application/json",
    body: '{"__proto__":{"role":"administrator"},"user":"a"}',
    is: 400,
  },
  {
    name: "a password of 10,000 characters",
    type: "application/json",
    body: JSON.stringify({ user: "admin", password: "a".repeat(10_000) }),
    is: 400,
  },
  { name: "nesting", type: "application/json", body: "[".repeat(16_000), is: 400 },
  {
    name: "more than a log-in has",
    type: "application/json",
    body: JSON.stringify({ user: "admin", password: "a".repeat(20_000) }),
    is: 413,
  },
];

Deno.test("hostile bodies of a log-in are refused with their status", async () => {
  await using world = await webWorld();
  for (const { name, type, body, is } of BODIES) {
    const answer = await fetch(`${world.origin}/api/v1/session`, {
      method: "POST",
      body,
      headers: { "content-type": type },
    });
    const { status } = await answer.json();
    strictEqual(status, is, name);
  }
  // Without a length, and without an end.
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
  });
  const answer = await fetch(`${world.origin}/api/v1/session`, {
    method: "POST",
    body: endless,
    headers: JSON_TYPE,
  }).catch(() => undefined);
  if (answer !== undefined) strictEqual((await answer.json()).code, "body-too-large");
  await goesOn(world);
});

const RANGES = [
  ["bytes=0-9", 206],
  ["bytes=-10", 206],
  [`bytes=${FILM_BYTES - 1}-`, 206],
  [`bytes=${FILM_BYTES}-`, 416],
  ["bytes=10-5", 416],
  ["bytes=0-0,1-1,2-2", 416],
  [`bytes=${Array(500).fill("0-").join(",")}`, 416],
  ["bytes=99999999999999999999-", 416],
  ["bytes=-0", 416],
  ["bytes=abc", 416],
  ["lines=0-5", 200],
] as const;

Deno.test("hostile ranges of a film get 416 with its length", async () => {
  await using world = await webWorld();
  const ask = await world.as("viewer");
  for (const [range, status] of RANGES) {
    const answer = await ask("/api/v1/cameras/front/film.mp4?from=0&to=1000", {
      headers: { range },
    });
    await answer.body?.cancel();
    strictEqual(answer.status, status, range);
    if (status === 416) strictEqual(answer.headers.get("content-range"), `bytes */${FILM_BYTES}`);
  }
});

/** Cookies and tokens that nobody was given. */
const FORGED: readonly Record<string, string>[] = [
  { cookie: "lookback_session=" },
  { cookie: `lookback_session=${"a".repeat(43)}` },
  { cookie: "lookback_session=admin; role=administrator" },
  { cookie: `lookback_session=${"a".repeat(100_000)}` },
  { authorization: "Bearer" },
  { authorization: "Bearer null" },
  { authorization: `Bearer ${"a".repeat(43)}` },
  { authorization: `Bearer lbt_${"a".repeat(43)}` },
  { authorization: "Basic YWRtaW46YWRtaW4=" },
  { "x-forwarded-user": "admin" },
  { "x-forwarded-for": "127.0.0.1" },
];

Deno.test("forged cookies and tokens let nobody in", async () => {
  await using world = await webWorld();
  for (const headers of FORGED) {
    const answer = await fetch(`${world.origin}/api/v1/cameras`, { headers });
    await answer.body?.cancel();
    ok([401, 431].includes(answer.status), JSON.stringify(headers).slice(0, 100));
  }
  // The hash that is kept is not the secret.
  const [user] = world.access.data.users;
  for (const value of [user!.stamp, user!.password.hash, "0".repeat(64)]) {
    const answer = await fetch(`${world.origin}/api/v1/cameras`, {
      headers: { cookie: `lookback_session=${value}` },
    });
    await answer.body?.cancel();
    strictEqual(answer.status, 401);
  }
});

Deno.test("what another site makes a browser send in one's name is refused", async () => {
  await using world = await webWorld();
  await world.addUser("anna", LONG_PASSWORD, "administrator");
  const cookie = cookieOf(await world.logIn("anna", LONG_PASSWORD));
  const own = world.origin;
  const ROWS: readonly [string, number, RequestInit & { headers: Record<string, string> }][] = [
    ["post of another site", 403, { method: "POST", headers: { origin: "https://evil.example" } }],
    ["post of no site", 403, { method: "POST", headers: {} }],
    ["post of a file", 403, { method: "POST", headers: { origin: "null" } }],
    ["post of another port", 403, { method: "POST", headers: { origin: "http://127.0.0.1:1" } }],
    ["post of another scheme", 403, {
      method: "POST",
      headers: { origin: own.replace("http:", "https:") },
    }],
    ["post that the browser calls cross-site", 403, {
      method: "POST",
      headers: { origin: own, "sec-fetch-site": "cross-site" },
    }],
    ["post that the browser calls same-site", 403, {
      method: "POST",
      headers: { "sec-fetch-site": "same-site" },
    }],
    ["post of our page", 201, { method: "POST", headers: { origin: own } }],
    ["post of our page, as browsers call it", 201, {
      method: "POST",
      headers: { origin: own, "sec-fetch-site": "same-origin" },
    }],
    ["picture on another site", 403, { headers: { "sec-fetch-site": "cross-site" } }],
    ["picture on another port", 403, {
      headers: { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    }],
    ["a link on another site", 200, {
      headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
    }],
    ["WebSocket of another site", 403, {
      headers: {
        ...{ origin: "https://evil.example", upgrade: "websocket", connection: "upgrade" },
        ...{ "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
      },
    }],
  ];
  for (const [index, [name, status, init]] of ROWS.entries()) {
    const body = JSON.stringify({ name: `u${index}`, role: "viewer", cameras: "all" });
    const lines = Object.entries({ ...init.headers, cookie }).map(([key, value]) =>
      `${key}: ${value}`
    );
    const isPost = init.method === "POST";
    const answer = await raw(
      world.server.port,
      [
        `${isPost ? "POST" : "GET"} ${
          name.startsWith("Web") ? "/api/v1/stream" : "/api/v1/users"
        } HTTP/1.1`,
        `host: ${new URL(own).host}`,
        ...lines,
        ...(init.headers["connection"] === undefined ? ["connection: close"] : []),
        ...(isPost ? ["content-type: application/json", `content-length: ${body.length}`] : []),
      ].join("\r\n") + `\r\n\r\n${isPost ? body : ""}`,
      (text) => text.includes("\r\n\r\n") && name.startsWith("Web"),
    );
    strictEqual(statusOf(answer), status, `${name}: ${answer.slice(0, 300)}`);
  }
  // Logging in somebody as somebody else is no less bad.
  const forced = await fetch(`${own}/api/v1/session`, {
    method: "POST",
    headers: { ...JSON_TYPE, origin: "https://evil.example" },
    body: JSON.stringify({ user: "anna", password: LONG_PASSWORD }),
  });
  strictEqual((await forced.json()).code, "other-site");
});

function cookieOf(answer: Response): string {
  answer.body?.cancel();
  return (answer.headers.get("set-cookie") ?? "").split(";")[0]!;
}

Deno.test("a WebSocket ends when the log-in behind it does, and without one there is none", async () => {
  await using world = await webWorld();
  await world.addUser("anna", LONG_PASSWORD);
  const cookie = cookieOf(await world.logIn("anna", LONG_PASSWORD));
  const url = `${world.origin.replace("http", "ws")}/api/v1/stream`;
  const stranger = new WebSocket(url);
  const failed = await new Promise<boolean>((resolve) => {
    stranger.onopen = () => resolve(false);
    stranger.onerror = () => resolve(true);
  });
  ok(failed);
  const known = new WebSocket(url, { headers: { cookie, origin: world.origin } });
  await new Promise<void>((resolve, reject) => {
    known.onopen = () => resolve();
    known.onerror = () => reject(new Error("the WebSocket was refused"));
  });
  const closed = new Promise<void>((resolve) => known.onclose = () => resolve());
  await world.access.change((data) => withRights(data, "anna", { cameras: ["front"] }));
  await closed;
  const again = await fetch(`${world.origin}/api/v1/session`, { headers: { cookie } });
  await again.body?.cancel();
  strictEqual(again.status, 401);
});

Deno.test("a flood of WebSockets and of their messages is bounded", async () => {
  await using world = await webWorld();
  await world.addUser("anna", LONG_PASSWORD);
  const cookie = cookieOf(await world.logIn("anna", LONG_PASSWORD));
  const url = `${world.origin.replace("http", "ws")}/api/v1/stream`;
  const sockets = Array.from(
    { length: 60 },
    () => new WebSocket(url, { headers: { cookie, origin: world.origin } }),
  );
  const opened = await Promise.all(sockets.map((socket) =>
    new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    })
  ));
  const isOpen = opened.filter((each) => each).length;
  ok(isOpen > 0 && isOpen <= 20, `${isOpen} of one user are open`);
  const message = "x".repeat(60_000);
  const open = sockets.filter((_, index) => opened[index]);
  for (const socket of open) for (let n = 0; n < 20; n++) socket.send(message);
  await goesOn(world);
  await Promise.all(open.map((socket) =>
    new Promise<void>((resolve) => {
      if (socket.readyState === WebSocket.CLOSED) return resolve();
      socket.onclose = () => resolve();
      socket.close();
    })
  ));
});
