/**
 * Delivers alerts to one receiver in their order: tries again with growing pauses,
 * and keeps on disk what waits.
 *
 * In:   alerts, and how one is handed over.
 * Out:  each handed over once or more, or dropped: refused, too old, no room.
 * Not here: how a receiver is spoken to (webhook.ts).
 *
 * Two loops that never wait for each other: one hands over, the other brings the
 * shelf in line with what waits. A disk that hangs delays no alert, and neither
 * does a receiver that hangs fill anything: all there is are `maxCount` alerts.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { Bell } from "./bell.ts";
import { pauseMs } from "./retry.ts";
import type { Shelf } from "./shelf.ts";
import type { Delivery, SinkCounters } from "../model/alert_sink.ts";
import { type LineLimits, type Waiting, WaitingAlerts } from "./waiting_alerts.ts";

/** A thousand alerts are 1 MB; what is a day old is no alert any more. */
export const USUAL_LIMITS: LineLimits = { maxCount: 1_000, maxAgeMs: 86_400_000 };

export interface DeliveryParts {
  /** Hands one over. What it throws counts as "failed". */
  readonly attempt: (item: Waiting, signal: AbortSignal) => Promise<Delivery>;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: LineLimits;
  /** Resolves when nobody else uses the shelf. */
  readonly shelfIsFree?: Promise<void>;
}

/** An alert that has no place in the line yet. */
type Incoming = Omit<Waiting, "number" | "sinceMs">;

export class DeliveryLine {
  readonly #parts: DeliveryParts;
  readonly #stopping = new AbortController();
  readonly #done: Promise<unknown>;
  /** Empty until the shelf has been read. */
  #line: WaitingAlerts;
  #isOpen = false;
  /** What came before that. */
  #early: Incoming[] = [];
  readonly #work = new Bell();
  readonly #shelfWork = new Bell();
  /** Cuts a pause short. */
  #hurrying = new AbortController();
  #delivered = 0;
  #dropped = 0;
  #fault: string | null = null;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#line = new WaitingAlerts(this.#limits);
    this.#done = this.#run();
  }

  get counters(): SinkCounters {
    return {
      delivered: this.#delivered,
      waiting: this.#line.length + this.#early.length,
      dropped: this.#dropped,
      fault: this.#fault,
    };
  }

  /** Puts one in the line. */
  send(item: Incoming): void {
    if (this.#isOpen) return this.#add(item);
    // A shelf that can't be read for so long hangs.
    if (this.#early.length < this.#limits.maxCount) this.#early.push(item);
    else this.#dropped += 1;
  }

  /** Tries at once where a pause was going on: the receiver's address may be another one now. */
  hurry(): void {
    this.#hurrying.abort();
    this.#hurrying = new AbortController();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#work.ring();
    this.#shelfWork.ring();
    await this.#done;
  }

  get #limits(): LineLimits {
    return this.#parts.limits ?? USUAL_LIMITS;
  }

  #add(item: Incoming): void {
    const sinceMs = this.#parts.clock.now();
    this.#drop(this.#line.add({ ...item, sinceMs }), "too many wait");
    this.#work.ring();
    this.#shelfWork.ring();
  }

  async #run(): Promise<void> {
    await this.#parts.shelfIsFree;
    await this.#open();
    const delivering = this.#deliver();
    const keeping = this.#keepShelf(delivering);
    await delivering;
    this.#shelfWork.ring();
    await keeping;
  }

  async #open(): Promise<void> {
    const { shelf, log } = this.#parts;
    try {
      const { items, unreadable } = await shelf.read();
      this.#line = new WaitingAlerts(this.#limits, items);
      this.#dropped += unreadable.length;
      if (items.length > 0) log.info("{count} alerts wait from before", { count: items.length });
      for (const file of unreadable) {
        log.warning("Removed {file}, which is no alert that can be read", { file });
      }
    } catch (error) {
      const reason = messageOf(error);
      log.error("Cannot read the alerts that wait from before: {reason}", { reason });
    }
    this.#isOpen = true;
    this.#early.forEach((item) => this.#add(item));
    this.#early = [];
  }

  async #deliver(): Promise<void> {
    const { clock } = this.#parts;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      this.#drop(this.#line.dropOld(clock.now()), "it is too old");
      const item = this.#line.first;
      if (item === undefined) {
        await this.#work.rung();
        continue;
      }
      const delivery = await this.#try(item);
      if (delivery.outcome !== "failed") {
        this.#finish(item, delivery, failures);
        failures = 0;
        continue;
      }
      failures += 1;
      if (!this.#stopping.signal.aborted) await this.#pause(delivery, failures);
    }
  }

  async #try(item: Waiting): Promise<Delivery> {
    try {
      return await this.#parts.attempt(item, this.#stopping.signal);
    } catch (error) {
      return { outcome: "failed", detail: messageOf(error) };
    }
  }

  #finish(item: Waiting, delivery: Delivery, failures: number): void {
    const { log } = this.#parts;
    this.#line.remove(item);
    this.#shelfWork.ring();
    if (delivery.outcome === "refused") {
      this.#dropped += 1;
      this.#fault = delivery.detail;
      log.warning("Alert {id} is not taken: {detail}", { id: item.id, detail: delivery.detail });
      return;
    }
    this.#delivered += 1;
    this.#fault = null;
    log.debug("Delivered {id}", { id: item.id });
    if (failures > 0) log.info("Delivers again; {count} wait", { count: this.#line.length });
  }

  async #pause(
    delivery: Extract<Delivery, { readonly outcome: "failed" }>,
    failures: number,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const { detail, retryInMs } = delivery;
    const chance = Math.random();
    const lastsMs = pauseMs(failures, { chance, askedMs: retryInMs });
    const said = { detail, count: this.#line.length, pause: (lastsMs / 1_000).toFixed(1) };
    if (this.#fault === detail) log.debug("Still not delivered: {detail}", said);
    else {
      log.warning(
        "Cannot deliver: {detail}. {count} wait; next try in {pause} s, then ever more rarely",
        said,
      );
    }
    this.#fault = detail;
    await clock.sleep(lastsMs, AbortSignal.any([this.#stopping.signal, this.#hurrying.signal]));
  }

  #drop(items: readonly Waiting[], reason: string): void {
    if (items.length === 0) return;
    this.#dropped += items.length;
    this.#shelfWork.ring();
    for (const { id } of items) {
      this.#parts.log.warning("Alert {id} is dropped: {reason}", { id, reason });
    }
  }

  /** To the end of the delivering: what is left waits on the shelf for the next start. */
  async #keepShelf(delivering: Promise<void>): Promise<void> {
    let isOver = false;
    delivering.then(() => isOver = true);
    while (!isOver) {
      await this.#shelfWork.rung();
      await this.#tidyShelf();
    }
    await this.#tidyShelf();
  }

  async #tidyShelf(): Promise<void> {
    const { shelf, log } = this.#parts;
    try {
      // What has gone makes room for what comes.
      await shelf.keepOnly(this.#line.items);
      const next = () => this.#line.items.find((item) => !shelf.has(item));
      for (let item = next(); item !== undefined; item = next()) await shelf.put(item);
    } catch (error) {
      const reason = messageOf(error);
      log.error("Alerts that wait are not on disk, and would not survive a restart: {reason}", {
        reason,
      });
    }
  }
}
