/**
 * Happenings that are on their way to the MQTT Worker: remembered until it has them on
 * disk, so that a Worker that fails takes none with it.
 *
 * In:   happenings. Out: numbers; what is still to be told.
 * Policy: 2000 at most; of more the oldest update of an event goes, else the oldest of
 *       all, and is counted.
 *
 * Pure.
 *
 * @module
 */

import type { MqttHappening } from "./messages.ts";

/** A minute of a box with many cameras. */
const MOST = 2_000;

export interface PendingHappening {
  readonly number: number;
  readonly happening: MqttHappening;
}

export class PendingHappenings {
  #pending: PendingHappening[] = [];
  #next = 1;
  #lost = 0;

  /** How many found no room. */
  get lost(): number {
    return this.#lost;
  }

  /** Those that are not kept yet, in order. */
  get all(): readonly PendingHappening[] {
    return this.#pending;
  }

  add(happening: MqttHappening): PendingHappening {
    const pending = { number: this.#next++, happening };
    this.#pending.push(pending);
    if (this.#pending.length > MOST) {
      const update = this.#pending.findIndex(({ happening }) => isUpdate(happening));
      this.#pending.splice(Math.max(0, update), 1);
      this.#lost += 1;
    }
    return pending;
  }

  /** All up to this number are on disk. */
  kept(number: number): void {
    this.#pending = this.#pending.filter((each) => each.number > number);
  }
}

function isUpdate(happening: MqttHappening): boolean {
  return happening.type === "event" && happening.change.change === "updated";
}
