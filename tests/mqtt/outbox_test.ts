import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/base/clock.ts";
import { unixMs } from "../../src/base/units.ts";
import { Outbox } from "../../src/mqtt/outbox.ts";
import type { OutboxStore } from "../../src/mqtt/outbox_rows.ts";
import { Outbox as OutboxFile, OUTBOX_PATH } from "../../src/store/outbox.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { queuedMessage } from "./link_world.ts";

const LIMITS = { maxCount: 4, maxAgeMs: 1_000 };
const AT = unixMs(1_000_000);

function payloads(store: OutboxStore): string[] {
  return store.waitingAfter(0, 100).map(({ payload }) => payload);
}

Deno.test("Outbox file gives back what was put in, in order, after another opening", async () => {
  await using folder = await tempFolder();
  {
    using file = OutboxFile.open(folder.path);
    const messages = ["1", "2", "3"].map((payload) => queuedMessage("a", payload, { qos: 2 }));
    file.commit(messages.map((message) => ({ type: "add", message, atMs: AT })), true);
    const [first, second] = file.waitingAfter(0, 2);
    file.commit([{ type: "sent", id: first!.id, packetId: 7 }], true);
    file.commit([{ type: "released", packetId: 7 }], true);
    file.commit([{ type: "arrived", id: second!.id }], false);
    file.commit([
      ...["x", "y"].map((topic) => ({ type: "keep-topic", broker: "one", topic }) as const),
      { type: "keep-topic", broker: "two", topic: "x" },
      { type: "forget-topic", broker: "one", topic: "x" },
      { type: "forget-topic", broker: "two", topic: "y" },
    ], false);
  }
  using file: OutboxStore = OutboxFile.open(folder.path);
  deepStrictEqual(payloads(file), ["3"]);
  deepStrictEqual(
    file.onTheirWay().map(({ payload, packetId, isReleased }) => [payload, packetId, isReleased]),
    [["1", 7, true]],
  );
  deepStrictEqual([file.keptTopics("one"), file.keptTopics("two")], [["y"], ["x"]]);
  strictEqual(file.oldestMs(), AT);
  file.commit([{ type: "forget-packets" }], true);
  deepStrictEqual(payloads(file), ["1", "3"]);
});

Deno.test("Outbox file drops what is too old, and of too many the oldest of the least grave", () => {
  using file: OutboxStore = OutboxFile.inMemory();
  const add = (payload: string, priority: "info" | "warning" | "critical", atMs = AT) =>
    ({ type: "add", message: queuedMessage("a", payload, { priority }), atMs }) as const;
  const trimmed = file.commit([
    add("old", "critical", unixMs(AT - 2_000)),
    ...[add("i1", "info"), add("c1", "critical"), add("i2", "info"), add("w1", "warning")],
    ...[add("i3", "info"), add("w2", "warning")],
    { type: "trim", limits: LIMITS, nowMs: AT },
  ], false);
  deepStrictEqual(trimmed, { tooOld: 1, tooMany: 2 });
  deepStrictEqual(payloads(file), ["c1", "w1", "i3", "w2"]);
});

Deno.test("Outbox file replaces what only the newest of is wanted, and never drops it", () => {
  using file: OutboxStore = OutboxFile.inMemory();
  const newest = (payload: string) =>
    ({
      type: "add",
      message: queuedMessage("state", payload, { isNewestOnly: true, qos: 2 }),
      atMs: AT,
    }) as const;
  file.commit([newest("1"), newest("2")], false);
  const [row] = file.waitingAfter(0, 1);
  file.commit([{ type: "sent", id: row!.id, packetId: 1 }, newest("3")], false);
  const limits = { maxCount: 0, maxAgeMs: 0 };
  file.commit([{ type: "trim", limits, nowMs: unixMs(AT + 1) }], false);
  deepStrictEqual([payloads(file), file.count()], [["3"], 2]);
});

Deno.test("Outbox file takes over what a file of the first shape has", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, OUTBOX_PATH);
  {
    using file = OutboxFile.open(folder.path);
    file.commit([{ type: "add", message: queuedMessage("a", "1"), atMs: AT }], true);
  }
  {
    using before = new DatabaseSync(path);
    before.exec(`drop table kept_topics; pragma user_version = 1;
      create table kept_topics (topic text primary key) strict, without rowid;
      insert into kept_topics values ('cameras/front/status')`);
  }
  using file: OutboxStore = OutboxFile.open(folder.path);
  deepStrictEqual([payloads(file), file.keptTopics("")], [["1"], []]);
});

