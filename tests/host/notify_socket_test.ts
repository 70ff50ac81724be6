import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { openLog } from "../../src/base/log.ts";
import { parseLogLevels } from "../../src/base/log_levels.ts";
import { type Notifier, openNotifySocket } from "../../src/host/notify_socket.ts";
import { listenForNotices } from "../support/notify_listener.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A name that no other run of the tests has. */
const abstractName = () => `@lookback-test-${crypto.randomUUID()}`;

/** What is logged while a test runs. */
function captureLog(): Disposable & { readonly texts: readonly string[] } {
  const texts: string[] = [];
  const log = openLog({
    levels: parseLogLevels("info"),
    write: ({ text }) => texts.push(text),
  });
  return { texts, [Symbol.dispose]: () => log[Symbol.dispose]() };
}

const MESSAGES = [
  {
    name: "ready() sends READY=1 with the status",
    send: (notifier: Notifier) => notifier.ready("2 of 2 cameras recording"),
    received: "READY=1\nSTATUS=2 of 2 cameras recording",
  },
  {
    name: "status() sends a text as it is typed",
    send: (notifier: Notifier) => notifier.status("Straße 7: 25 fps"),
    received: "STATUS=Straße 7: 25 fps",
  },
  {
    name: "status() keeps a text on one line so that it can't hold a message",
    send: (notifier: Notifier) => notifier.status("up\nSTOPPING=1\r\n"),
    received: "STATUS=up STOPPING=1 ",
  },
  {
    name: "stopping() sends STOPPING=1",
    send: (notifier: Notifier) => notifier.stopping(),
    received: "STOPPING=1\nSTATUS=closing the open batches",
  },
  {
    name: "watchdog() sends WATCHDOG=1",
    send: (notifier: Notifier) => notifier.watchdog(),
    received: "WATCHDOG=1",
  },
] as const;

for (const { name, send, received } of MESSAGES) {
  Deno.test(`Notifier.${name}`, async () => {
    const socket = abstractName();
    using listener = listenForNotices(socket);
    using notifier = openNotifySocket(new Map([["NOTIFY_SOCKET", socket]]));
    send(notifier);
    strictEqual(await listener.next(), received);
  });
}

Deno.test("openNotifySocket() sends to a socket with a path, one datagram a message", async () => {
  await using folder = await tempFolder();
  const socket = `${folder.path}/notify`;
  using listener = listenForNotices(socket);
  using notifier = openNotifySocket(new Map([["NOTIFY_SOCKET", socket]]));
  notifier.ready("up");
  notifier.watchdog();
  deepStrictEqual([await listener.next(), await listener.next()], [
    "READY=1\nSTATUS=up",
    "WATCHDOG=1",
  ]);
});

Deno.test("Notifier.reloading() sends the kernel's monotonic time, which counts on from call to call", async () => {
  const socket = abstractName();
  using listener = listenForNotices(socket);
  using notifier = openNotifySocket(new Map([["NOTIFY_SOCKET", socket]]));
  const timeOf = async () => {
    const datagram = await listener.next();
    const found = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(datagram);
    ok(found !== null, datagram);
    return Number(found[1]);
  };
  notifier.reloading();
  notifier.reloading();
  const [firstUs, secondUs] = [await timeOf(), await timeOf()];
  ok(secondUs >= firstUs, `${secondUs} comes after ${firstUs}`);
  // The machine may have slept, which only the time since boot counts.
  const upMost = (Deno.osUptime() + 1) * 1_000_000;
  ok(firstUs > performance.now() * 1_000 && secondUs <= upMost, `${secondUs} µs`);
});

const INTERVALS = [
  { name: "is half of WATCHDOG_USEC", env: { WATCHDOG_USEC: "20000000" }, intervalMs: 10_000 },
  {
    name: "is half of WATCHDOG_USEC when WATCHDOG_PID names this process",
    env: { WATCHDOG_USEC: "3000000", WATCHDOG_PID: "71" },
    intervalMs: 1_500,
  },
  {
    name: "is null when WATCHDOG_PID names another process",
    env: { WATCHDOG_USEC: "3000000", WATCHDOG_PID: "72" },
    intervalMs: null,
  },
  { name: "is null without WATCHDOG_USEC", env: {}, intervalMs: null },
  { name: "is null for a time of 0", env: { WATCHDOG_USEC: "0" }, intervalMs: null },
  {
    name: "is null for a time that is no number",
    env: { WATCHDOG_USEC: "soon" },
    intervalMs: null,
  },
] as const;

for (const { name, env, intervalMs } of INTERVALS) {
  Deno.test(`Notifier.watchdogIntervalMs ${name}`, () => {
    const all = new Map(Object.entries({ NOTIFY_SOCKET: abstractName(), ...env }));
    using notifier = openNotifySocket(all, 71);
    strictEqual(notifier.watchdogIntervalMs, intervalMs);
  });
}

Deno.test("openNotifySocket() gives a notifier that does nothing outside of a service", () => {
  using notifier = openNotifySocket(new Map([["WATCHDOG_USEC", "20000000"]]));
  strictEqual(notifier.watchdogIntervalMs, null);
  notifier.ready("up");
  notifier.reloading();
  notifier.stopping();
});

const UNUSABLE = [
  { name: "a relative path", socket: "run/notify" },
  { name: "a socket of another kind", socket: "vsock:2:1234" },
  { name: "an abstract socket without a name", socket: "@" },
  { name: "a path longer than the kernel takes", socket: `/${"x".repeat(108)}` },
] as const;

for (const { name, socket } of UNUSABLE) {
  Deno.test(`openNotifySocket() logs ${name} and goes on without systemd`, () => {
    using log = captureLog();
    using notifier = openNotifySocket(new Map([["NOTIFY_SOCKET", socket]]));
    notifier.ready("up");
    strictEqual(log.texts.length, 1);
    ok(log.texts[0]!.includes(`NOTIFY_SOCKET is "${socket}"`), log.texts[0] ?? "no line");
  });
}

Deno.test("Notifier.ready() logs that systemd did not take it when nobody listens", () => {
  using log = captureLog();
  using notifier = openNotifySocket(new Map([["NOTIFY_SOCKET", abstractName()]]));
  notifier.ready("up");
  strictEqual(log.texts.length, 1);
  match(log.texts[0]!, /systemd did not take "READY=1"/);
});
