/**
 * The main thread's hold on the upkeep Worker: starts it, starts it again should
 * it fail, asks it for room on a full disk, ends it in order. Nothing that goes
 * wrong with it touches recording.
 *
 * @module
 */

import type { Settings } from "../../../config.ts";
import type { Clock } from "../../base/clock.ts";
import { messageOf, unreachable } from "../../base/errors.ts";
import { logger, type LogRecordMessage } from "../../base/log.ts";
import type { MonotonicMs } from "../../base/units.ts";
import type { LedgerEntry } from "../../model/ledger.ts";
import { RetentionReader } from "../../store/retention_reader.ts";
import { finishRemovals } from "../../upkeep/deletion.ts";
import { type FromKeptWorker, KeptWorker } from "../kept_worker.ts";
import { rulesOf } from "../retention_outlook.ts";
import type { FromUpkeep, ToUpkeep, UpkeepPlan, UpkeepStart } from "./messages.ts";

const log = logger("upkeep");

export interface UpkeepParts extends Omit<UpkeepStart, "beganBeforeMs"> {
  /** The database is to be made again. */
  readonly onDatabaseDamaged: (reason: string) => void;
  /** A new line to the writer. */
  readonly connectWriter: () => MessagePort;
  readonly clock: Clock;
  readonly onLog: (record: LogRecordMessage) => void;
}

/** What the settings say about looking after footage; of cameras that are switched off too. */
export function upkeepPlan(settings: Settings): UpkeepPlan {
  const { upkeep, cameras, batchDurationMs, ffmpegPath } = settings;
  return {
    rules: rulesOf(settings),
    ...upkeep,
    cameraIds: cameras.filter(({ enabled }) => enabled).map(({ id }) => id),
    batchDurationMs,
    ffmpegPath,
  };
}

export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #kept: KeptWorker<ToUpkeep, FromUpkeep>;
  readonly #rooms = new Map<number, (freedBytes: number) => void>();
  readonly #began: MonotonicMs;
  #plan: UpkeepPlan;
  #nextRoom = 1;

  constructor(parts: UpkeepParts) {
    const { plan, clock, onLog } = parts;
    this.#parts = parts;
    this.#plan = plan;
    this.#began = clock.monotonic();
    this.#kept = new KeptWorker({
      room: "upkeep",
      startWorker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
      onStart: () => this.#tellAll(),
      onMessage: (message) => this.#take(message),
      onLog,
      onGone: () => [...this.#rooms.keys()].forEach((id) => this.#answerRoom(id, 0)),
      clock,
    });
    this.#kept.start();
  }

  /** How often the Worker failed. */
  get failures(): number {
    return this.#kept.failures;
  }

  /** Gives the Worker a new line to a writer that was started again. */
  reconnectWriter(): void {
    if (this.#kept.isUp) this.#kept.post({ type: "writer" }, [this.#parts.connectWriter()]);
  }

  /** Takes new settings; they count from the next piece of work on. */
  reload(plan: UpkeepPlan): void {
    this.#plan = plan;
    this.#kept.post({ type: "settings", plan });
  }

  /**
   * Has the oldest footage deleted at once, as far as it may be.
   *
   * @returns How many bytes were freed; 0 when nothing may be deleted, or the Worker is not up.
   */
  async makeRoom(bytes: number): Promise<number> {
    if (!this.#kept.isUp) return 0;
    const id = this.#nextRoom++;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#rooms.set(id, resolve);
    this.#kept.post({ type: "make-room", id, bytes });
    return await promise;
  }

  /** Resolves when nothing is under way and everything is committed. */
  async stop(): Promise<void> {
    await this.#kept.stop();
  }

  /** All that a new Worker needs. */
  #tellAll(): void {
    const { root, identity, newestFootageMs, connectWriter, clock } = this.#parts;
    const beganBeforeMs = clock.monotonic() - this.#began;
    const start = { root, identity, newestFootageMs, beganBeforeMs, plan: this.#plan };
    this.#kept.post({ type: "start", ...start }, [connectWriter()]);
  }

  #take(message: Exclude<FromUpkeep, FromKeptWorker>): void {
    switch (message.type) {
      case "database-damaged":
        return this.#parts.onDatabaseDamaged(message.reason);
      case "room":
        return this.#answerRoom(message.id, message.freedBytes);
      default:
        unreachable(message);
    }
  }

  #answerRoom(id: number, freedBytes: number): void {
    this.#rooms.get(id)?.(freedBytes);
    this.#rooms.delete(id);
  }
}

/**
 * Removes the files of a deletion that a crash interrupted. Before anything is
 * recorded: a folder that it empties goes too.
 */
export async function finishDeletions(
  root: string,
  send: (entry: LedgerEntry) => Promise<void>,
): Promise<void> {
  try {
    using index = new RetentionReader(root);
    const { files, left } = await finishRemovals({ root, index, send, openFolders: new Set() });
    if (files > 0) log.warning("Finished an interrupted deletion: {files} files", { files });
    const [first] = left;
    if (first !== undefined) log.error("Cannot remove {path}: {reason}", { ...first });
  } catch (error) {
    // Recording is worth more than tidiness.
    log.error("Cannot finish an interrupted deletion: {reason}", { reason: messageOf(error) });
  }
}
