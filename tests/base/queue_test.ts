import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { BoundedQueue } from "../../src/base/queue.ts";
import { turn } from "../support/pause.ts";

/** Whether a promise has resolved by the next turn of the event loop. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise, turn().then(() => PENDING)]) !== PENDING;
}

const PENDING = Symbol("pending");

Deno.test("BoundedQueue.take() gives values in the order of offer() and put()", async () => {
  const queue = new BoundedQueue<string>({ maxWeight: 3 });
  queue.offer("first");
  await queue.put("second");
  queue.offer("third");
  deepStrictEqual([await queue.take(), await queue.take(), await queue.take()], [
    "first",
    "second",
    "third",
  ]);
});

Deno.test("BoundedQueue.offer() refuses what does not fit and counts it", () => {
  const queue = new BoundedQueue<string>({ maxWeight: 10 });
  strictEqual(queue.offer("first", 6), true);
  strictEqual(queue.offer("too much", 5), false);
  strictEqual(queue.offer("just fits", 4), true);
  deepStrictEqual(queue.counters, { length: 2, weight: 10, peakWeight: 10, refused: 1, waited: 0 });
});

Deno.test("BoundedQueue.offer() takes a value over the cap when the queue is empty", async () => {
  const queue = new BoundedQueue<string>({ maxWeight: 10 });
  strictEqual(queue.offer("huge", 50), true);
  strictEqual(queue.offer("small", 1), false);
  strictEqual(await queue.take(), "huge");
  strictEqual(queue.offer("small", 1), true);
});

Deno.test("BoundedQueue.put() waits until take() has made room and counts the wait", async () => {
  const queue = new BoundedQueue<string>({ maxWeight: 10 });
  await queue.put("first", 5);
  await queue.put("second", 5);
  const waiting = queue.put("third", 6);
  strictEqual(await isDone(waiting), false);
  await queue.take();
  strictEqual(await isDone(waiting), false);
  await queue.take();
  await waiting;
  deepStrictEqual(queue.counters, { length: 1, weight: 6, peakWeight: 10, refused: 0, waited: 1 });
});

Deno.test("BoundedQueue.take() waits for a value when the queue is empty", async () => {
  const queue = new BoundedQueue<string>({ maxWeight: 1 });
  const taken = queue.take();
  strictEqual(await isDone(taken), false);
  queue.offer("now");
  strictEqual(await taken, "now");
});

Deno.test("BoundedQueue.close() lets what is in be taken, then ends", async () => {
  const queue = new BoundedQueue<number>({ maxWeight: 9 });
  queue.offer(1);
  queue.offer(2);
  queue.close();
  deepStrictEqual(await Array.fromAsync(queue), [1, 2]);
  strictEqual(await queue.take(), undefined);
});

Deno.test("BoundedQueue.close() ends a take() that waits", async () => {
  const queue = new BoundedQueue<number>({ maxWeight: 1 });
  const taken = queue.take();
  queue.close();
  strictEqual(await taken, undefined);
});

Deno.test("BoundedQueue.close() ends a put() that waits, whose value is not added", async () => {
  const queue = new BoundedQueue<string>({ maxWeight: 1 });
  queue.offer("in");
  const waiting = queue.put("out");
  queue.close();
  await waiting;
  deepStrictEqual(await Array.fromAsync(queue), ["in"]);
});

Deno.test("BoundedQueue.close() makes offer() refuse and put() add nothing", async () => {
  const queue = new BoundedQueue<string>({ maxWeight: 1 });
  queue.close();
  strictEqual(queue.offer("late"), false);
  await queue.put("late");
  strictEqual(queue.counters.length, 0);
  strictEqual(queue.counters.refused, 1);
});

Deno.test("BoundedQueue.put() lets a fast sender and a slow taker pass every value in order", async () => {
  const queue = new BoundedQueue<number>({ maxWeight: 3 });
  const sent = (async () => {
    for (let value = 0; value < 100; value += 1) await queue.put(value, 1 + value % 3);
    queue.close();
  })();
  const taken: number[] = [];
  for await (const value of queue) {
    taken.push(value);
    if (value % 7 === 0) await turn();
  }
  await sent;
  deepStrictEqual(taken, Array.from({ length: 100 }, (_, index) => index));
  ok(queue.counters.peakWeight <= 3);
  ok(queue.counters.waited > 0);
});

Deno.test("BoundedQueue keeps order and never passes its cap but for a single value", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("offer" as const), weight: fc.integer({ min: 0, max: 15 }) }),
    fc.record({ do: fc.constant("take" as const) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const queue = new BoundedQueue<number>({ maxWeight: 10 });
    const expected: { readonly value: number; readonly weight: number }[] = [];
    let refused = 0;
    for (const [value, each] of steps.entries()) {
      if (each.do === "offer") {
        if (queue.offer(value, each.weight)) expected.push({ value, weight: each.weight });
        else refused += 1;
      } else if (expected.length > 0) strictEqual(await queue.take(), expected.shift()!.value);
      const { length, weight } = queue.counters;
      strictEqual(length, expected.length);
      strictEqual(weight, expected.reduce((sum, { weight }) => sum + weight, 0));
      ok(weight <= 10 || length === 1);
    }
    strictEqual(queue.counters.refused, refused);
  }));
});
