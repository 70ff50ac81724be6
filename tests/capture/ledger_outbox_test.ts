import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { LedgerOutbox } from "../../src/capture/ledger_outbox.ts";
import type { CameraEventEntry, FromWriter, ToWriter } from "../../src/model/ledger.ts";
import { eventEntry } from "../support/ledger_entries.ts";

/** Entries that may be on their way, and all that are kept. */
const MAX_UNANSWERED = 256;
const MAX_KEPT = 8_640;

/** A writer's end of the line that answers only when it is told to. */
class SlowWriter implements Disposable {
  readonly outbox: LedgerOutbox;
  /** Sequence and number of each entry that arrived. */
  readonly arrived: [sequence: number, entry: number][] = [];
  #near: MessagePort;
  #far: MessagePort;
  #marked = Promise.withResolvers<void>();

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#near = port1;
    this.#far = port2;
    this.outbox = new LedgerOutbox(port1);
    this.#listen();
  }

  /** Becomes another writer, which knows nothing of what arrived before. Gives the old one's end. */
  restart(): MessagePort {
    const old = this.#far;
    const { port1, port2 } = new MessageChannel();
    this.#near = port1;
    this.#far = port2;
    this.arrived.length = 0;
    this.#listen();
    this.outbox.reconnect(port1);
    return old;
  }

  #listen(): void {
    const far = this.#far;
    far.onmessage = ({ data }: MessageEvent<ToWriter | "mark">) => {
      if (far !== this.#far) return;
      if (data === "mark") this.#marked.resolve();
      else this.arrived.push([data.sequence, Number((data.entry as CameraEventEntry).detail)]);
    };
  }

  send(from: number, to: number): void {
    for (let number = from; number <= to; number += 1) {
      this.outbox.send(eventEntry(0, { detail: `${number}` }));
    }
  }

  /** Resolves when all that was sent so far has arrived. */
  async delivered(): Promise<void> {
    this.#marked = Promise.withResolvers<void>();
    this.#near.postMessage("mark");
    await this.#marked.promise;
  }

  /** Answers, and resolves when the outbox has taken the answer. */
  async commit(sequence: number): Promise<void> {
    const answer: FromWriter = { type: "committed", sequence };
    const taken = Promise.withResolvers<void>();
    const take = this.#near.onmessage!;
    this.#near.onmessage = (event) => {
      this.#near.onmessage = take;
      take.call(this.#near, event);
      taken.resolve();
    };
    this.#far.postMessage(answer);
    await taken.promise;
  }

  [Symbol.dispose](): void {
    this.outbox.close();
    this.#far.close();
  }
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => [from + index, from + index]);

Deno.test("LedgerOutbox numbers entries from 1 in the order they were sent", async () => {
  using writer = new SlowWriter();
  writer.send(1, 5);
  await writer.delivered();
  deepStrictEqual(writer.arrived, numbered(1, 5));
  strictEqual(writer.outbox.pending, 5);
});

Deno.test("LedgerOutbox lets 256 entries be on their way and holds the rest in order", async () => {
  using writer = new SlowWriter();
  writer.send(1, 300);
  await writer.delivered();
  deepStrictEqual(writer.arrived, numbered(1, MAX_UNANSWERED));
  strictEqual(writer.outbox.pending, 300);
  await writer.commit(10);
  await writer.delivered();
  deepStrictEqual(writer.arrived, numbered(1, MAX_UNANSWERED + 10));
  strictEqual(writer.outbox.pending, 290);
  writer.send(301, 302);
  await writer.commit(MAX_UNANSWERED + 10);
  await writer.delivered();
  deepStrictEqual(writer.arrived, numbered(1, 302));
  strictEqual(writer.outbox.pending, 36);
});

Deno.test("LedgerOutbox refuses what finds no room, counts it, and keeps what it has", async () => {
  using writer = new SlowWriter();
  writer.send(1, MAX_KEPT);
  strictEqual(writer.outbox.refused, 0);
  writer.send(99_998, 99_999);
  strictEqual(writer.outbox.refused, 2);
  strictEqual(writer.outbox.pending, MAX_KEPT);
  await writer.delivered();
  for (let committed = 0; writer.outbox.pending > 0;) {
    committed = writer.arrived.length;
    await writer.commit(committed);
    await writer.delivered();
  }
  deepStrictEqual(writer.arrived, numbered(1, MAX_KEPT));
  writer.send(MAX_KEPT + 1, MAX_KEPT + 1);
  strictEqual(writer.outbox.refused, 2);
});

Deno.test("drained() resolves once the last entry is committed, held ones too", async () => {
  using writer = new SlowWriter();
  writer.send(1, 300);
  let isDrained = false;
  const drained = writer.outbox.drained().then(() => isDrained = true);
  const together = writer.outbox.drained();
  await writer.commit(MAX_UNANSWERED);
  await writer.delivered();
  strictEqual(isDrained, false);
  await writer.commit(300);
  await Promise.all([drained, together]);
  strictEqual(writer.outbox.pending, 0);
});

Deno.test("drained() resolves at once when nothing is on its way", async () => {
  using writer = new SlowWriter();
  await writer.outbox.drained();
  writer.send(1, 1);
  await writer.commit(1);
  await writer.outbox.drained();
});

Deno.test("reconnect() sends again, in order and with their numbers, what was not answered", async () => {
  using writer = new SlowWriter();
  writer.send(1, 300);
  await writer.commit(20);
  const old = writer.restart();
  await writer.delivered();
  deepStrictEqual(writer.arrived, numbered(21, 20 + MAX_UNANSWERED));
  strictEqual(writer.outbox.pending, 280);
  await writer.commit(100);
  writer.send(301, 301);
  await writer.commit(301);
  await writer.outbox.drained();
  old.close();
});

Deno.test("reconnect() takes no answer of the writer that was given up", async () => {
  using writer = new SlowWriter();
  writer.send(1, 5);
  await writer.delivered();
  const old = writer.restart();
  old.postMessage({ type: "committed", sequence: 5 } satisfies FromWriter);
  await writer.commit(2);
  strictEqual(writer.outbox.pending, 3);
  old.close();
});
