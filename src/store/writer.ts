/**
 * The main thread's hold on the writer Worker: starts it, connects cameras to
 * it, starts it again should it fail, ends it when everything is committed.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { OperatorError, unreachable } from "../base/errors.ts";
import { logger, type LogRecordMessage } from "../base/log.ts";
import { type MonotonicMs, monotonicMs } from "../base/units.ts";
import type { DiskFault } from "../host/disk_fault.ts";
import type { MainToWriter, WriterToMain } from "./writer_messages.ts";

/** How often the writer is asked whether it lives, in milliseconds. */
const PING_MS = 2_000;

/** Pause before a failed writer is started again, in milliseconds. */
const RESTART_MS = 1_000;

export interface WriterCounters {
  readonly rows: number;
  readonly commits: number;
  /** Length of the last commit, in milliseconds. */
  readonly lastCommitMs: number;
  readonly waiting: number;
  /** How often the Worker failed and was started again. */
  readonly restarts: number;
}

export interface WriterParts {
  readonly onLog: (record: LogRecordMessage) => void;
  /** Called after the writer was started again: every camera needs a new line. */
  readonly onRestart: () => void;
  /** Called when a commit failed because of the disk; it is tried again. */
  readonly onDiskFault?: (fault: DiskFault) => void;
}

/** Which storage root. */
export interface WriterPlace {
  /** Absolute. */
  readonly root: string;
  /** Its id (host/root_identity.ts). */
  readonly identity: string;
}

export class Writer {
  readonly #place: WriterPlace;
  readonly #parts: WriterParts;
  readonly #closed = Promise.withResolvers<void>();
  readonly #timer: ReturnType<typeof setInterval>;
  #worker: Worker;
  #isClosing = false;
  #isDiskFault = false;
  #isRenewing = false;
  #renewals: (() => void)[] = [];
  #heardAt: MonotonicMs = systemClock.monotonic();
  #counters: WriterCounters = { rows: 0, commits: 0, lastCommitMs: 0, waiting: 0, restarts: 0 };

  private constructor(place: WriterPlace, worker: Worker, parts: WriterParts) {
    this.#place = place;
    this.#parts = parts;
    this.#worker = worker;
    this.#listen(worker);
    this.#timer = setInterval(() => this.#post({ type: "ping" }), PING_MS);
  }

  /**
   * Starts the Worker and opens (makes, migrates) the database.
   *
   * @throws {OperatorError} "database-unusable".
   */
  static async start(place: WriterPlace, parts: WriterParts): Promise<Writer> {
    return new Writer(place, await openWorker(place, parts.onLog), parts);
  }

  get counters(): WriterCounters {
    return this.#counters;
  }

  /**
   * When the Worker was last well: it answered, and nothing it was given before
   * that time is still to be committed. A disk that takes nothing is not its
   * fault, and a restart would not mend it; nor a database that is being made again,
   * which would only begin anew.
   */
  get heardAt(): MonotonicMs {
    return this.#isRenewing ? systemClock.monotonic() : this.#heardAt;
  }

  /** A new line to the writer for one camera; the port is to be handed to its Worker. */
  connect(cameraId: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#post({ type: "connect", cameraId }, [port1]);
    return port2;
  }

  /**
   * Makes the database again from the ledger files, because a reader found it
   * damaged. Resolves when it can be read; several calls at once are one.
   */
  async renew(reason: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#renewals.push(resolve);
    if (this.#renewals.length === 1) this.#post({ type: "renew", reason });
    await promise;
  }

  /** Commits what has arrived and closes the database. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    this.#post({ type: "close" });
    await this.#closed.promise;
    this.#worker.terminate();
  }

  #post(message: MainToWriter, ports: MessagePort[] = []): void {
    this.#worker.postMessage(message, ports);
  }

  #listen(worker: Worker): void {
    worker.onmessage = ({ data }: MessageEvent<WriterToMain>) => {
      switch (data.type) {
        case "closed":
          return this.#closed.resolve();
        case "log":
          return this.#parts.onLog(data.record);
        case "committed":
          return this.#count(data);
        case "pong":
          this.#isRenewing = false;
          this.#heardAt = this.#isDiskFault
            ? systemClock.monotonic()
            : monotonicMs(systemClock.monotonic() - data.oldestWaitingMs);
          return;
        case "renewing":
          this.#isRenewing = true;
          return;
        case "renewed":
          this.#isRenewing = false;
          return this.#renewals.splice(0).forEach((done) => done());
        case "disk-fault":
          this.#isDiskFault = true;
          return this.#parts.onDiskFault?.(data.fault);
        case "opened":
        case "open-failed":
          return;
        default:
          unreachable(data);
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#restart(event.message);
    };
  }

  #count(data: Extract<WriterToMain, { readonly type: "committed" }>): void {
    this.#isDiskFault = false;
    this.#isRenewing = false;
    this.#counters = {
      ...this.#counters,
      rows: this.#counters.rows + data.rows,
      commits: this.#counters.commits + 1,
      lastCommitMs: data.tookMs,
      waiting: data.waiting,
    };
  }

  async #restart(reason: string): Promise<void> {
    const log = logger("store");
    this.#worker.terminate();
    if (this.#isClosing) return this.#closed.resolve();
    log.error("The writer failed and is started again: {reason}", { reason });
    await systemClock.sleep(RESTART_MS, new AbortController().signal);
    try {
      this.#worker = await openWorker(this.#place, this.#parts.onLog);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return await this.#restart(error.advice.found?.reason ?? error.message);
    }
    this.#heardAt = systemClock.monotonic();
    this.#listen(this.#worker);
    this.#counters = { ...this.#counters, restarts: this.#counters.restarts + 1 };
    // What was asked of the failed one is asked again by who still needs it.
    this.#renewals.splice(0).forEach((done) => done());
    this.#parts.onRestart();
    if (this.#isClosing) this.#post({ type: "close" });
  }
}

/** A Worker that has opened the database. */
async function openWorker(
  { root, identity }: WriterPlace,
  onLog: (record: LogRecordMessage) => void,
): Promise<Worker> {
  const worker = new Worker(new URL("./writer_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<Worker>();
  worker.onmessage = ({ data }: MessageEvent<WriterToMain>) => {
    if (data.type === "opened") resolve(worker);
    if (data.type === "open-failed") reject(cannotOpen(root, data.reason));
    if (data.type === "log") onLog(data.record);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(cannotOpen(root, event.message));
  };
  const open: MainToWriter = { type: "open", root, identity };
  worker.postMessage(open);
  try {
    return await promise;
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

function cannotOpen(root: string, reason: string): OperatorError {
  return new OperatorError("database-unusable", `Cannot open the database under "${root}"`, {
    found: { reason },
    fix: [
      "check that the disk is mounted, has room, and belongs to the user that runs Lookback",
      "if the file is damaged, move data/lookback.db away; recordings stay as they are",
    ],
  });
}
