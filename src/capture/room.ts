/**
 * What a camera does when the disk is full: asks for room and tries again for a
 * while. Meanwhile its stream waits in the queue before the disk, so that nothing
 * is lost when older footage can be deleted at once.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { diskFaultOf } from "../host/disk_fault.ts";

/** Pause before each further try, in milliseconds. */
const PAUSE_MS = 250;

/**
 * How long a camera waits for room, in milliseconds. The queue holds more than
 * that, and a camera that is held back longer drops its connection.
 */
const PATIENCE_MS = 6_000;

/**
 * Keeps a camera from writing while room is made: what is given up for a deletion
 * is for the database, which has to commit it first.
 */
export class RoomGate {
  #isShut = false;
  #waiting: (() => void)[] = [];

  get isShut(): boolean {
    return this.#isShut;
  }

  shut(): void {
    this.#isShut = true;
  }

  open(): void {
    this.#isShut = false;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when it is open. */
  async passed(): Promise<void> {
    if (this.#isShut) await new Promise<void>((wake) => this.#waiting.push(wake));
  }
}

export interface Room {
  readonly clock: Clock;
  readonly gate: RoomGate;
  /** Shuts the gate and says that the disk is full. The gate is opened when that is answered. */
  readonly ask: () => void;
}

/**
 * Does something that writes, again and again while the disk is full.
 *
 * @param work Leaves the file as it was when it fails.
 *
 * @throws What `work` threw, at once for any other fault.
 */
export async function withRoom<T>(room: Room, work: () => Promise<T>): Promise<T> {
  const { clock, gate } = room;
  const untilMs = clock.monotonic() + PATIENCE_MS;
  const leftMs = () => Math.max(0, untilMs - clock.monotonic());
  while (true) {
    if (gate.isShut) await openOrLimit(room, leftMs());
    try {
      return await work();
    } catch (error) {
      if (leftMs() === 0 || diskFaultOf(error) !== "disk-full") throw error;
      room.ask();
      await openOrLimit(room, leftMs());
      await clock.sleep(PAUSE_MS, new AbortController().signal);
    }
  }
}

/** Waits until the gate is open, at most for a time in milliseconds; then it is. */
export async function openOrLimit({ clock, gate }: Room, limitMs: number): Promise<void> {
  const answered = new AbortController();
  await Promise.race([gate.passed(), clock.sleep(limitMs, answered.signal)]);
  answered.abort();
  gate.open();
}
