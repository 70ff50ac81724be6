import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { messageOf } from "../../src/base/errors.ts";
import type { CameraEventEntry, LedgerEntry } from "../../src/model/ledger.ts";
import { GroupCommit } from "../../src/store/group_commit.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { eventEntry } from "../support/ledger_entries.ts";

/** A group commit whose database fails as long as `failing` says. */
function makeWorld() {
  const clock = new FakeClock();
  const world = {
    clock,
    failing: false,
    /** Details of the entries of each commit that worked. */
    groups: [] as string[][],
    failures: [] as string[],
    /** Details of the entries whose senders were told. */
    told: [] as string[],
    add(detail: string): void {
      group.add(eventEntry(0, { detail }), () => world.told.push(detail));
    },
    close: () => group.close(),
    get waiting(): number {
      return group.waiting;
    },
  };
  const group = new GroupCommit({
    clock,
    commit: (entries: readonly LedgerEntry[]) => {
      if (world.failing) throw new Error("database is locked");
      world.groups.push(entries.map((entry) => (entry as CameraEventEntry).detail));
    },
    onFailure: (error) => world.failures.push(messageOf(error)),
  });
  return world;
}

Deno.test("GroupCommit gathers entries for 100 ms and commits them as one group, in order", async () => {
  const world = makeWorld();
  world.add("one");
  await world.clock.advance(60);
  world.add("two");
  world.add("three");
  await world.clock.advance(39);
  deepStrictEqual([world.groups, world.told, world.waiting], [[], [], 3]);
  await world.clock.advance(1);
  deepStrictEqual(world.groups, [["one", "two", "three"]]);
  deepStrictEqual(world.told, ["one", "two", "three"]);
  strictEqual(world.waiting, 0);
});

Deno.test("GroupCommit begins a new group with the next entry", async () => {
  const world = makeWorld();
  world.add("one");
  await world.clock.advance(500);
  world.add("two");
  deepStrictEqual(world.groups, [["one"]]);
  await world.clock.advance(100);
  deepStrictEqual(world.groups, [["one"], ["two"]]);
});

Deno.test("GroupCommit tries a group again, ever more rarely, and tells nobody before it is in", async () => {
  const world = makeWorld();
  world.failing = true;
  world.add("one");
  await world.clock.advance(20_000);
  deepStrictEqual(world.clock.slept, [100, 250, 500, 1_000, 2_000, 5_000, 5_000, 5_000, 5_000]);
  deepStrictEqual(world.failures, Array(8).fill("database is locked"));
  deepStrictEqual(world.told, []);
  world.failing = false;
  await world.clock.advance(5_000);
  deepStrictEqual([world.groups, world.told], [[["one"]], ["one"]]);
});

Deno.test("GroupCommit takes entries while it can't write, and keeps their order", async () => {
  const world = makeWorld();
  world.failing = true;
  world.add("one");
  await world.clock.advance(100);
  world.add("two");
  await world.clock.advance(250);
  world.add("three");
  world.failing = false;
  await world.clock.advance(500);
  deepStrictEqual(world.groups, [["one", "two", "three"]]);
  deepStrictEqual(world.told, ["one", "two", "three"]);
});

Deno.test("GroupCommit goes on at full pace after a failure has passed", async () => {
  const world = makeWorld();
  world.failing = true;
  world.add("one");
  await world.clock.advance(10_000);
  world.failing = false;
  await world.clock.advance(5_000);
  world.clock.slept.length = 0;
  world.failing = true;
  world.add("two");
  await world.clock.advance(100);
  deepStrictEqual(world.clock.slept, [100, 250]);
  world.failing = false;
  await world.clock.advance(250);
  deepStrictEqual(world.told, ["one", "two"]);
});

Deno.test("GroupCommit.close() commits what is gathering without waiting", async () => {
  const world = makeWorld();
  world.add("one");
  world.add("two");
  await world.close();
  deepStrictEqual(world.groups, [["one", "two"]]);
  deepStrictEqual(world.told, ["one", "two"]);
  strictEqual(world.clock.sleeping, 0);
});

Deno.test("GroupCommit.close() resolves when nothing waits", async () => {
  const world = makeWorld();
  await world.close();
  deepStrictEqual(world.groups, []);
});

Deno.test("GroupCommit.close() tries on while the database can't be written, but not for ever", async () => {
  const world = makeWorld();
  world.failing = true;
  world.add("one");
  let isClosed = false;
  const closed = world.close().then(() => isClosed = true);
  await world.clock.advance(8_000);
  strictEqual(isClosed, false);
  await world.clock.advance(2_000);
  await closed;
  deepStrictEqual(world.told, []);
  strictEqual(world.waiting, 1);
  strictEqual(world.clock.sleeping, 0);
});

Deno.test("GroupCommit.close() commits once the database can be written again", async () => {
  const world = makeWorld();
  world.failing = true;
  world.add("one");
  const closed = world.close();
  await world.clock.advance(300);
  world.failing = false;
  await world.clock.advance(500);
  await closed;
  deepStrictEqual(world.told, ["one"]);
});
