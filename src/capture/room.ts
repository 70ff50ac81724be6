/**
 * What a camera does when the disk is full: asks for room and tries again for a
 * while. Meanwhile its stream waits in the queue before the disk, so that nothing
 * is lost when older footage can be deleted at once.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { diskFaultOf } from "../host/disk_fault.ts";

/** Pause between two tries, in milliseconds. */
const PAUSE_MS = 250;

/**
 * Tries until the camera gives up, about 6 s: the queue holds more than that, and
 * a camera that is held back longer drops its connection.
 */
const TRIES = 24;

export interface Room {
  readonly clock: Clock;
  /** Says that the disk is full; returns at once. */
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
  for (let tries = 1;; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= TRIES || diskFaultOf(error) !== "disk-full") throw error;
      room.ask();
      await room.clock.sleep(PAUSE_MS, new AbortController().signal);
    }
  }
}
