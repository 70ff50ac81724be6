/**
 * A detector that runs a model in a process of its own: finds the files, starts the
 * process, and asks it. Until it is there, and where it can't be had,
 * it answers that nobody looked, and vision goes on with movement alone.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { Box, Detection } from "../model/vision.ts";
import {
  type Detector,
  type DetectorCounters,
  LineDetector,
  NO_COUNTS,
  type Picture,
} from "./detector.ts";
import type { DetectorModel } from "./detector_messages.ts";
import { DetectorProcess } from "./detector_process.ts";

const log = logger("vision", "detector");

export interface ModelDetectorOptions {
  /** Sees to it that the files are there; may take a moment. */
  readonly findModel: () => Promise<DetectorModel>;
  /** How many pictures are looked at side by side. */
  readonly workers: number;
  readonly clock: Clock;
}

export class ModelDetector implements Detector {
  readonly #options: ModelDetectorOptions;
  #process: DetectorProcess | undefined;
  #lines: LineDetector | undefined;
  #problem: OperatorError | undefined;
  #isClosed = false;
  /** Resolves when the model is loaded, or can't be. */
  readonly opened: Promise<void>;

  constructor(options: ModelDetectorOptions) {
    this.#options = options;
    this.opened = this.#open().catch((error) => this.#giveUp(error));
  }

  /** Why there is no detector; undefined while there is, or may be. */
  get problem(): OperatorError | undefined {
    return this.#problem;
  }

  get counters(): DetectorCounters {
    const restarts = this.#process?.failures ?? 0;
    return { ...this.#lines?.counters ?? NO_COUNTS, restarts };
  }

  /** The process that looks, for those who test what becomes of it. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async detect(
    picture: Picture,
    regions: readonly Box[],
    minScore: Readonly<Record<string, number>> = {},
  ): Promise<readonly Detection[] | null> {
    return await this.#lines?.detect(picture, regions, minScore) ?? null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Ends a process that never became ready, for which opening would wait for ever.
    await this.#end();
    await this.opened;
    await this.#end();
  }

  async #open(): Promise<void> {
    const { findModel, workers, clock } = this.#options;
    const model = await findModel();
    if (this.#isClosed) return;
    const { input, scores } = model.description;
    const lines = new LineDetector({
      input,
      scores,
      clock,
      onLost: () => this.#process?.restart("it does not answer"),
    });
    this.#lines = lines;
    this.#process = new DetectorProcess({
      model,
      lines: workers,
      clock,
      onLine: (line) => lines.addLine(line),
      onLineGone: (line) => lines.removeLine(line),
    });
    await this.#process.ready;
  }

  async #giveUp(error: unknown): Promise<void> {
    if (error instanceof OperatorError) {
      this.#problem = error;
      log.error("{text}", { text: error.toText() });
    } else log.error("Cannot start the detector: {reason}", { reason: messageOf(error) });
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#lines?.close();
    this.#lines = undefined;
    await this.#process?.close();
    this.#process = undefined;
  }
}
