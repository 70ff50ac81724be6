/**
 * Keeps footage within its limits while the service runs: looks every few
 * seconds, deletes what the rules choose, and makes room at once for a camera
 * that found the disk full.
 *
 * In:   limits, the index, the writer, the disk and the holds.
 * Out:  footage that is gone, a log line for it, counters.
 * Not here: the choice (model/retention.ts), how a batch is deleted (deletion.ts).
 *
 * One pass at a time: two would choose the same batches.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { tryHoldFolder } from "../host/folder_lock.ts";
import {
  chooseVictims,
  type DeletionPlan,
  type DiskRoom,
  folderOf,
  type RetentionFacts,
  type RetentionRules,
  type UnmetLimit,
} from "../model/retention.ts";
import { deleteBatches, finishRemovals, type Removed } from "./deletion.ts";
import { EventSweep } from "./event_deletion.ts";
import { keepHoldsAsTheyAre, makeHoldsFolder, readHolds } from "./holds.ts";
import { readOpenPlaces } from "./open_places.ts";
import { giveUpReserve, makeReserve, reserveBytes } from "./reserve.ts";
import { RetentionReport } from "./retention_report.ts";
import type { RetentionIndex, SendEntry } from "./retention_index.ts";

/** How often it looks, in milliseconds: a disk that fills at 1 GB/s keeps 2 GB until then. */
const LOOK_MS = 10_000;

/** Most batches of one round: each can have an hour folder of its own, which is held open. */
const BATCHES_A_ROUND = 500;

/** Batches that are read at once: few to find a camera's oldest, then twice as many each time. */
const FIRST_PAGE = 8;
const LARGEST_PAGE = 256;

/** How long a commit may take on a full disk before recordings go without it, in milliseconds. */
const PATIENCE_MS = 3_000;

/** Cameras try their writes again within this time once there is room, in milliseconds. */
const SETTLE_MS = 1_000;

/** A command that makes a hold takes milliseconds: it is waited for this often, with this pause. */
const HOLD_TRIES = 50;
const HOLD_PAUSE_MS = 100;

export interface RetentionParts {
  /** Absolute. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked anew for each pass, so that new settings count at once. */
  readonly rules: () => RetentionRules;
  readonly openIndex: () => RetentionIndex;
  readonly send: SendEntry;
  readonly diskRoom: () => Promise<DiskRoom>;
  /** Shorter than {@linkcode LOOK_MS} where batches are: then one batch at most is too much. */
  readonly everyMs?: number;
}

/** What was done since the start. */
export interface RetentionCounters {
  readonly batches: number;
  readonly bytes: number;
  /** Limits that could not be kept at the last look. */
  readonly unmet: readonly UnmetLimit[];
  /** Files that should be gone and are not. */
  readonly filesLeft: number;
}

