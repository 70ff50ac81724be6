/**
 * Keeps a detector process alive: starts it, has it load the model, starts it
 * again when it fails, and hands out lines to it.
 *
 * In:   a model. Out: lines, each time that there is a process with a loaded model.
 * Not here: what it does (detector_main.ts), what is asked over a line (detector.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, OperatorError, unreachable } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { DETECTOR_ARGUMENT, lookbackCommand } from "../host/own_program.ts";
import { type Child, howItEnded, startChild } from "../host/process.ts";
import { frameOf, framesOf } from "./detector_frames.ts";
import type {
  DetectorJob,
  DetectorLine,
  DetectorModel,
  FromDetectorProcess,
  ToDetectorProcess,
} from "./detector_messages.ts";

const log = logger("vision", "detector");

/** Pauses before another process is started, in milliseconds; twice as long after each failure. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** One that ran for so long was well: its failure is a new one, in milliseconds. */
const HEALTHY_MS = 5 * 60_000;

export interface DetectorProcessOptions {
  readonly model: DetectorModel;
  /** How many pictures it looks at side by side. */
  readonly lines: number;
  readonly clock: Clock;
  /** There is a process that has loaded the model; called for each line. */
  readonly onLine: (line: DetectorLine) => void;
  /** It is gone; another is started. */
  readonly onLineGone: (line: DetectorLine) => void;
}

/** One end of a line: what is sent over it goes to the process. */
class PipeLine implements DetectorLine {
  onAnswer: DetectorLine["onAnswer"] = null;
  readonly #post: Running["post"];
  readonly #line: number;

  constructor(line: number, post: Running["post"]) {
    this.#line = line;
    this.#post = post;
  }

  send({ id, crops, floor }: DetectorJob): void {
    const described = crops.map(({ area, rgb }) => ({ area, sizeBytes: rgb.length }));
    const parts = crops.map(({ rgb }) => rgb);
    this.#post({ type: "look", line: this.#line, id, floor, crops: described }, parts);
  }
}

/** A process and the lines to it. */
interface Running {
  readonly child: Child;
  readonly post: (message: ToDetectorProcess, parts?: readonly Uint8Array[]) => void;
  readonly giveUp: (reason: string | OperatorError) => void;
  lines: readonly PipeLine[];
}

export class DetectorProcess {
  readonly #options: DetectorProcessOptions;
  readonly #stopping = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #running: Running | undefined;
  #failures = 0;
  #failuresInRow = 0;

  constructor(options: DetectorProcessOptions) {
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

  /** How often the process failed. */
  get failures(): number {
    return this.#failures;
  }

  /** The process, for those who test what becomes of it. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Ends the process and starts another: it does not answer any more. */
  restart(reason: string): void {
    this.#running?.giveUp(reason);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.restart("closed");
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      const failure = await this.#runOne().catch(messageOf);
      if (signal.aborted) break;
      if (failure instanceof OperatorError) return this.#ready.reject(failure);
      this.#failures += 1;
      const wasWell = clock.monotonic() - startedAt >= HEALTHY_MS;
      this.#failuresInRow = wasWell ? 1 : this.#failuresInRow + 1;
      log.error("The detector failed and is started again: {failure}", { failure });
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failuresInRow - 1));
      await clock.sleep(pauseMs, signal);
    }
    this.#ready.resolve();
  }

  /** One process from start to end; answers why it ended. */
  async #runOne(): Promise<string | OperatorError> {
    const { promise, resolve } = Promise.withResolvers<string | OperatorError>();
    const [command, ...before] = lookbackCommand();
    const program = withLowPriority({ command, args: [...before, DETECTOR_ARGUMENT] });
    const child = startChild({ ...program, stdin: "piped" });
    const writer = child.stdin.getWriter();
    const running: Running = {
      child,
      giveUp: resolve,
      lines: [],
      // What can't be written is not answered; why, its end tells.
      post: (message, parts = []) => void writer.write(frameOf(message, parts)).catch(() => {}),
    };
    this.#running = running;
    const heard = this.#listen(running).catch((error) => resolve(messageOf(error)));
    child.ended.then((ended) => resolve(howItEnded(child, ended)));
    const { model, lines } = this.#options;
    running.post({ type: "load", model, lines });
    const failure = await promise;
    this.#running = undefined;
    for (const line of running.lines) this.#options.onLineGone(line);
    child.kill();
    await Promise.all([child.ended, heard]);
    await writer.close().catch(() => {});
    return failure;
  }

  async #listen(running: Running): Promise<void> {
    for await (const { message } of framesOf(running.child.stdout)) {
      const data = message as FromDetectorProcess;
      switch (data.type) {
        case "ready":
          this.#offerLines(running);
          break;
        case "unusable": {
          const { code, message: text, advice } = data.error;
          running.giveUp(new OperatorError(code, text, advice));
          break;
        }
        case "answer":
          running.lines[data.line]?.onAnswer?.(data.answer);
          break;
        case "failed":
          running.giveUp(data.reason);
          break;
        default:
          unreachable(data);
      }
    }
  }

  #offerLines(running: Running): void {
    const { lines, onLine } = this.#options;
    if (running !== this.#running) return;
    running.lines = Array.from({ length: lines }, (_, line) => new PipeLine(line, running.post));
    this.#ready.resolve();
    for (const line of running.lines) onLine(line);
  }
}
