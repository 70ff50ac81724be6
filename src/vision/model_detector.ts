/**
 * A detector that runs a model in Workers of its own: finds the files, starts the
 * Workers, and connects them. Until they are there, and where they can't be had,
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
import type { DetectorLine, DetectorModel } from "./detector_messages.ts";
import { DetectorThread } from "./detector_thread.ts";

const log = logger("vision", "detector");

export interface ModelDetectorOptions {
  /** Sees to it that the files are there; may take a moment. */
  readonly findModel: () => Promise<DetectorModel>;
  /** How many Workers look at pictures side by side. */
  readonly workers: number;
  readonly clock: Clock;
}

export class ModelDetector implements Detector {
  readonly #options: ModelDetectorOptions;
  #threads: readonly DetectorThread[] = [];
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
    return this.#lines?.counters ?? NO_COUNTS;
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
    // Ends threads that never became ready, for which opening would wait for ever.
    await this.#end();
    await this.opened;
    await this.#end();
  }

  async #open(): Promise<void> {
    const { findModel, workers, clock } = this.#options;
    const model = await findModel();
    if (this.#isClosed) return;
    const { input, scores } = model.description;
    const owners = new Map<DetectorLine, DetectorThread>();
    const lines = new LineDetector({
      input,
      scores,
      clock,
      onLost: (line) => owners.get(line)?.restart("it does not answer"),
    });
    this.#threads = Array.from({ length: workers }, () => {
      const thread: DetectorThread = new DetectorThread({
        model,
        clock,
        onLine: (line) => {
          owners.set(line, thread);
          lines.addLine(line);
        },
        onLineGone: (line) => {
          owners.delete(line);
          lines.removeLine(line);
        },
      });
      return thread;
    });
    this.#lines = lines;
    await Promise.all(this.#threads.map(({ ready }) => ready));
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
    await Promise.all(this.#threads.map((thread) => thread.close()));
    this.#threads = [];
  }
}