export class RetentionJob {
  readonly #parts: RetentionParts;
  readonly #report: RetentionReport;
  readonly #events = new EventSweep();
  #passes: Promise<unknown> = Promise.resolve();
  /** The newest making of room, and until when its answer counts. */
  #urgent: { untilMs: number; readonly freedBytes: Promise<number> } | undefined;
  #counters: RetentionCounters = { batches: 0, bytes: 0, unmet: [], filesLeft: 0 };

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#report = new RetentionReport(parts);
  }

  get counters(): RetentionCounters {
    return this.#counters;
  }

  /** Looks again and again; resolves when `signal` is aborted and nothing is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { root, clock, diskRoom, everyMs = LOOK_MS } = this.#parts;
    await this.#guarded(() => makeHoldsFolder(root));
    while (!signal.aborted) {
      await this.#guarded(() => this.#inTurn(() => this.#pass(0, signal)));
      await this.#guarded(() => this.#inTurn(() => this.#sweepEvents()));
      await this.#guarded(async () => makeReserve(root, await diskRoom()));
      await clock.sleep(everyMs, signal);
    }
    await this.#passes;
    this.#report.flush();
  }

  /**
   * Makes room at once, because a write found the disk full. Who asks while room is
   * made, or has just been made, gets the same answer: all cameras ask at once, and
   * again until their write succeeds.
   *
   * @param bytes How much is needed at least.
   * @returns How much was freed; 0 when nothing may be deleted.
   */
  makeRoom(bytes: number): Promise<number> {
    const nowMs = this.#parts.clock.monotonic();
    if (this.#urgent !== undefined && nowMs < this.#urgent.untilMs) return this.#urgent.freedBytes;
    const urgent = { untilMs: Infinity, freedBytes: this.#makeRoomNow(bytes) };
    this.#urgent = urgent;
    urgent.freedBytes.then(() => {
      urgent.untilMs = this.#parts.clock.monotonic() + SETTLE_MS;
    });
    return urgent.freedBytes;
  }

  async #makeRoomNow(bytes: number): Promise<number> {
    const { signal } = new AbortController();
    // Before its turn: a pass that is waiting for its commit may need this room.
    await this.#guarded(() => giveUpReserve(this.#parts.root));
    return await this.#guarded(() => this.#inTurn(() => this.#pass(bytes, signal))) ?? 0;
  }

  async #pass(urgentBytes: number, signal: AbortSignal): Promise<number> {
    let freedBytes = 0;
    let firstBefore: number | undefined;
    while (true) {
      const plan = await this.#round(Math.max(0, urgentBytes - freedBytes));
      const first = plan.victims[0]?.batchId;
      // A batch that comes again was not deleted: trying on and on would not help.
      if (first !== undefined && first === firstBefore) return freedBytes;
      freedBytes += plan.freedBytes;
      if (!plan.isCut || signal.aborted) return freedBytes;
      firstBefore = first;
    }
  }

  /** Chooses and deletes, as much as one round may. */
  async #round(urgentBytes: number): Promise<DeletionPlan> {
    const { root, clock, openIndex, send, diskRoom } = this.#parts;
    using index = openIndex();
    const open = await readOpenPlaces(root);
    // Left by a Worker that failed, or that could not be removed: they are in no sum.
    if (index.removals().length > 0) {
      this.#count(await finishRemovals({ root, index, send, openFolders: open.folders }));
    }
    using stay = await this.#keepHolds();
    const { holds, unreadable } = await readHolds(root);
    if (stay === undefined || unreadable.length > 0) return this.#nothing(unreadable);
    const disk = await diskRoom();
    using held = new HeldFolders(root);
    const plan = held.planWith((busyFolders) =>
      chooseVictims({
        nowMs: clock.now(),
        rules: this.#parts.rules(),
        usage: index.usage(),
        disk,
        holds,
        busyFolders,
        openLogs: open.logs,
        urgentBytes,
        most: BATCHES_A_ROUND,
        ...pagesOf(index),
      })
    );
    this.#counters = { ...this.#counters, unmet: plan.unmet };
    this.#report.unmet(plan.unmet);
    if (plan.victims.length === 0) return plan;
    const isFull = urgentBytes > 0 || disk.freeBytes < reserveBytes(disk) / 2;
    const removed = await deleteBatches(plan.victims, {
      root,
      index,
      send,
      nowMs: clock.now(),
      openFolders: open.folders,
      ...(isFull ? { outOfPatience: (committed) => this.#patience(committed) } : {}),
    });
    this.#count(removed, plan);
    this.#report.deleted(plan, index);
    return plan;
  }

  /** Events whose footage is gone. */
  async #sweepEvents(): Promise<void> {
    const { root, clock, log, openIndex, send } = this.#parts;
    using index = openIndex();
    using stay = await this.#keepHolds();
    const { holds, unreadable } = await readHolds(root);
    // The pass over the batches has said so.
    if (stay === undefined || unreadable.length > 0) return;
    const { folders: openFolders } = await readOpenPlaces(root);
    const nowMs = clock.now();
    const rules = this.#parts.rules();
    const removed = await this.#events.pass({
      ...{ root, index, send, nowMs, openFolders, rules, holds },
    });
    this.#report.left(removed.left);
    if (removed.events > 0) {
      log.debug("Deleted {count} events without footage", { count: removed.events });
    }
  }

  #count(removed: Removed, plan?: DeletionPlan): void {
    const { batches, bytes, unmet } = this.#counters;
    this.#counters = {
      batches: batches + (plan?.victims.length ?? 0),
      bytes: bytes + (plan?.freedBytes ?? 0),
      unmet,
      filesLeft: removed.left.length,
    };
    this.#report.left(removed.left);
  }

  async #keepHolds(): Promise<Disposable | undefined> {
    const { signal } = new AbortController();
    for (let tries = 0; tries < HOLD_TRIES; tries += 1) {
      const stay = keepHoldsAsTheyAre(this.#parts.root);
      if (stay !== undefined) return stay;
      await this.#parts.clock.sleep(HOLD_PAUSE_MS, signal);
    }
    return undefined;
  }

  #nothing(unreadable: readonly string[]): DeletionPlan {
    this.#parts.log.error("Nothing is deleted: {reason}", {
      reason: unreadable.length > 0
        ? `the hold "${unreadable[0]}" can't be read`
        : "a hold is being made and does not get done",
    });
    return { victims: [], freedBytes: 0, unmet: [], isCut: false };
  }

  async #patience(committed: Promise<void>): Promise<void> {
    const stop = new AbortController();
    committed.finally(() => stop.abort());
    await this.#parts.clock.sleep(PATIENCE_MS, stop.signal);
    if (stop.signal.aborted) return;
    this.#parts.log.warning(
      "The disk is too full to write down what is deleted: recordings go before their rows",
    );
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#passes.then(work);
    this.#passes = mine.catch(() => {});
    return await mine;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#parts.log.error("Cannot keep footage within its limits: {reason}", {
        reason: messageOf(error),
      });
      return undefined;
    }
  }
}

/** Hour folders that are held alone while their batches are deleted. */
class HeldFolders implements Disposable {
  readonly #root: string;
  readonly #held = new Map<string, Disposable>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Plans again without the folders that somebody reads, until all of the plan's are held. */
  planWith(choose: (busyFolders: ReadonlySet<string>) => DeletionPlan): DeletionPlan {
    const busy = new Set<string>();
    while (true) {
      const plan = choose(busy);
      const folders = new Set(plan.victims.map(({ recordingPath }) => folderOf(recordingPath)));
      const refused = [...folders].filter((folder) => !this.#hold(folder));
      if (refused.length === 0) return plan;
      for (const folder of refused) busy.add(folder);
    }
  }

  [Symbol.dispose](): void {
    for (const held of this.#held.values()) held[Symbol.dispose]();
  }

  #hold(folder: string): boolean {
    if (this.#held.has(folder)) return true;
    const held = tryHoldFolder(join(this.#root, folder));
    if (held !== undefined) this.#held.set(folder, held);
    return held !== undefined;
  }
}

/** The index as the choice asks it. */
function pagesOf(index: RetentionIndex): Pick<RetentionFacts, "pageAfter" | "logUse"> {
  const sizes = new Map<string, number>();
  return {
    pageAfter: (walk, after) => {
      const key = `${walk.cameraId} ${walk.hasEvent}`;
      const size = sizes.get(key) ?? FIRST_PAGE;
      sizes.set(key, Math.min(2 * size, LARGEST_PAGE));
      return index.oldestAfter(walk, after, size);
    },
    logUse: (path) => index.logUse(path),
  };
}