Deno.test("Outbox file leaves one alone that it can't write to, but could read", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, OUTBOX_PATH);
  {
    using file = OutboxFile.open(folder.path);
    file.commit([{ type: "add", message: queuedMessage("a", "1"), atMs: AT }], true);
  }
  // Where its journal belongs there is something else: no file can be opened there.
  await Deno.mkdir(`${path}-wal`);
  throws(() => OutboxFile.open(folder.path), /unable to open database file/);
  await Deno.remove(`${path}-wal`);
  using file: OutboxStore = OutboxFile.open(folder.path);
  deepStrictEqual(payloads(file), ["1"]);
});

Deno.test("Outbox file lets the broker keep nothing of what was withdrawn on its way", () => {
  using file: OutboxStore = OutboxFile.inMemory();
  const retained = { retain: true, qos: 2 } as const;
  const add = (topic: string, isNewestOnly: boolean) => {
    const message = queuedMessage(topic, topic, { ...retained, isNewestOnly });
    return { type: "add", message, atMs: AT } as const;
  };
  file.commit([add("a", true), add("b", true), add("a", false)], false);
  const ids = file.waitingAfter(0, 9).map(({ id }) => id);
  file.commit([
    ...ids.map((id, index) => ({ type: "sent", id, packetId: index + 1 }) as const),
    { type: "withdraw", topic: "a" },
    { type: "forget-packets" },
  ], false);
  const rows = file.waitingAfter(0, 9).map(({ topic, retain }) => [topic, retain]);
  deepStrictEqual(rows, [["a", false], ["b", true], ["a", true]]);
});

Deno.test("Outbox file begins anew where the old one can't be read, and keeps that", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const path = join(folder.path, OUTBOX_PATH);
  await Deno.writeTextFile(path, "no database, but long enough to be taken for one ".repeat(100));
  using file = OutboxFile.open(folder.path);
  strictEqual(file.count(), 0);
  ok((await Deno.stat(`${path}.unreadable`)).isFile);
});

function outboxOf(store: OutboxStore) {
  return new Outbox({
    store,
    openSpare: () => OutboxFile.inMemory(),
    limits: { maxCount: 100, maxAgeMs: 1_000_000 },
    clock: systemClock,
    onReady: () => {},
  });
}

Deno.test("Outbox hands out what is on disk, each once for a connection", () => {
  const outbox = outboxOf(OutboxFile.inMemory());
  let kept = 0;
  outbox.add([queuedMessage("a", "1"), queuedMessage("a", "2")], () => kept += 1);
  strictEqual(outbox.next(), undefined);
  outbox.commit();
  strictEqual(kept, 1);
  const first = outbox.next()!;
  deepStrictEqual([first.payload, outbox.next()?.payload, outbox.next()], ["1", "2", undefined]);
  outbox.arrived(first.id);
  outbox.begin({ isSessionPresent: true });
  deepStrictEqual([outbox.next()?.payload, outbox.next()], ["2", undefined]);
  outbox.close();
});

Deno.test("Outbox says that all is on disk, also where there was nothing to put there", () => {
  const outbox = outboxOf(OutboxFile.inMemory());
  let kept = 0;
  outbox.add([], () => kept += 1);
  outbox.commit();
  strictEqual(kept, 1);
  outbox.close();
});

Deno.test("Outbox remembers a topic that is kept again before it was forgotten", () => {
  const outbox = outboxOf(OutboxFile.inMemory());
  outbox.keepTopics("one", ["x", "y"]);
  outbox.forgetTopic("one", "x");
  outbox.forgetTopic("one", "y");
  outbox.keepTopics("one", ["x"]);
  deepStrictEqual(outbox.keptTopics("one"), ["x"]);
  outbox.close();
});

Deno.test("Outbox does not hand out what was withdrawn, also if it has read ahead", () => {
  const outbox = outboxOf(OutboxFile.inMemory());
  const newest = { isNewestOnly: true, retain: true };
  outbox.add([
    ...["a", "b", "c"].map((topic) => queuedMessage(topic, topic, newest)),
    queuedMessage("b", "told"),
  ]);
  outbox.commit();
  strictEqual(outbox.next()?.payload, "a");
  outbox.withdraw(["b"]);
  deepStrictEqual([outbox.next()?.payload, outbox.next()?.payload, outbox.next()], [
    ...["c", "told", undefined],
  ]);
  outbox.close();
});

Deno.test("Outbox goes on in memory, with what it has, when its disk takes nothing", () => {
  const broken = OutboxFile.inMemory();
  const outbox = outboxOf(broken);
  outbox.add([queuedMessage("a", "1")]);
  outbox.commit();
  broken.commit = () => {
    throw new Error("database or disk is full");
  };
  outbox.add([queuedMessage("a", "2")]);
  outbox.commit();
  deepStrictEqual([outbox.next()?.payload, outbox.next()?.payload], ["1", "2"]);
  deepStrictEqual(outbox.counters, { waiting: 2, dropped: 0, isInMemory: true });
  outbox.close();
});
