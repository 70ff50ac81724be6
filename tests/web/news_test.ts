import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { News } from "../../src/web/doors.ts";
import { NEWS_TYPES, NewsHub, type NewsListener, type NewsWish } from "../../src/web/news.ts";

const WISH: NewsWish = {
  name: "user:anna",
  role: "administrator",
  cameras: "all",
  onlyCameras: null,
  types: NEWS_TYPES,
};

function status(state: string): News {
  const camera = { cameraId: "front", state, cause: null, detail: "", fps: 5, bitsPerSecond: 1 };
  return { type: "status", cameras: [camera, { ...camera, cameraId: "yard" }] };
}

function alert(text: string, cameraId: string | null = "front"): News {
  return { type: "alert", priority: "info", cameraId, text, atMs: unixMs(0) };
}

function sight(atMs: number): News {
  const seen = { frame: null, moving: [], detections: null };
  return { type: "sight", cameraId: "front", atMs: unixMs(atMs), ...seen };
}

const LINE: News = { type: "log", atMs: unixMs(0), level: "info", category: "cli", message: "x" };

/** All that waits for a listener now. */
async function heard(listener: NewsListener): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const nothing = Promise.resolve("nothing" as const);
    // Already there or not at all: a microtask is enough.
    const next = await Promise.race([listener.next(), nothing.then(() => nothing)]);
    if (next === "nothing" || next === undefined) return texts;
    texts.push(next.type === "alert" ? next.text : next.type);
  }
}

function join(hub: NewsHub, wish: Partial<NewsWish> = {}): NewsListener {
  const listener = hub.listen({ ...WISH, ...wish });
  if (listener === undefined) throw new Error("refused");
  return listener;
}

Deno.test("NewsHub begins with the newest status, and keeps one at most waiting", async () => {
  const hub = new NewsHub();
  hub.publish(status("starting"));
  const listener = join(hub);
  hub.publish(alert("a"));
  hub.publish(status("recording"));
  deepStrictEqual(
    await heard(listener),
    ["alert", "status"].map((each) => each === "alert" ? "a" : each),
  );
});

Deno.test("NewsHub tells nobody of cameras that they may not see, nor of logs below their role", async () => {
  const hub = new NewsHub();
  const listener = join(hub, { role: "viewer", cameras: ["yard"] });
  hub.publish(alert("front"));
  hub.publish(alert("yard", "yard"));
  hub.publish(LINE);
  hub.publish(sight(1));
  hub.publish(status("recording"));
  const first = await listener.next();
  strictEqual(first?.type === "alert" && first.text, "yard");
  const second = await listener.next();
  deepStrictEqual(
    second?.type === "status" && second.cameras.map(({ cameraId }) => cameraId),
    ["yard"],
  );
});

Deno.test("NewsHub loses a slow listener's sights before anything else, and says how many", async () => {
  const hub = new NewsHub();
  const [slow, quick] = [join(hub), join(hub)];
  hub.publish(alert("kept"));
  for (let index = 0; index < 300; index += 1) {
    hub.publish(sight(index));
    await quick.next();
  }
  const all = await heard(slow);
  deepStrictEqual([all.length, all[0], all[1]], [257, "missed", "kept"]);
  strictEqual(hub.counters.missed, 45);
});

Deno.test("NewsHub says when somebody begins and ends to want sights", () => {
  const said: boolean[] = [];
  const hub = new NewsHub((areWanted) => said.push(areWanted));
  const without = join(hub, { types: ["status"] });
  deepStrictEqual(said, []);
  const [one, other] = [join(hub), join(hub)];
  one[Symbol.dispose]();
  deepStrictEqual(said, [true]);
  other[Symbol.dispose]();
  without[Symbol.dispose]();
  deepStrictEqual(said, [true, false]);
});

Deno.test("NewsHub refuses a person's twenty-first listener, and ends all of a person's", async () => {
  const hub = new NewsHub();
  const listeners = Array.from({ length: 20 }, () => join(hub));
  strictEqual(hub.listen(WISH), undefined);
  const other = join(hub, { name: "user:ben" });
  hub.close("user:anna");
  strictEqual(await listeners[0]!.next(), undefined);
  deepStrictEqual([hub.counters.listeners, other.isClosed], [1, false]);
});
