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

export interface Room {
  readonly clock: Clock;
  /**
   * Says that the disk is full. Resolves when footage was deleted, or none could be.
   *
   * Until then the camera writes nothing: what is given up for a deletion is for the
   * database, which has to commit it first.
   */
  readonly ask: () => Promise<void>;
}

/**
 * Does something that writes, again and again while the disk is full.
 *
 * @param work Leaves the file as it was when it fails.
 *
 * @throws What `work` threw, at once for any other fault.
 */
export async function withRoom<T>(room: Room, work: () => Promise<T>): Promise<T> {
  const { clock } = room;
  const untilMs = clock.monotonic() + PATIENCE_MS;
  while (true) {
    try {
      return await work();
    } catch (error) {
      const leftMs = untilMs - clock.monotonic();
      if (leftMs <= 0 || diskFaultOf(error) !== "disk-full") throw error;
      await roomOrLimit(room, leftMs);
    }
  }
}

/** Waits until there may be room, at most for a time in milliseconds. */
export async function roomOrLimit({ clock, ask }: Room, limitMs: number): Promise<void> {
  const answered = new AbortController();
  await Promise.race([ask(), clock.sleep(limitMs, answered.signal)]);
  answered.abort();
  await clock.sleep(PAUSE_MS, new AbortController().signal);
}
