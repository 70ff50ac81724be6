/**
 * Lets updates of an event through once a second at most. Its start and its end
 * always pass, and the newest of what was held back before is in them.
 *
 * Pure: times come as arguments.
 *
 * @module
 */

import type { MonotonicMs } from "../base/units.ts";
import type { EventPhase } from "./event_messages.ts";

/** Time from one message about an event to the next update, in milliseconds. */
const UPDATE_MS = 1_000;

/** Events that are remembered; they end, so there are never so many. */
const MOST = 10_000;

export class EventPace {
  readonly #toldAt = new Map<string, MonotonicMs>();

  passes(eventId: string, phase: EventPhase, nowMs: MonotonicMs): boolean {
    if (phase === "end") {
      this.#toldAt.delete(eventId);
      return true;
    }
    const last = this.#toldAt.get(eventId);
    if (phase === "update" && last !== undefined && nowMs - last < UPDATE_MS) return false;
    this.#toldAt.delete(eventId);
    this.#toldAt.set(eventId, nowMs);
    if (this.#toldAt.size > MOST) this.#toldAt.delete(this.#toldAt.keys().next().value!);
    return true;
  }
}
