/**
 * One connection to the broker, from its beginning to its end; another one is another
 * object. The only file that knows the MQTT library's client.
 *
 * In:   access, a will, messages. Out: messages that came in; what became of each.
 * Not here: trying again (keep_connected.ts), what is sent (link.ts).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import mqtt, { type IClientOptions, type MqttClient, UniqueMessageIdProvider } from "mqtt";
import { messageOf } from "../base/errors.ts";
import type { BrokerAccess } from "./broker_access.ts";
import { describeFault } from "./connection_fault.ts";
import type { Message, Qos } from "./message.ts";
import type { OutboxRow } from "./outbox_rows.ts";
import type { PacketStore } from "./packet_store.ts";
import { tlsFaultOf } from "./tls_fault.ts";

/** MQTT 5, or 3.1.1. */
export type ProtocolVersion = 5 | 4;

/** How long the broker may take to answer at first, in milliseconds. */
const CONNECT_MS = 10_000;

/** How often a silent connection is looked at, in seconds. */
const KEEP_ALIVE_S = 30;

/** The largest message that the broker may send, in bytes; what is read is smaller still. */
const LARGEST_BYTES = 1_048_576;

/** Bytes that wait for a slow network: beyond them what may be lost is not sent. */
const BEHIND_BYTES = 1_048_576;

/** Packets that a broker takes at once when it does not say. */
const USUAL_WINDOW = 20;

/** How long the broker may take to say goodbye, in milliseconds. */
const FAREWELL_MS = 500;

export interface Incoming {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly isRetained: boolean;
  readonly isDuplicate: boolean;
}

export interface ConnectionWish {
  readonly access: BrokerAccess;
  readonly version: ProtocolVersion;
  readonly clientId: string;
  /** Full topics; null for none. */
  readonly will: Message | null;
  /** Null for a connection that the broker forgets with its end. */
  readonly session: {
    readonly keptMs: number;
    readonly packets: PacketStore;
    readonly incoming: NonNullable<IClientOptions["incomingStore"]>;
    /** Called before anything that was sent before is sent again. */
    readonly onBegin: (isSessionPresent: boolean) => void;
  } | null;
  readonly onMessage?: (message: Incoming) => void;
  readonly signal: AbortSignal;
}

export type Opening =
  | { readonly ok: true; readonly connection: Connection }
  /** `isVersion`: the broker may speak another version of MQTT. */
  | { readonly ok: false; readonly reason: string; readonly isVersion: boolean };

/** What became of a message. */
export type Ending =
  | { readonly outcome: "arrived" }
  | { readonly outcome: "refused"; readonly reason: string }
  /** The connection ended first. */
  | { readonly outcome: "lost" };

/** What the broker answers to a version that it does not speak (CONNACK of 3.1.1, and of 5). */
const VERSION_CODES = [1, 132];

/** Opens a connection; whatever goes wrong is a value. */
export async function openConnection(wish: ConnectionWish): Promise<Opening> {
  const { access, version, session, signal } = wish;
  const { promise, resolve } = Promise.withResolvers<Opening>();
  let client: MqttClient;
  try {
    client = mqtt.connect(access.url, clientOptions(wish));
  } catch (error) {
    return { ok: false, reason: describeFault(error), isVersion: false };
  }
  let fault: unknown;
  let isSessionPresent = false;
  const connection = new Connection(client, wish);
  const note = (error: Error) => fault ??= error;
  client.on("error", note);
  // Deno's TLS counts as connected before certificates are judged; the library then keeps quiet.
  client.stream.on("error", note);
  client.on("packetreceive", (packet) => {
    if (packet.cmd !== "connack") return;
    const isTaken = (packet.reasonCode ?? packet.returnCode ?? 0) === 0;
    isSessionPresent = packet.sessionPresent;
    connection.take(packet.properties ?? {}, isSessionPresent);
    if (isTaken) session?.onBegin(isSessionPresent);
  });
  client.on("connect", () => resolve({ ok: true, connection }));
  client.on("close", () => {
    const code = (fault as { readonly code?: unknown } | undefined)?.code;
    const isVersion = fault === undefined || VERSION_CODES.includes(Number(code));
    const reason = fault === undefined
      ? `it closed the connection at once (MQTT ${version === 5 ? "5" : "3.1.1"})`
      : describeFault(fault);
    resolve({ ok: false, reason, isVersion });
  });
  const abort = () => client.end(true);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  const opening = await promise;
  signal.removeEventListener("abort", abort);
  if (opening.ok) return opening;
  await ended(client, true);
  const tlsFault = isHangUp(fault) ? await tlsFaultOf(access, signal) : undefined;
  return tlsFault === undefined ? opening : { ...opening, reason: describeFault(tlsFault) };
}

/** Nothing more is known than that the connection was closed. */
function isHangUp(fault: unknown): boolean {
  return (fault as { readonly code?: unknown } | undefined)?.code === "ECONNRESET";
}

function clientOptions(wish: ConnectionWish): IClientOptions {
  const { access, version, clientId, will, session } = wish;
  const { url: _, ...rest } = access;
  return {
    ...rest,
    protocolVersion: version,
    clientId,
    clean: session === null,
    keepalive: KEEP_ALIVE_S,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: "native",
    messageIdProvider: new UniqueMessageIdProvider(),
    ...(session === null
      ? {}
      : { outgoingStore: session.packets, incomingStore: session.incoming }),
    ...(will === null ? {} : { will: { ...will, payload: bytesOf(will.payload) } }),
    ...(version === 4 ? {} : {
      properties: {
        maximumPacketSize: LARGEST_BYTES,
        ...(session === null ? {} : { sessionExpiryInterval: Math.ceil(session.keptMs / 1_000) }),
      },
    }),
  };
}

