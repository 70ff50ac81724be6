/**
 * Alerts that wait for one receiver: which one is next, and which ones go when
 * there are too many or when they are too old.
 *
 * Pure: times come as arguments.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import { PRIORITIES, type Priority } from "../model/vision_settings.ts";

/** What waits. */
export interface Waiting<Content = string> {
  /** Grows with every alert; the order of delivery. */
  readonly number: number;
  readonly id: string;
  readonly priority: Priority;
  /** When it was put in. */
  readonly sinceMs: UnixMs;
  readonly content: Content;
}

export interface LineLimits {
  readonly maxCount: number;
  readonly maxAgeMs: number;
}

/**
 * The one that goes when there is one too many: the oldest of the least grave.
 * The first of all may be on its way, and stays.
 */
export function chooseVictim<Item extends Pick<Waiting, "priority">>(
  items: readonly Item[],
): Item | undefined {
  const others = items.slice(1);
  const least = PRIORITIES.find((priority) => others.some((item) => item.priority === priority));
  return others.find((item) => item.priority === least);
}

/** True for what nobody needs to hear any more. A wall clock that was set back makes nothing old. */
function isTooOld(
  { sinceMs }: Waiting<unknown>,
  { nowMs, maxAgeMs }: { readonly nowMs: UnixMs; readonly maxAgeMs: number },
): boolean {
  return nowMs - sinceMs > maxAgeMs;
}

/** The line itself. */
export class WaitingAlerts<Content = string> {
  readonly #limits: LineLimits;
  #items: Waiting<Content>[] = [];
  #nextNumber = 1;

  /** @param items What waits already, in any order. */
  constructor(limits: LineLimits, items: readonly Waiting<Content>[] = []) {
    this.#limits = limits;
    this.#items = items.toSorted((one, other) => one.number - other.number);
    this.#nextNumber = (this.#items.at(-1)?.number ?? 0) + 1;
  }

  get length(): number {
    return this.#items.length;
  }

  /** In the order of delivery. */
  get items(): readonly Waiting<Content>[] {
    return this.#items;
  }

  /** The one that is delivered next. */
  get first(): Waiting<Content> | undefined {
    return this.#items[0];
  }

  /** Puts one in. Returns what has to go for it, which may be itself. */
  add(item: Omit<Waiting<Content>, "number">): readonly Waiting<Content>[] {
    this.#items.push({ ...item, number: this.#nextNumber });
    this.#nextNumber += 1;
    const dropped: Waiting<Content>[] = [];
    while (this.#items.length > this.#limits.maxCount) {
      const victim = chooseVictim(this.#items);
      if (victim === undefined) break;
      this.remove(victim);
      dropped.push(victim);
    }
    return dropped;
  }

  /** Takes out what has waited for too long. */
  dropOld(nowMs: UnixMs): readonly Waiting<Content>[] {
    const old = this.#items.filter((item) =>
      isTooOld(item, { nowMs, maxAgeMs: this.#limits.maxAgeMs })
    );
    old.forEach((item) => this.remove(item));
    return old;
  }

  remove({ number }: Pick<Waiting<Content>, "number">): void {
    this.#items = this.#items.filter((item) => item.number !== number);
  }
}
