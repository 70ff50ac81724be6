/**
 * Where the MQTT library keeps what it has sent and what is not acknowledged: for
 * messages that arrive exactly once that is the queue on disk, so that a restart goes
 * on where the process before ended. All else is sent again by whoever sent it.
 *
 * In:   packets of the library. Out: steps of rows in the outbox.
 *
 * @module
 */

import { Readable } from "node:stream";
import type { IStore } from "mqtt";
import type { Outbox } from "./outbox.ts";
import type { OutboxRow } from "./outbox_rows.ts";

type Packet = Parameters<IStore["put"]>[0];

export class PacketStore implements IStore {
  readonly #outbox: Outbox;
  readonly #prefix: string;
  /** Packets by id; those of rows also in `#rows`. */
  readonly #packets = new Map<number, Packet>();
  readonly #rows = new Map<number, OutboxRow>();
  #expected: OutboxRow | undefined;

  constructor(outbox: Outbox, prefix: string) {
    this.#outbox = outbox;
    this.#prefix = prefix;
  }

  /** Runs `publish`, which puts the packet of this row. */
  during(row: OutboxRow, publish: () => void): void {
    this.#expected = row;
    publish();
    this.#expected = undefined;
  }

  put(packet: Packet, done: (error?: Error) => void): IStore {
    const packetId = packet.messageId!;
    this.#packets.set(packetId, packet);
    const row = this.#rows.get(packetId);
    if (packet.cmd === "pubrel" && row !== undefined) {
      this.#outbox.released(packetId, () => done());
    } else if (packet.cmd === "publish" && packet.qos === 2 && this.#expected !== undefined) {
      this.#rows.set(packetId, this.#expected);
      // Written to the socket when it is on disk that it may have been.
      this.#outbox.sent(this.#expected.id, packetId, () => done());
    } else done();
    return this;
  }

  /** Acknowledged, in whatever way. */
  del(
    { messageId }: Pick<Packet, "messageId">,
    done: (error?: Error, packet?: Packet) => void,
  ): IStore {
    const row = this.#rows.get(messageId!);
    const packet = this.#packets.get(messageId!);
    this.#rows.delete(messageId!);
    this.#packets.delete(messageId!);
    if (row !== undefined) this.#outbox.arrived(row.id);
    done(undefined, packet);
    return this;
  }

  get(
    { messageId }: Pick<Packet, "messageId">,
    done: (error?: Error, packet?: Packet) => void,
  ): IStore {
    const packet = this.#packets.get(messageId!);
    if (packet === undefined) done(new Error("no such packet"));
    else done(undefined, packet);
    return this;
  }

  /** What is to be sent first on a new connection. */
  createStream(): ReturnType<IStore["createStream"]> {
    const rows = this.#outbox.onTheirWay();
    const packets = rows.map((row) => this.#again(row));
    const stream = new Readable({
      objectMode: true,
      read() {
        this.push(packets.shift() ?? null);
      },
    });
    return stream as unknown as ReturnType<IStore["createStream"]>;
  }

  close(done: (error?: Error) => void): void {
    done();
  }

  #again(row: OutboxRow): Packet {
    const messageId = row.packetId!;
    const { topic, payload, retain } = row;
    const packet: Packet = row.isReleased ? { cmd: "pubrel", messageId } : {
      cmd: "publish",
      topic: `${this.#prefix}${topic}`,
      payload,
      qos: 2,
      retain,
      dup: true,
      messageId,
    };
    this.#rows.set(messageId, row);
    this.#packets.set(messageId, packet);
    return packet;
  }
}
