import { deepStrictEqual, rejects } from "node:assert/strict";
import { Throttle } from "../../src/upkeep/throttle.ts";
import { FakeClock } from "../support/fake_clock.ts";

const { signal } = new AbortController();

/** Does pieces of work at 1,000 bytes a second; waits are over at once. Returns the waits. */
async function waitsFor(pieces: readonly number[]): Promise<number[]> {
  const clock = new FakeClock();
  const throttle = new Throttle(clock);
  for (const bytes of pieces) {
    const done = throttle.take(bytes, 1_000, signal);
    if (clock.sleeping > 0) await clock.advance(clock.slept.at(-1)!);
    await done;
  }
  return clock.slept;
}

Deno.test("take() waits as long as the work takes", async () => {
  deepStrictEqual(await waitsFor([500, 1_000]), [500, 1_000]);
});

Deno.test("take() adds short waits up before it waits at all", async () => {
  deepStrictEqual(await waitsFor([100, 100, 100, 100, 100, 100]), [300, 300]);
});

Deno.test("take() throws when it is aborted, also where there is nothing to wait for", async () => {
  const throttle = new Throttle(new FakeClock());
  await rejects(throttle.take(1, 1_000, AbortSignal.abort()), { name: "AbortError" });
});
