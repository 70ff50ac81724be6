import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { News } from "../../src/web/doors.ts";
import { NewsHub } from "../../src/web/news.ts";
import { until } from "../support/until.ts";
import { type WebWorld, webWorld } from "./web_world.ts";

const PASSWORD = "quite a long one 77";

function alert(text: string, cameraId: string): News {
  return { type: "alert", priority: "info", cameraId, text, atMs: unixMs(0) };
}

interface Heard {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[];
  readonly closed: Promise<{ readonly code: number }>;
}

/** A WebSocket as a page opens it: with the cookie and its own origin. */
function connect(world: WebWorld, cookie: string, query = ""): Heard {
  const socket = new WebSocket(`${world.origin.replace("http", "ws")}/api/v1/stream${query}`, {
    headers: { cookie, origin: world.origin },
  });
  const messages: Record<string, unknown>[] = [];
  const closed = new Promise<{ readonly code: number }>((resolve) => {
    socket.onclose = ({ code }) => resolve({ code });
  });
  socket.onerror = (event) => event.preventDefault();
  socket.onmessage = ({ data }) => messages.push(JSON.parse(data));
  return { socket, messages, closed };
}

async function cookieOf(world: WebWorld, name: string): Promise<string> {
  const response = await world.logIn(name, PASSWORD);
  await response.body?.cancel();
  return response.headers.getSetCookie()[0]!.split(";")[0]!;
}

Deno.test("GET /api/v1/stream sends news over a WebSocket until the user is removed", async () => {
  const news = new NewsHub();
  await using world = await webWorld({ doors: { news } });
  await world.addUser("anna", PASSWORD);
  const { messages, closed } = connect(world, await cookieOf(world, "anna"), "?cameras=front");
  await until(() => news.counters.listeners === 1, { limitMs: 5_000, what: "a listener" });
  news.publish(alert("elsewhere", "yard"));
  news.publish({ type: "log", atMs: unixMs(0), level: "info", category: "cli", message: "x" });
  news.publish(alert("here", "front"));
  await until(() => messages.length > 0, { limitMs: 5_000, what: "a message" });
  deepStrictEqual(messages, [{
    type: "alert",
    priority: "info",
    camera: "front",
    text: "here",
    at: "1970-01-01T00:00:00.000Z",
  }]);
  await world.access.change((data) => ({ ...data, users: [] }));
  await closed;
  strictEqual(news.counters.listeners, 0);
});

Deno.test("GET /api/v1/stream ends a listener that talks without end, and keeps the others", async () => {
  const news = new NewsHub();
  await using world = await webWorld({ doors: { news } });
  await world.addUser("anna", PASSWORD);
  const cookie = await cookieOf(world, "anna");
  const [loud, quiet] = [connect(world, cookie), connect(world, cookie)];
  await until(() => news.counters.listeners === 2, { limitMs: 5_000, what: "listeners" });
  for (let count = 0; count < 200; count += 1) loud.socket.send("hello?");
  await loud.closed;
  news.publish(alert("still", "front"));
  await until(() => quiet.messages.length > 0, { limitMs: 5_000, what: "a message" });
  strictEqual(news.counters.listeners, 1);
  quiet.socket.close();
  await quiet.closed;
});

Deno.test("HEAD of what goes on for long leaves no listener behind", async () => {
  const news = new NewsHub();
  await using world = await webWorld({ doors: { news } });
  const ask = await world.as("viewer");
  for (let n = 0; n < 25; n++) {
    strictEqual((await ask("/api/v1/stream/sse", { method: "HEAD" })).status, 200);
  }
  strictEqual(news.counters.listeners, 0);
});

Deno.test("GET /api/v1/stream refuses another site's page, strangers, and what is no WebSocket", async () => {
  const news = new NewsHub();
  await using world = await webWorld({ doors: { news } });
  await world.addUser("anna", PASSWORD);
  const cookie = await cookieOf(world, "anna");
  const refused = async (headers: Record<string, string>) => {
    const socket = new WebSocket(`${world.origin.replace("http", "ws")}/api/v1/stream`, {
      headers,
    });
    return await new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(false);
      socket.onerror = (event) => {
        event.preventDefault();
        resolve(true);
      };
    });
  };
  ok(await refused({ cookie, origin: "http://elsewhere.example" }));
  ok(await refused({ origin: world.origin }));
  const ask = await world.as("viewer");
  const plain = await ask("/api/v1/stream");
  deepStrictEqual([plain.status, (await plain.json()).code], [426, "websocket-needed"]);
  const wrong = await ask("/api/v1/stream/sse?types=gossip");
  deepStrictEqual([wrong.status, (await wrong.json()).code], [400, "request-invalid"]);
  strictEqual(news.counters.listeners, 0);
});
