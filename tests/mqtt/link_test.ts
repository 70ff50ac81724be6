import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { healthMessage } from "../../src/mqtt/health_messages.ts";
import { listenTo, say, startBroker } from "../support/mosquitto.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { openLink, queuedMessage } from "./link_world.ts";

const OK = { component: "writer", state: "ok", detail: "" } as const;

Deno.test("Link sends what waited while the broker was away, exactly once and in order", async () => {
  await using folder = await tempFolder();
  const first = await startBroker({ folder: folder.path });
  const { port } = first;
  const topics = ["a/#", "system/#"];
  const messages = (from: number, to: number) =>
    Array.from(
      { length: to - from },
      (_, index) =>
        queuedMessage(`a/${(from + index) % 2}`, `${from + index}`, {
          qos: index % 2 === 0 ? 2 : 1,
        }),
    );
  {
    await using _known = await listenTo(first, { topics, clientId: "counter" });
  }
  {
    await using world = openLink(folder.path, { url: first.url });
    await until(() => world.link.isUp, { limitMs: 10_000, what: "a connection" });
    world.link.state(healthMessage(OK, systemClock.now()));
    world.outbox.add(messages(0, 50));
    await until(() => world.link.counters.sent >= 30, { limitMs: 5_000, what: "some" });
    await first.stop();
    world.outbox.add(messages(50, 100));
    world.outbox.commit();
    await until(() => !world.link.isUp, { limitMs: 5_000, what: "the end" });
  }
  await using again = await startBroker({ folder: folder.path, port });
  await using world = openLink(folder.path, { url: again.url });
  await using counter = await listenTo(again, { topics, clientId: "counter" });
  await until(() => world.outbox.counters.waiting === 0, { limitMs: 10_000, what: "all" });
  await until(() => new Set(ofA(counter.heard)).size === 100, {
    limitMs: 10_000,
    what: "all heard",
  });
  for (const each of [0, 1]) {
    const numbers = counter.heard.filter(({ topic }) => topic === `a/${each}`);
    const exactly = numbers.filter(({ qos }) => qos === 2).map(({ payload }) => Number(payload));
    deepStrictEqual(exactly, [...new Set(exactly)].toSorted((one, two) => one - two));
    const once = [...new Set(numbers.map(({ payload }) => Number(payload)))];
    if (each === 0) deepStrictEqual(once, once.toSorted((one, two) => one - two));
    strictEqual(once.length, 50);
  }
  ok(counter.heard.length < 130, `${counter.heard.length} with what came twice`);
});

function ofA(heard: readonly { readonly topic: string; readonly payload: string }[]): string[] {
  return heard.filter(({ topic }) => topic.startsWith("a/")).map(({ payload }) => payload);
}

Deno.test("Link hears what it has subscribed to, below its prefix alone", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path, scheme: "mqtt" });
  await using world = openLink(folder.path, { url: broker.url, prefix: "site/" }, ["b/+"]);
  await until(() => world.link.isUp, { limitMs: 10_000, what: "a connection" });
  await say(broker, { topic: "b/1", payload: "no" });
  await say(broker, { topic: "site/b/1", payload: "yes", qos: 2 });
  await until(() => world.incoming.length > 0, { limitMs: 5_000, what: "a message" });
  const heard = world.incoming.map(({ topic, payload, qos }) => ({
    topic,
    qos,
    payload: new TextDecoder().decode(payload),
  }));
  deepStrictEqual(heard, [{ topic: "b/1", qos: 2, payload: "yes" }]);
});
