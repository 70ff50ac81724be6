/**
 * The queue of messages that must arrive: on disk before they are sent, in order,
 * until the broker has acknowledged them.
 *
 * In:   messages; what became of those that were sent. Out: the next one to send.
 * Policy: so many and so old as the settings allow; of more the oldest of the least
 *       grave go first, and are counted. A disk that takes nothing is done without:
 *       the queue is then in memory, and says so.
 * Not here: SQL (src/store/outbox.ts), sending (link.ts).
 *
 * Changes are committed together, some every 20 ms, because each commit may wait for
 * the disk.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { QueuedMessage } from "./message.ts";
import type { OutboxChange, OutboxRow, OutboxStore, Trimmed } from "./outbox_rows.ts";
import type { QueueLimits } from "./settings.ts";

const log = logger("mqtt");

/** Time from one commit to the next, in milliseconds: what comes meanwhile goes together. */
const COMMIT_MS = 20;

/** Rows that are read at once. */
const READ_AT_ONCE = 64;

export interface OutboxParts {
  readonly store: OutboxStore;
  /** Takes the place of a store that fails. */
  readonly openSpare: () => OutboxStore;
  readonly limits: QueueLimits;
  readonly clock: Clock;
  /** There is something to send. */
  readonly onReady: () => void;
}

export interface OutboxCounters {
  readonly waiting: number;
  /** Given up: too old, or no room. */
  readonly dropped: number;
  /** True when the disk takes nothing: what waits ends with the process. */
  readonly isInMemory: boolean;
}

export class Outbox {
  readonly #parts: OutboxParts;
  #store: OutboxStore;
  #limits: QueueLimits;
  #changes: OutboxChange[] = [];
  #onCommitted: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #committedAt = -Infinity;
  /** The id of the newest row that was handed out since the connection began. */
  #cursor = 0;
  #read: OutboxRow[] = [];
  #dropped = 0;
  #isInMemory = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#limits = parts.limits;
  }

  get counters(): OutboxCounters {
    return {
      waiting: this.#store.count(),
      dropped: this.#dropped,
      isInMemory: this.#isInMemory,
    };
  }

  takeLimits(limits: QueueLimits): void {
    this.#limits = limits;
  }

  /** Puts messages in; `onKept` is called when they are on disk. */
  add(messages: readonly QueuedMessage[], onKept?: () => void): void {
    const atMs = this.#parts.clock.now();
    this.#change(messages.map((message) => ({ type: "add", message, atMs })), onKept);
  }

  /** A connection begins. Without the broker's memory of the last one all packets begin anew. */
  begin({ isSessionPresent }: { readonly isSessionPresent: boolean }): void {
    this.#cursor = 0;
    this.#read = [];
    if (!isSessionPresent) this.#changes.push({ type: "forget-packets" });
    this.commit();
  }

  /** What is on its way exactly once, from a connection before this one. */
  onTheirWay(): readonly OutboxRow[] {
    return this.#store.onTheirWay();
  }

  /** The next one to send; undefined where there is none. */
  next(): OutboxRow | undefined {
    if (this.#read.length === 0) {
      this.#read = [...this.#store.waitingAfter(this.#cursor, READ_AT_ONCE)];
    }
    const row = this.#read.shift();
    if (row !== undefined) this.#cursor = row.id;
    return row;
  }

  sent(id: number, packetId: number, onKept: () => void): void {
    this.#change([{ type: "sent", id, packetId }], onKept);
  }

  released(packetId: number, onKept: () => void): void {
    this.#change([{ type: "released", packetId }], onKept);
  }

  arrived(id: number): void {
    this.#change([{ type: "arrived", id }]);
  }

  /** Commits what has come up to now. */
  commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changes = this.#changes.splice(0);
    const onCommitted = this.#onCommitted.splice(0);
    const hasNew = changes.some(({ type }) => type === "add");
    if (hasNew) {
      changes.push({ type: "trim", limits: this.#limits, nowMs: this.#parts.clock.now() });
    }
    // What is read ahead may be replaced or dropped by this.
    if (hasNew || changes.some(({ type }) => type === "withdraw")) this.#forgetReadAhead();
    if (changes.length > 0) this.#commit(changes);
    for (const each of onCommitted) each();
    if (hasNew) this.#parts.onReady();
  }

  /**
   * Takes out what waits for topics, where only the newest counts: it is not so any more. At
   * once, so that nothing of it is sent behind what says so.
   */
  withdraw(topics: readonly string[]): void {
    this.#changes.push(...topics.map((topic) => ({ type: "withdraw", topic }) as const));
    this.commit();
  }

  keptTopics(broker: string): readonly string[] {
    return this.#store.keptTopics(broker);
  }

  /** Remembers at once that a broker keeps something there. */
  keepTopics(broker: string, topics: readonly string[]): void {
    this.#changes.push(...topics.map((topic) => ({ type: "keep-topic", broker, topic }) as const));
    this.commit();
  }

  forgetTopic(broker: string, topic: string): void {
    this.#change([{ type: "forget-topic", broker, topic }]);
  }

  close(): void {
    this.commit();
    this.#store[Symbol.dispose]();
  }

  #change(changes: readonly OutboxChange[], onKept?: () => void): void {
    this.#changes.push(...changes);
    if (onKept !== undefined) this.#onCommitted.push(onKept);
    if (this.#timer !== undefined) return;
    const sinceMs = this.#parts.clock.monotonic() - this.#committedAt;
    this.#timer = setTimeout(() => this.commit(), Math.max(0, COMMIT_MS - sinceMs));
  }

  #forgetReadAhead(): void {
    const [first] = this.#read;
    if (first !== undefined) this.#cursor = first.id - 1;
    this.#read = [];
  }

  #commit(changes: readonly OutboxChange[]): void {
    const { tooOld, tooMany } = this.#commitSomewhere(changes);
    this.#committedAt = this.#parts.clock.monotonic();
    this.#dropped += tooOld + tooMany;
    if (tooOld > 0) log.warning("Dropped {count} messages: too old", { count: tooOld });
    if (tooMany > 0) log.warning("Dropped {count} messages: too many wait", { count: tooMany });
  }

  /** Commits to the store; where that fails, to one in memory. */
  #commitSomewhere(changes: readonly OutboxChange[]): Trimmed {
    try {
      return this.#store.commit(changes, changes.some(mustSurvivePowerCut));
    } catch (error) {
      if (this.#isInMemory) throw error;
      log.error("Messages that wait are not on disk, and would not survive a restart: {reason}", {
        reason: messageOf(error),
      });
      this.#moveToMemory();
      return this.#store.commit(changes, false);
    }
  }

  #moveToMemory(): void {
    const spare = this.#parts.openSpare();
    const rows = this.#store.waitingAfter(0, this.#limits.maxCount);
    const adds = rows.map(({ topic, payload, qos, retain, atMs }): OutboxChange => {
      const message = { topic, payload, qos, retain, priority: "critical", isNewestOnly: false };
      return { type: "add", message: message as QueuedMessage, atMs };
    });
    spare.commit(adds, false);
    this.#store[Symbol.dispose]();
    this.#store = spare;
    this.#isInMemory = true;
    this.#cursor = 0;
    this.#read = [];
  }
}

/** Exactly once must hold after a power cut too; what is critical must not be lost by one. */
function mustSurvivePowerCut(change: OutboxChange): boolean {
  if (change.type === "sent" || change.type === "released") return true;
  return change.type === "add" && change.message.priority === "critical";
}
