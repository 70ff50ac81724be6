/**
 * A Worker of the main thread that is kept alive: started, started again after a
 * pause when it fails, ended in order. What goes wrong in it stays in it.
 *
 * In:   how it is started, what it is told first, and who takes what it says.
 * Out:  its own messages; a log line and a count for each failure.
 * Not here: cameras' Workers (capture/worker_pool.ts) and the writer (store/writer.ts),
 * without which nothing is recorded.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger, type LogRecordMessage } from "../base/log.ts";
import { type MonotonicMs, monotonicMs } from "../base/units.ts";
import { retryPauseMs } from "../capture/backoff.ts";

/** One that ran for so long was well: its failure is a new one, in milliseconds. */
const HEALTHY_MS = 5 * 60_000;

/** What each kept Worker says, beside its own messages. */
export type FromKeptWorker =
  | { readonly type: "log"; readonly record: LogRecordMessage }
  /** It can't go on; another is started. */
  | { readonly type: "failed"; readonly reason: string }
  /** The answer to "stop"; or it has nothing to do any more. */
  | { readonly type: "stopped" };

/** What each kept Worker understands, beside its own messages. */
export interface StopWorker {
  readonly type: "stop";
}

export interface KeptWorkerParts<From> {
  /** For the log: "vision", "upkeep", "web". */
  readonly room: string;
  readonly startWorker: () => Worker;
  /** There is a new Worker: tell it what it needs. It has nothing of the one before. */
  readonly onStart: () => void;
  readonly onMessage: (message: Exclude<From, FromKeptWorker>) => void;
  readonly onLog: (record: LogRecordMessage) => void;
  /** It is gone, in whatever way; what was asked of it is not answered any more. */
  readonly onGone?: () => void;
  /** It failed; another follows. Called after `onGone`. */
  readonly onFailed?: () => void;
  /** Whether another is to be started after a failure; by default it is. */
  readonly isWanted?: () => boolean;
  /** How long it may take to stop before it is ended, in milliseconds; by default as long as it needs. */
  readonly stopLimitMs?: number;
  readonly clock: Clock;
}

/** `To` and `From` are the messages to and from the Worker. */
export class KeptWorker<To extends { type: string }, From extends { type: string }> {
  readonly #parts: KeptWorkerParts<From>;
  readonly #stopping = new AbortController();
  #worker: Worker | undefined;
  #isKept = false;
  #done: Promise<void> = Promise.resolve();
  #giveUp: ((failure: string | undefined) => void) | undefined;
  #failures = 0;
  #failuresInRow = 0;
  #startedAt: MonotonicMs = monotonicMs(0);

  constructor(parts: KeptWorkerParts<From>) {
    this.#parts = parts;
  }

  /** Whether there is a Worker now: false between two tries. */
  get isUp(): boolean {
    return this.#worker !== undefined;
  }

  /** How often it failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Starts it; nothing happens while it is kept alive already, nor after `stop`. */
  start(): void {
    if (this.#isKept || this.#stopping.signal.aborted) return;
    this.#isKept = true;
    this.#done = this.#keep();
  }

  /** Tells it something; nothing happens while it is not up. */
  post(message: To | StopWorker, ports: Transferable[] = []): void {
    this.#worker?.postMessage(message, ports);
  }

  /** Gives up a Worker that does not answer any more; another is started. */
  giveUp(reason: string): void {
    this.#giveUp?.(reason);
  }

  /** Ends it, and waits for what it has to finish. */
  async stop(): Promise<void> {
    const { clock, stopLimitMs } = this.#parts;
    this.#stopping.abort();
    this.post({ type: "stop" });
    const stopped = new AbortController();
    if (stopLimitMs !== undefined) {
      clock.sleep(stopLimitMs, stopped.signal).then(() => this.#giveUp?.(undefined));
    }
    await this.#done;
    stopped.abort();
  }

  async #keep(): Promise<void> {
    try {
      await this.#runAgain();
    } finally {
      this.#isKept = false;
    }
  }

  /** One Worker after the other, until one stops in good order or none is wanted. */
  async #runAgain(): Promise<void> {
    const { room, clock, onFailed, isWanted = () => true } = this.#parts;
    const { signal } = this.#stopping;
    do {
      const failure = await this.#runOne().catch(messageOf);
      if (failure === undefined) return;
      this.#count();
      onFailed?.();
      logger(room).error("The {room} Worker failed and is started again: {failure}", {
        room,
        failure,
      });
      await clock.sleep(retryPauseMs(this.#failuresInRow, Math.random()), signal);
    } while (!signal.aborted && isWanted());
  }

  #count(): void {
    const wasWell = this.#parts.clock.monotonic() - this.#startedAt >= HEALTHY_MS;
    this.#failures += 1;
    this.#failuresInRow = wasWell ? 1 : this.#failuresInRow + 1;
  }

  /** One Worker from start to end. Returns why it failed, undefined when it stopped in good order. */
  async #runOne(): Promise<string | undefined> {
    const { clock, startWorker, onStart, onGone } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#startedAt = clock.monotonic();
    const worker = startWorker();
    this.#worker = worker;
    this.#giveUp = resolve;
    worker.onmessage = ({ data }: MessageEvent<From | FromKeptWorker>) => this.#take(data, resolve);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message);
    };
    try {
      onStart();
      if (this.#stopping.signal.aborted) this.post({ type: "stop" });
      return await promise;
    } finally {
      worker.terminate();
      this.#worker = undefined;
      this.#giveUp = undefined;
      onGone?.();
    }
  }

  #take(message: From | FromKeptWorker, end: (failure: string | undefined) => void): void {
    if (!isCommon(message)) return this.#parts.onMessage(message as Exclude<From, FromKeptWorker>);
    switch (message.type) {
      case "log":
        return this.#parts.onLog(message.record);
      case "failed":
        return end(message.reason);
      case "stopped":
        return end(undefined);
    }
  }
}

function isCommon<From extends { type: string }>(
  message: From | FromKeptWorker,
): message is FromKeptWorker {
  return message.type === "log" || message.type === "failed" || message.type === "stopped";
}
