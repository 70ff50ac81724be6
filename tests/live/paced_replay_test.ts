import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PacedReplay } from "../../src/live/paced_replay.ts";
import { FakeClock } from "../support/fake_clock.ts";

interface Packet {
  readonly nth: number;
  readonly payload: { readonly length: number };
}

const packets = (from: number, count: number): Packet[] =>
  Array.from({ length: count }, (_, index) => ({ nth: from + index, payload: { length: 1_000 } }));

function replay(maxBytes = 1_000_000) {
  const clock = new FakeClock();
  const sent: number[] = [];
  const paced = new PacedReplay<Packet>({
    send: ({ nth }) => sent.push(nth),
    clock,
    maxBytes,
  });
  return { clock, sent, paced };
}

Deno.test("PacedReplay sends 48 packets every 4 ms, and live ones behind them in order", async () => {
  const { clock, sent, paced } = replay();
  paced.add(packets(0, 100));
  strictEqual(sent.length, 48);
  await clock.advance(4);
  strictEqual(sent.length, 96);
  paced.add(packets(100, 3));
  strictEqual(sent.length, 96);
  await clock.advance(4);
  deepStrictEqual(sent, packets(0, 103).map(({ nth }) => nth));
  strictEqual(paced.waitingBytes, 0);
  // Caught up: the next one goes out at once.
  await clock.advance(4);
  paced.add(packets(103, 1));
  strictEqual(sent.length, 104);
  await paced.close();
});

Deno.test("PacedReplay refuses packets over its cap, all that belong together", async () => {
  const { clock, sent, paced } = replay(100_000);
  strictEqual(paced.add(packets(0, 100)), true);
  strictEqual(paced.add(packets(100, 49)), false);
  strictEqual(paced.add(packets(100, 48)), true);
  strictEqual(paced.waitingBytes, 100_000);
  await clock.advance(40);
  strictEqual(sent.length, 148);
  await paced.close();
});

Deno.test("PacedReplay sends nothing any more once it is closed", async () => {
  const { clock, sent, paced } = replay();
  paced.add(packets(0, 100));
  await paced.close();
  await clock.advance(40);
  strictEqual(sent.length, 48);
  strictEqual(paced.add(packets(0, 1)), false);
});

Deno.test("PacedReplay takes packets again after an empty frame", async () => {
  const { sent, paced } = replay();
  strictEqual(paced.add([]), true);
  paced.add(packets(0, 2));
  deepStrictEqual(sent, [0, 1]);
  await paced.close();
});
