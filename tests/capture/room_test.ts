import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { type Room, RoomGate, withRoom } from "../../src/capture/room.ts";
import { FakeClock } from "../support/fake_clock.ts";

function full(): Error {
  return Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
}

/** Work that fails for so many tries, and counts them. */
class Job {
  tries = 0;

  constructor(readonly failures: number, readonly error: () => Error) {}

  readonly work = (): Promise<string> => {
    this.tries += 1;
    return this.tries <= this.failures ? Promise.reject(this.error()) : Promise.resolve("done");
  };
}

interface World extends Room {
  readonly clock: FakeClock;
  asked: number;
}

/** @param answers Whether the gate is opened as soon as somebody asks. */
function makeWorld({ answers }: { readonly answers: boolean }): World {
  const gate = new RoomGate();
  const world: World = {
    clock: new FakeClock(),
    gate,
    asked: 0,
    ask() {
      world.asked += 1;
      gate.shut();
      if (answers) gate.open();
    },
  };
  return world;
}

Deno.test("withRoom() asks for room and tries again while the disk is full", async () => {
  const world = makeWorld({ answers: true });
  const job = new Job(3, full);
  const done = withRoom(world, job.work);
  await world.clock.advance(2_000);
  strictEqual(await done, "done");
  deepStrictEqual([job.tries, world.asked], [4, 3]);
});

Deno.test("withRoom() does not write before it is known whether footage could be deleted", async () => {
  const world = makeWorld({ answers: false });
  const job = new Job(1, full);
  const done = withRoom(world, job.work);
  await world.clock.advance(3_000);
  strictEqual(job.tries, 1);
  world.gate.open();
  await world.clock.advance(250);
  strictEqual(await done, "done");
  strictEqual(world.clock.sleeping, 0);
});

Deno.test("withRoom() waits where another camera found the disk full", async () => {
  const world = makeWorld({ answers: false });
  world.gate.shut();
  const job = new Job(0, full);
  const done = withRoom(world, job.work);
  await world.clock.advance(3_000);
  strictEqual(job.tries, 0);
  world.gate.open();
  strictEqual(await done, "done");
  strictEqual(world.asked, 0);
});

Deno.test("withRoom() tries after 6 s whatever became of the answer, and the gate is open then", async () => {
  const world = makeWorld({ answers: false });
  world.gate.shut();
  const done = withRoom(world, new Job(0, full).work);
  await world.clock.advance(6_000);
  strictEqual(await done, "done");
  strictEqual(world.gate.isShut, false);
});

for (const answers of [true, false]) {
  Deno.test(`withRoom() gives up after 6 s of a full disk, ${answers ? "" : "un"}answered`, async () => {
    const world = makeWorld({ answers });
    const failed = rejects(withRoom(world, new Job(Infinity, full).work), /No space left/);
    await world.clock.advance(6_250);
    await failed;
  });
}

Deno.test("withRoom() throws any other fault at once", async () => {
  const job = new Job(1, () => new Error("Read-only file system (os error 30)"));
  await rejects(withRoom(makeWorld({ answers: true }), job.work), /Read-only/);
  strictEqual(job.tries, 1);
});
