/**
 * The main thread's hold on the upkeep Worker: starts it, starts it again should
 * it fail, asks it for room on a full disk, ends it in order. Nothing that goes
 * wrong with it touches recording.
 *
 * @module
 */

import type { Settings } from "../../config.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf, unreachable } from "../base/errors.ts";
import { logger, type LogRecordMessage } from "../base/log.ts";
import type { MonotonicMs } from "../base/units.ts";
import { retryPauseMs } from "../capture/backoff.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import { RetentionReader } from "../store/retention_reader.ts";
import { finishRemovals } from "../upkeep/deletion.ts";
import { rulesOf } from "./retention_outlook.ts";
import type { FromUpkeep, ToUpkeep, UpkeepPlan, UpkeepStart } from "./upkeep_messages.ts";

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
  readonly #stopping = new AbortController();
  readonly #rooms = new Map<number, (freedBytes: number) => void>();
  readonly #done: Promise<void>;
  readonly #began: MonotonicMs;
  #plan: UpkeepPlan;
  #worker: Worker | undefined;
  #failures = 0;
  #nextRoom = 1;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#plan = parts.plan;
    this.#began = parts.clock.monotonic();
    this.#done = this.#run();
  }

  /** How often the Worker failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Gives the Worker a new line to a writer that was started again. */
  reconnectWriter(): void {
    if (this.#worker !== undefined) this.#post({ type: "writer" }, [this.#parts.connectWriter()]);
  }

  /** Takes new settings; they count from the next piece of work on. */
  reload(plan: UpkeepPlan): void {
    this.#plan = plan;
    this.#post({ type: "settings", plan });
  }

  /**
   * Has the oldest footage deleted at once, as far as it may be.
   *
   * @returns How many bytes were freed; 0 when nothing may be deleted, or the Worker is not up.
   */
  async makeRoom(bytes: number): Promise<number> {
    if (this.#worker === undefined) return 0;
    const id = this.#nextRoom++;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#rooms.set(id, resolve);
    this.#post({ type: "make-room", id, bytes });
    return await promise;
  }

  /** Resolves when nothing is under way and everything is committed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#post({ type: "stop" });
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const failure = await this.#runWorker().catch(messageOf);
      if (failure === undefined) return;
      this.#failures += 1;
      log.error("The upkeep Worker failed and is started again: {failure}", { failure });
      await clock.sleep(retryPauseMs(this.#failures, Math.random()), signal);
    }
  }

  /** One Worker from start to end. Returns why it failed, undefined when it stopped in good order. */
  async #runWorker(): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const worker = new Worker(new URL("./upkeep_worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromUpkeep>) => {
      switch (data.type) {
        case "log":
          return this.#parts.onLog(data.record);
        case "database-damaged":
          return this.#parts.onDatabaseDamaged(data.reason);
        case "room":
          return this.#answerRoom(data.id, data.freedBytes);
        case "failed":
          return resolve(data.reason);
        case "stopped":
          return resolve(undefined);
        default:
          unreachable(data);
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message);
    };
    const { root, identity, newestFootageMs, connectWriter } = this.#parts;
    const beganBeforeMs = this.#parts.clock.monotonic() - this.#began;
    const start = { root, identity, newestFootageMs, beganBeforeMs, plan: this.#plan };
    this.#post({ type: "start", ...start }, [connectWriter()]);
    if (this.#stopping.signal.aborted) this.#post({ type: "stop" });
    try {
      return await promise;
    } finally {
      worker.terminate();
      this.#worker = undefined;
      for (const id of [...this.#rooms.keys()]) this.#answerRoom(id, 0);
    }
  }

  #answerRoom(id: number, freedBytes: number): void {
    this.#rooms.get(id)?.(freedBytes);
    this.#rooms.delete(id);
  }

  #post(message: ToUpkeep, ports: MessagePort[] = []): void {
    this.#worker?.postMessage(message, ports);
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