/** What the broker says of itself when it lets somebody in. */
interface BrokerLimits {
  readonly receiveMaximum?: number | undefined;
  readonly maximumQoS?: number | undefined;
  readonly retainAvailable?: boolean | undefined;
}

export class Connection {
  readonly #client: MqttClient;
  readonly #packets: PacketStore | undefined;
  /** Resolves with the reason when it has ended. */
  readonly closed: Promise<string>;
  readonly #pending = new Set<(ending: Ending) => void>();
  #limits: BrokerLimits = {};
  #isSessionPresent = false;
  #isClosed = false;
  #isEnding = false;

  constructor(client: MqttClient, { session, onMessage }: ConnectionWish) {
    this.#client = client;
    this.#packets = session?.packets;
    let fault: string | undefined;
    client.on("error", (error) => fault ??= describeFault(error));
    client.on("disconnect", ({ reasonCode }) => fault ??= describeDisconnect(reasonCode));
    client.on(
      "message",
      (topic, payload, { qos, retain, dup }) =>
        onMessage?.({ topic, payload, qos, isRetained: retain, isDuplicate: dup }),
    );
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    client.on("close", () => {
      this.#isClosed = true;
      for (const settle of this.#pending) settle({ outcome: "lost" });
      this.#pending.clear();
      resolve(fault ?? "the connection was closed");
    });
  }

  /** The CONNACK has come. */
  take(limits: BrokerLimits, isSessionPresent: boolean): void {
    this.#limits = limits;
    this.#isSessionPresent = isSessionPresent;
  }

  get isSessionPresent(): boolean {
    return this.#isSessionPresent;
  }

  /** Messages that may be on their way at once. */
  get window(): number {
    return Math.min(this.#limits.receiveMaximum ?? USUAL_WINDOW, USUAL_WINDOW);
  }

  /** Sends one, and waits until it has arrived. Rows of the queue say which they are. */
  publish(message: Message & { readonly prefix: string }, row?: OutboxRow): Promise<Ending> {
    const { promise, resolve } = Promise.withResolvers<Ending>();
    // While it says goodbye, the library refuses what it is given: the broker has not seen it.
    if (this.#isClosed || this.#isEnding) return Promise.resolve({ outcome: "lost" });
    const settle = (ending: Ending) => {
      this.#pending.delete(settle);
      resolve(ending);
    };
    this.#pending.add(settle);
    const publish = () => this.#publish(message, settle);
    if (row === undefined || this.#packets === undefined) publish();
    else this.#packets.during(row, publish);
    return promise;
  }

  /** Sends one that may be lost. Returns false where the network is behind. */
  offer({ prefix, topic, payload }: Message & { readonly prefix: string }): boolean {
    if (this.#isClosed || this.#isEnding || this.#client.stream.writableLength > BEHIND_BYTES) {
      return false;
    }
    this.#client.publish(`${prefix}${topic}`, bufferOf(payload), { qos: 0 });
    return true;
  }

  /** @throws {Error} Where the broker refuses one of them, or is gone. */
  async subscribe(
    filters: readonly { readonly filter: string; readonly qos: Qos }[],
  ): Promise<void> {
    if (filters.length === 0) return;
    const wanted = Object.fromEntries(filters.map(({ filter, qos }) => [filter, { qos }]));
    const granted = this.#client.subscribeAsync(wanted);
    const lost = this.closed.then((reason) => Promise.reject(new Error(reason)));
    lost.catch(() => {});
    const answers = await Promise.race([granted, lost]);
    // 128 and above are refusals (SUBACK); the library throws for most of them.
    const refused = answers.filter(({ qos }) => qos >= 128).map(({ topic }) => topic);
    if (refused.length > 0) throw new Error(`it refuses a subscription to ${refused.join(", ")}`);
  }

  /** Says goodbye: the broker then forgets the will. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await ended(this.#client, this.#isClosed);
  }

  #publish(message: Message & { readonly prefix: string }, settle: (ending: Ending) => void): void {
    const { prefix, topic, payload, qos, retain, isBare = false } = message;
    const fullTopic = isBare ? topic : `${prefix}${topic}`;
    const options = {
      qos: Math.min(qos, this.#limits.maximumQoS ?? 2) as Qos,
      retain: retain && this.#limits.retainAvailable !== false,
    };
    this.#client.publish(fullTopic, bufferOf(payload), options, (error) => {
      if (error) settle({ outcome: "refused", reason: messageOf(error) });
      else settle({ outcome: "arrived" });
    });
  }
}

function bufferOf(payload: string | Uint8Array): string | Buffer {
  return typeof payload === "string" ? payload : bytesOf(payload);
}

function bytesOf(payload: string | Uint8Array): Buffer {
  return typeof payload === "string" ? Buffer.from(payload) : Buffer.from(payload);
}

function describeDisconnect(code: number | undefined): string {
  return describeFault(
    new Error(mqtt.ReasonCodes[code as keyof typeof mqtt.ReasonCodes] || "gone"),
  );
}

/** Ends a client, in good order where that is quick, and in any case. */
async function ended(client: MqttClient, isForced: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // The library waits for what is on its way without end, and then knows no other way to end.
  const timer = setTimeout(() => {
    client.stream.destroy();
    resolve();
  }, FAREWELL_MS);
  client.end(isForced, () => resolve());
  await promise;
  clearTimeout(timer);
}
