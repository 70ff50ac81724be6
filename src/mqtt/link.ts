/**
 * The one line to the broker: states, the queue and what may be lost go out, what is
 * subscribed to comes in, for as long as it is wanted.
 *
 * In:   messages of three kinds. Out: the same, in order; what came in.
 * Policy: states wait in memory, the newest of each topic; the queue waits on disk;
 *       what may be lost is not sent while there is no connection, and counted.
 * Not here: which messages there are (src/app/mqtt/room.ts).
 *
 * @module
 */

import { Store } from "mqtt";
import type { Clock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import { readAccess } from "./broker_access.ts";
import {
  type Connection,
  type Ending,
  type Incoming,
  openConnection,
  type ProtocolVersion,
} from "./connection.ts";
import { KeptConnection } from "./keep_connected.ts";
import type { Message, Qos } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { OutboxRow } from "./outbox_rows.ts";
import { PacketStore } from "./packet_store.ts";
import { RetainedStates } from "./retained_states.ts";
import type { MqttSettings } from "./settings.ts";

const log = logger("mqtt");

/** How long the last states may take to arrive when Lookback ends, in milliseconds. */
const FAREWELL_MS = 1_000;

export interface LinkParts {
  readonly settings: MqttSettings;
  readonly clientId: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** With the times of now. */
  readonly will: () => Message;
  /** Without the prefix. */
  readonly subscriptions: readonly { readonly filter: string; readonly qos: Qos }[];
  /** Its topic is without the prefix. */
  readonly onMessage: (message: Incoming) => void;
  /** There is a connection, and what is subscribed to comes. */
  readonly onUp: () => void;
  readonly onDown: () => void;
}

export interface LinkCounters {
  /** Messages that the broker has taken; those that may be lost count when they are sent. */
  readonly sent: number;
  /** Not sent, because there was no connection or the network was behind: of quality 0 only. */
  readonly notSent: number;
  /** The broker took them and threw them away. */
  readonly refused: number;
  readonly connects: number;
}

export class Link {
  readonly #parts: LinkParts;
  readonly #states = new RetainedStates();
  /** What is called when a state has been taken back, by the message that does it. */
  readonly #onGone = new WeakMap<Message, () => void>();
  /** What came in and is not released yet; survives a connection. */
  readonly #incoming = new Store({ clean: false });
  readonly #kept: KeptConnection;
  #connection: Connection | undefined;
  #onTheWay = 0;
  /** Those of the queue that are on their way by the connection of now. */
  readonly #rowsOnTheWay = new Set<OutboxRow>();
  #sent = 0;
  #notSent = 0;
  #refused = 0;
  #idle: (() => void) | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#kept = new KeptConnection({
      open: (version, signal) => this.#open(version, signal),
      use: (connection) => this.#use(connection),
      clock: parts.clock,
      log,
    });
  }

  get isUp(): boolean {
    return this.#connection !== undefined;
  }

  /** Why there is no connection; null while there is one. */
  get fault(): string | null {
    return this.#kept.fault;
  }

  get counters(): LinkCounters {
    return {
      sent: this.#sent,
      notSent: this.#notSent,
      refused: this.#refused,
      connects: this.#kept.connects,
    };
  }

  /** Tells a state: the newest of its topic gets there, sooner or later. */
  state(message: Message): void {
    this.#states.set(this.#inFull(message));
    this.pump();
  }

  /** Says a state again that somebody else has overwritten. */
  sayAgain(topic: string): void {
    this.#states.resend(`${this.#parts.settings.prefix}${topic}`);
    this.pump();
  }

  /**
   * Takes a state back; `onGone` is called when the broker keeps nothing there any more.
   *
   * @param topic As the broker knows it: it may have another prefix than that of now.
   */
  takeBack(topic: string, onGone: () => void): void {
    this.#onGone.set(this.#states.remove(topic), onGone);
    this.pump();
  }

  /** Sends something that may be lost. */
  offer(message: Message): void {
    const { prefix } = this.#parts.settings;
    if (this.#connection?.offer({ ...message, prefix })) this.#sent += 1;
    else this.#notSent += 1;
  }

  /** Sends something that must arrive while there is a connection, and else is of no use. */
  async deliver(message: Message): Promise<Ending> {
    const { prefix } = this.#parts.settings;
    return await this.#connection?.publish({ ...message, prefix }) ?? { outcome: "lost" };
  }

  /** Sends what may be sent now. */
  pump(): void {
    const connection = this.#connection;
    while (connection !== undefined && this.#onTheWay < connection.window) {
      if (!this.#sendState(connection) && !this.#sendRow(connection)) break;
    }
    if (this.#onTheWay === 0 && this.#states.waiting === 0) this.#idle?.();
  }

  /** Tells the last states, and ends. The queue stays as it is. */
  async stop(farewell: readonly Message[]): Promise<void> {
    for (const message of farewell) this.#states.set(this.#inFull(message));
    if (this.isUp) {
      const idle = new Promise<void>((resolve) => this.#idle = resolve);
      this.pump();
      const limit = new AbortController();
      await Promise.race([idle, this.#parts.clock.sleep(FAREWELL_MS, limit.signal)]);
      limit.abort();
    }
    await this.#kept.stop();
  }

  /** With the topic that the broker knows. */
  #inFull(message: Message): Message {
    const { topic, isBare = false } = message;
    return isBare
      ? message
      : { ...message, topic: `${this.#parts.settings.prefix}${topic}`, isBare: true };
  }

  async #open(version: ProtocolVersion, signal: AbortSignal) {
    const { settings, clientId, outbox, will } = this.#parts;
    const { prefix, queue } = settings;
    return await openConnection({
      access: await readAccess(settings),
      version,
      clientId,
      will: { ...will(), topic: `${prefix}${will().topic}` },
      session: {
        keptMs: queue.maxAgeMs,
        packets: new PacketStore(outbox, prefix),
        incoming: this.#incoming,
        onBegin: (isSessionPresent) => outbox.begin({ isSessionPresent }),
      },
      onMessage: (message) => this.#take(message),
      signal,
    });
  }

  async #use(connection: Connection): Promise<string> {
    const { settings, subscriptions, onUp, onDown } = this.#parts;
    const { prefix } = settings;
    await connection.subscribe(
      subscriptions.map(({ filter, qos }) => ({ filter: `${prefix}${filter}`, qos })),
    );
    this.#onTheWay = 0;
    this.#connection = connection;
    // The last will has overwritten some, and a broker without a memory all.
    this.#states.resendAll();
    onUp();
    this.pump();
    try {
      return await connection.closed;
    } finally {
      this.#connection = undefined;
      onDown();
    }
  }

  #take(message: Incoming): void {
    const { settings: { prefix }, onMessage } = this.#parts;
    if (!message.topic.startsWith(prefix)) return;
    onMessage({ ...message, topic: message.topic.slice(prefix.length) });
  }

  #sendState(connection: Connection): boolean {
    const message = this.#states.take((topic) => !this.#isTold(topic));
    if (message === undefined) return false;
    const onEnd = (outcome: Ending["outcome"]) => {
      if (outcome === "lost") this.#states.putBack(message);
      // A broker that refuses to forget something keeps it.
      else if (outcome === "arrived" && this.#states.arrived(message)) {
        this.#onGone.get(message)?.();
      }
    };
    const { topic } = message;
    this.#track(connection, this.#publish(connection, message), { topic, onEnd });
    return true;
  }

  /**
   * Whether the queue is telling a topic. Exactly once takes two steps, and the broker keeps it
   * with the second: what takes it back would be there before.
   */
  #isTold(topic: string): boolean {
    const { prefix } = this.#parts.settings;
    return [...this.#rowsOnTheWay].some((row) => `${prefix}${row.topic}` === topic);
  }

  #sendRow(connection: Connection): boolean {
    const { outbox, settings: { prefix } } = this.#parts;
    const row = outbox.next();
    if (row === undefined) return false;
    const onEnd = (outcome: Ending["outcome"]) => {
      this.#rowsOnTheWay.delete(row);
      // What is lost is still in the queue, which begins at its start with the next connection.
      // What is refused would end the same way again, and hold up all behind it.
      if (outcome !== "lost") outbox.arrived(row.id);
    };
    const { topic } = row;
    this.#rowsOnTheWay.add(row);
    this.#track(connection, connection.publish({ ...row, prefix }, row), { topic, onEnd });
    return true;
  }

  #publish(connection: Connection, message: Message): Promise<Ending> {
    return connection.publish({ ...message, prefix: this.#parts.settings.prefix });
  }

  async #track(
    connection: Connection,
    ending: Promise<Ending>,
    { topic, onEnd }: {
      readonly topic: string;
      readonly onEnd: (outcome: Ending["outcome"]) => void;
    },
  ): Promise<void> {
    this.#onTheWay += 1;
    const end = await ending;
    if (connection === this.#connection) this.#onTheWay -= 1;
    onEnd(end.outcome);
    if (end.outcome === "lost") return;
    if (end.outcome === "refused") {
      this.#refused += 1;
      log.warning("The broker refuses {topic}: {reason}", { topic, reason: end.reason });
    } else this.#sent += 1;
    this.pump();
  }
}
