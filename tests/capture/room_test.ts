import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { withRoom } from "../../src/capture/room.ts";
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

Deno.test("withRoom() asks for room and tries again while the disk is full", async () => {
  const clock = new FakeClock();
  const job = new Job(3, full);
  let asked = 0;
  const ask = () => {
    asked += 1;
    return Promise.resolve();
  };
  const done = withRoom({ clock, ask }, job.work);
  await clock.advance(2_000);
  strictEqual(await done, "done");
  deepStrictEqual([job.tries, asked], [4, 3]);
});

Deno.test("withRoom() does not write before it is known whether footage could be deleted", async () => {
  const clock = new FakeClock();
  const job = new Job(1, full);
  const answer = Promise.withResolvers<void>();
  const done = withRoom({ clock, ask: () => answer.promise }, job.work);
  await clock.advance(3_000);
  strictEqual(job.tries, 1);
  answer.resolve();
  await clock.advance(250);
  strictEqual(await done, "done");
  strictEqual(clock.sleeping, 0);
});

Deno.test("withRoom() gives up after 6 s of a full disk, whatever is answered", async () => {
  for (const ask of [() => Promise.resolve(), () => new Promise<void>(() => {})]) {
    const clock = new FakeClock();
    const failed = rejects(withRoom({ clock, ask }, new Job(Infinity, full).work), /No space left/);
    await clock.advance(6_250);
    await failed;
  }
});

Deno.test("withRoom() throws any other fault at once", async () => {
  const clock = new FakeClock();
  const job = new Job(1, () => new Error("Read-only file system (os error 30)"));
  await rejects(withRoom({ clock, ask: () => Promise.resolve() }, job.work), /Read-only/);
  strictEqual(job.tries, 1);
});
