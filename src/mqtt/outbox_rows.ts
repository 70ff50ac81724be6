/**
 * What the queue on disk has to offer; src/store/outbox.ts has it in SQLite.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Qos, QueuedMessage } from "./message.ts";
import type { QueueLimits } from "./settings.ts";

/** A message that waits, or is on its way. */
export interface OutboxRow {
  /** Grows: the order of sending. */
  readonly id: number;
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly atMs: UnixMs;
  /** Its packet's id, once it is on its way exactly once. */
  readonly packetId: number | null;
  /** The broker has taken it over; what is left to do is to let it know that we know. */
  readonly isReleased: boolean;
}

/** One step in the life of a message. */
export type OutboxChange =
  | { readonly type: "add"; readonly message: QueuedMessage; readonly atMs: UnixMs }
  /** It goes out with this packet id, which stays its own until it has arrived. */
  | { readonly type: "sent"; readonly id: number; readonly packetId: number }
  | { readonly type: "released"; readonly packetId: number }
  | { readonly type: "arrived"; readonly id: number }
  /** The broker knows of no packet any more: all that is on its way begins anew. */
  | { readonly type: "forget-packets" }
  /**
   * Of those of which only the newest counts, what waits for this topic is not to be sent, and
   * what is on its way is not to be kept by the broker, should it begin anew.
   */
  | { readonly type: "withdraw"; readonly topic: string }
  /** A broker keeps something of ours for this topic, as it knows it. */
  | { readonly type: "keep-topic"; readonly broker: string; readonly topic: string }
  | { readonly type: "forget-topic"; readonly broker: string; readonly topic: string }
  /** What has waited too long, or is too much, goes. */
  | { readonly type: "trim"; readonly limits: QueueLimits; readonly nowMs: UnixMs };

/** What trimming took. */
export interface Trimmed {
  readonly tooOld: number;
  readonly tooMany: number;
}

/** All at once, or none. Synchronous: the queue has a thread of its own. */
export interface OutboxStore extends Disposable {
  /**
   * @param isDurable Whether it must survive a power cut, and not only the end of the process.
   */
  commit(changes: readonly OutboxChange[], isDurable: boolean): Trimmed;
  /** Those after an id that are not on their way exactly once, in order. */
  waitingAfter(id: number, limit: number): readonly OutboxRow[];
  /** Those that have a packet id, in order. */
  onTheirWay(): readonly OutboxRow[];
  count(): number;
  /** When the oldest was put in; null where there is none. */
  oldestMs(): UnixMs | null;
  /** Topics, as a broker knows them, for which it keeps something of ours. */
  keptTopics(broker: string): readonly string[];
}
