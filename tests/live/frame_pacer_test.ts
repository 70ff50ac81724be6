import { deepStrictEqual } from "node:assert/strict";
import { FramePacer } from "../../src/live/frame_pacer.ts";
import type { Logger } from "../../src/base/log.ts";
import { FakeClock } from "../support/fake_clock.ts";

const frames = (from: number, count: number, durationMs = 40) =>
  Array.from({ length: count }, (_, index) => ({ frame: from + index, durationMs }));

function pacer() {
  const clock = new FakeClock();
  const given: number[] = [];
  return {
    clock,
    given,
    paced: new FramePacer<number>({ give: (each) => given.push(each), clock, log: SILENT }),
  };
}

const SILENT = { error() {} } as unknown as Logger;

Deno.test("FramePacer gives a fragment's frames at the distance in which they were made", async () => {
  const { clock, given, paced } = pacer();
  paced.put(frames(0, 3));
  deepStrictEqual(given, [0]);
  await clock.advance(39);
  deepStrictEqual(given, [0]);
  await clock.advance(1);
  deepStrictEqual(given, [0, 1]);
  await clock.advance(40);
  deepStrictEqual(given, [0, 1, 2]);
  paced.put(frames(3, 1));
  deepStrictEqual(given, [0, 1, 2, 3]);
});

Deno.test("FramePacer gives at once what waits when the next fragment comes, in order and once", async () => {
  const { clock, given, paced } = pacer();
  paced.put(frames(0, 3));
  await clock.advance(50);
  paced.put(frames(3, 3));
  deepStrictEqual(given, [0, 1, 2, 3]);
  await clock.advance(1_000);
  deepStrictEqual(given, [0, 1, 2, 3, 4, 5]);
});

Deno.test("FramePacer makes up for a timer that was late", async () => {
  const { clock, given, paced } = pacer();
  paced.put(frames(0, 4));
  clock.standStill(90);
  await clock.advance(1);
  deepStrictEqual(given, [0, 1, 2]);
  await clock.advance(29);
  deepStrictEqual(given, [0, 1, 2, 3]);
});

Deno.test("FramePacer waits for no frame longer than a fifth of a second, and forgets when told to", async () => {
  const { clock, given, paced } = pacer();
  paced.put(frames(0, 2, 60_000));
  await clock.advance(200);
  deepStrictEqual(given, [0, 1]);
  paced.put(frames(2, 2));
  paced.forget();
  await clock.advance(200);
  deepStrictEqual(given, [0, 1, 2]);
});

Deno.test("FramePacer logs a fault of who gets its frames, and gives the next ones", async () => {
  const clock = new FakeClock();
  const [given, faults]: [number[], string[]] = [[], []];
  const paced = new FramePacer<number>({
    give: (each) => {
      given.push(each);
      if (each < 3) throw new Error(`not ${each}`);
    },
    clock,
    log: {
      error: (_text: string, { reason }: { reason: string }) => faults.push(reason),
    } as unknown as Logger,
  });
  // At once, by the clock, and because the next fragment comes.
  paced.put(frames(0, 3));
  await clock.advance(40);
  paced.put(frames(3, 1));
  deepStrictEqual([given, faults], [[0, 1, 2, 3], ["not 0", "not 1", "not 2"]]);
});
