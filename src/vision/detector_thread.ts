/**
 * Keeps a detector Worker alive: starts it, has it load the model, starts it
 * again when it fails, and hands out lines to it.
 *
 * In:   a model. Out: lines, each time that there is a Worker with a loaded model.
 * Not here: what is asked over a line (detector.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { OperatorError, unreachable } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { DetectorLine, DetectorModel, FromDetector, ToDetector } from "./detector_messages.ts";

const log = logger("vision", "detector");

/** Pauses before another Worker is started, in milliseconds; twice as long after each failure. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface DetectorThreadOptions {
  readonly model: DetectorModel;
  readonly clock: Clock;
  /** A Worker has loaded the model. */
  readonly onLine: (line: DetectorLine) => void;
  /** It is gone; another is started. */
  readonly onLineGone: (line: DetectorLine) => void;
  /** For tests; the detector's Worker by default. */
  readonly startWorker?: () => Worker;
}

export class DetectorThread {
  readonly #options: DetectorThreadOptions;
  readonly #stopping = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #worker: Worker | undefined;
  #line: MessagePort | undefined;
  #giveUp: ((reason: string) => void) | undefined;
  #failures = 0;

  constructor(options: DetectorThreadOptions) {
    this.#options = options;
    // Who does not wait for it learns of it by the lines that never come.
    this.#ready.promise.catch(() => {});
    this.#done = this.#run();
  }

  /**
   * Resolves when the model is loaded for the first time.
   *
   * @throws {OperatorError} "detector-unavailable" or "model-invalid" if it can't be; nothing is
   * tried again then.
   */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** How often the Worker failed. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Another line to the Worker, for another thread. Good until `onLineGone`.
   *
   * @returns Undefined while there is no Worker.
   */
  connect(): MessagePort | undefined {
    if (this.#worker === undefined) return undefined;
    const { port1, port2 } = new MessageChannel();
    this.#post({ type: "line" }, [port2]);
    return port1;
  }

  /** Ends the Worker and starts another: it does not answer any more. */
  restart(reason: string): void {
    this.#giveUp?.(reason);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#giveUp?.("closed");
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const failure = await this.#runWorker();
      if (signal.aborted) break;
      if (failure instanceof OperatorError) return this.#ready.reject(failure);
      this.#failures += 1;
      log.error("The detector's Worker failed and is started again: {failure}", { failure });
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
      await clock.sleep(pauseMs, signal);
    }
    this.#ready.resolve();
  }

  /** One Worker from start to end; answers why it ended. */
  async #runWorker(): Promise<string | OperatorError> {
    const { promise, resolve } = Promise.withResolvers<string | OperatorError>();
    this.#giveUp = resolve;
    const worker = this.#options.startWorker?.() ??
      new Worker(new URL("./detector_worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromDetector>) => {
      switch (data.type) {
        case "ready":
          return this.#offerLine();
        case "unusable":
          return resolve(new OperatorError(data.error.code, data.error.message, data.error.advice));
        // Answers travel over the lines.
        case "seen":
        case "not-seen":
          return;
        default:
          unreachable(data);
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message);
    };
    this.#post({ type: "load", model: this.#options.model });
    const failure = await promise;
    this.#withdrawLine();
    worker.terminate();
    this.#worker = undefined;
    return failure;
  }

  #offerLine(): void {
    this.#line = this.connect();
    this.#ready.resolve();
    if (this.#line !== undefined) this.#options.onLine(this.#line);
  }

  #withdrawLine(): void {
    if (this.#line === undefined) return;
    this.#options.onLineGone(this.#line);
    this.#line.close();
    this.#line = undefined;
  }

  #post(message: ToDetector, ports: MessagePort[] = []): void {
    this.#worker?.postMessage(message, ports);
  }
}
