import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { healthMessage } from "../../src/mqtt/health_messages.ts";
import { type Broker, listenTo, say, startBroker, USER } from "../support/mosquitto.ts";
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

/** What the broker keeps. */
async function keptBy(broker: Pick<Broker, "port">, topic: string): Promise<readonly string[]> {
  await using late = await listenTo(broker, { topics: [topic] });
  return late.heard.filter(({ retain }) => retain).map((each) => each.topic);
}

Deno.test("Link takes a topic back behind what the queue is telling there", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  await using world = openLink(folder.path, { url: broker.url, prefix: "site/" });
  const { link, outbox } = world;
  await until(() => link.isUp, { limitMs: 10_000, what: "a connection" });
  const newest = { qos: 2, retain: true, isNewestOnly: true } as const;
  outbox.add(["a/1", "a/2"].map((topic) => queuedMessage(topic, "told", newest)));
  // Both are handed out by this, and begin with what has to be on disk first.
  outbox.commit();
  outbox.withdraw(["a/1"]);
  let gone = 0;
  link.takeBack("site/a/1", () => gone += 1);
  await until(() => gone === 1, { limitMs: 5_000, what: "the end of a/1" });
  await until(() => outbox.counters.waiting === 0, { limitMs: 5_000, what: "all" });
  deepStrictEqual(await keptBy(broker, "site/a/#"), ["site/a/2"]);
});

Deno.test("Link does not count as gone what the broker refuses to forget", async () => {
  await using folder = await tempFolder();
  const rights = join(folder.path, "rights");
  await Deno.writeTextFile(rights, `user ${USER}\ntopic readwrite a/#\n`);
  await using broker = await startBroker({ folder: folder.path, extra: [`acl_file ${rights}`] });
  await using world = openLink(folder.path, { url: broker.url });
  const gone: string[] = [];
  for (const topic of ["b/1", "a/1"]) world.link.takeBack(topic, () => gone.push(topic));
  await until(() => gone.length > 0, { limitMs: 10_000, what: "one" });
  await until(() => world.link.counters.refused === 1, { limitMs: 5_000, what: "a refusal" });
  deepStrictEqual(gone, ["a/1"]);
});

Deno.test("Link.stop() leaves in the queue what the broker has not taken", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  await using world = openLink(folder.path, { url: broker.url });
  const { link, outbox } = world;
  // More than can be sent within the second that a farewell may take.
  const count = 2_000;
  outbox.add(Array.from({ length: count }, (_, at) => queuedMessage("a", `${at}`, { qos: 2 })));
  await until(() => link.counters.sent > 0, { limitMs: 10_000, what: "some" });
  await link.stop([]);
  outbox.commit();
  const { sent, refused } = link.counters;
  deepStrictEqual([outbox.counters.waiting + sent, refused], [count, 0]);
  ok(sent < count, "all could be sent");
});

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
