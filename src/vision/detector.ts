/**
 * Finding things in pictures, as the rest of vision sees it: a picture and where to
 * look in it go in, detections come out, or null when nobody looked.
 *
 * {@linkcode LineDetector} asks over one or more lines. It never waits for
 * them with more than one picture of each camera: a newer one takes the place of
 * an older one, and cameras take turns. So a slow detector costs detections, not
 * memory, and a busy camera does not starve a quiet one.
 *
 * In:   pictures of any number of cameras.
 * Out:  detections in fractions of the picture.
 * Not here: the process that looks (detector_main.ts) and who keeps it alive (detector_process.ts).
 *
 * Design: docs/design/vision.md, "Detector"
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { MonotonicMs, UnixMs } from "../base/units.ts";
import type { Box, Detection } from "../model/vision.ts";
import { cropToRgb, type YuvPicture } from "./detector_crop.ts";
import type { DetectorAnswer, DetectorLine } from "./detector_messages.ts";
import { lowestScore, type ModelInput, type Scores } from "./model_description.ts";
import { MOST_REGIONS } from "./regions.ts";

/** A picture of a camera. */
export interface Picture extends YuvPicture {
  readonly cameraId: string;
  readonly atMs: UnixMs;
}

export interface DetectorCounters {
  /** Pictures that somebody wanted looked at. */
  readonly asked: number;
  readonly looked: number;
  /** A newer picture of the camera took their place, or there was nobody to ask. */
  readonly dropped: number;
  /** Given to a detector that did not answer, or answered with an error. */
  readonly failed: number;
  /** Pictures that wait now; at most one for each camera. */
  readonly waiting: number;
  /** How long the detector took for the last picture, in milliseconds. */
  readonly lastMs: number;
  /** How often it ended by itself, or did not answer, and was started again. */
  readonly restarts: number;
}

export const NO_COUNTS: DetectorCounters = {
  asked: 0,
  looked: 0,
  dropped: 0,
  failed: 0,
  waiting: 0,
  lastMs: 0,
  restarts: 0,
};

export interface Detector {
  /**
   * Finds things where something moves. Takes what it needs of the picture before
   * it returns, so its memory can be used for the next one.
   *
   * @param regions Where to look (regions.ts plans them), the most important first.
   * @param minScore The camera's own lowest scores by class; others have the detector's.
   * @returns What was found, the surest first. Null when nobody looked at this picture: a newer
   * one came before its turn, or the detector failed. Never rejects.
   */
  detect(
    picture: Picture,
    regions: readonly Box[],
    minScore?: Readonly<Record<string, number>>,
  ): Promise<readonly Detection[] | null>;
  readonly counters: DetectorCounters;
  /** Resolves when nothing of it is left; pictures that wait have null for an answer. */
  close(): Promise<void>;
}

/** An answer that takes longer never comes, in milliseconds: 300 times what a small box needs. */
const LOST_AFTER_MS = 30_000;

export interface LineDetectorOptions {
  readonly input: Pick<ModelInput, "width" | "height" | "fit">;
  readonly scores: Scores;
  readonly clock: Clock;
  /** Called when nothing has answered for long; the line is not used any more. */
  readonly onLost?: (line: DetectorLine) => void;
}

interface Job {
  readonly picture: Picture;
  readonly regions: readonly Box[];
  readonly minScore: Readonly<Record<string, number>>;
  readonly resolve: (detections: readonly Detection[] | null) => void;
}

interface Running {
  readonly id: number;
  readonly job: Job;
  readonly lost: AbortController;
  readonly sentAt: MonotonicMs;
}

export class LineDetector implements Detector {
  readonly #options: LineDetectorOptions;
  /** Each line and what it works on. */
  readonly #lines = new Map<DetectorLine, Running | null>();
  /** The newest picture of each camera, in the order of their turns. */
  readonly #waiting = new Map<string, Job>();
  readonly #counts = { ...NO_COUNTS };
  #nextId = 1;
  #isClosed = false;

  constructor(options: LineDetectorOptions) {
    this.#options = options;
  }

  get counters(): DetectorCounters {
    return { ...this.#counts, waiting: this.#waiting.size };
  }

  /** Another line to ask over. */
  addLine(line: DetectorLine): void {
    if (this.#isClosed) return;
    this.#lines.set(line, null);
    line.onAnswer = (answer) => this.#take(line, answer);
    this.#dispatch();
  }

  /** A line that is gone; the picture that it had is lost. */
  removeLine(line: DetectorLine): void {
    const running = this.#lines.get(line);
    if (running === undefined) return;
    this.#lines.delete(line);
    line.onAnswer = null;
    if (running !== null) this.#fail(running);
    this.#dispatch();
  }

  detect(
    picture: Picture,
    regions: readonly Box[],
    minScore: Readonly<Record<string, number>> = {},
  ): Promise<readonly Detection[] | null> {
    this.#counts.asked += 1;
    const { promise, resolve } = Promise.withResolvers<readonly Detection[] | null>();
    const { cameraId } = picture;
    // Setting a key that is there keeps its place: whoever has waited is not sent to the end.
    const older = this.#waiting.get(cameraId);
    if (older !== undefined) this.#drop(older);
    this.#waiting.set(cameraId, { picture, regions, minScore, resolve });
    this.#dispatch();
    const job = this.#waiting.get(cameraId);
    if (job !== undefined) {
      // Its memory is the caller's, who goes on.
      this.#waiting.set(cameraId, { ...job, picture: { ...picture, yuv: picture.yuv.slice() } });
    }
    return promise;
  }

  // deno-lint-ignore require-await -- other detectors have something to wait for
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const line of [...this.#lines.keys()]) this.removeLine(line);
    this.#dispatch();
  }

  /** Gives waiting pictures to lines that are free; drops them when there is no line at all. */
  #dispatch(): void {
    for (const [cameraId, job] of this.#waiting) {
      if (this.#lines.size === 0) {
        this.#waiting.delete(cameraId);
        this.#drop(job);
        continue;
      }
      // Two pictures of a camera at a time could be answered in the wrong order.
      if (this.#isRunning(cameraId)) continue;
      const free = [...this.#lines].find(([, running]) => running === null);
      if (free === undefined) return;
      this.#waiting.delete(cameraId);
      this.#send(free[0], job);
    }
  }

  #isRunning(cameraId: string): boolean {
    return [...this.#lines.values()].some((running) => running?.job.picture.cameraId === cameraId);
  }

  #send(line: DetectorLine, job: Job): void {
    const { input, scores, clock } = this.#options;
    const { picture, regions, minScore } = job;
    const crops = regions.slice(0, MOST_REGIONS)
      .map((region) => cropToRgb(picture, region, input));
    if (crops.length === 0) return job.resolve([]);
    const floor = Math.min(
      scores.default,
      ...Object.values(scores.byClass),
      ...Object.values(minScore),
    );
    const id = this.#nextId++;
    const lost = new AbortController();
    this.#lines.set(line, { id, job, lost, sentAt: clock.monotonic() });
    line.send({ type: "look", id, crops, floor });
    clock.sleep(LOST_AFTER_MS, lost.signal).then(() => {
      if (this.#lines.get(line)?.id !== id) return;
      this.removeLine(line);
      this.#options.onLost?.(line);
    });
  }

  #take(line: DetectorLine, answer: DetectorAnswer): void {
    const running = this.#lines.get(line);
    if (running === undefined || running === null || running.id !== answer.id) return;
    this.#lines.set(line, null);
    if (answer.type === "not-seen") this.#fail(running);
    else {
      running.lost.abort();
      this.#counts.looked += 1;
      this.#counts.lastMs = this.#options.clock.monotonic() - running.sentAt;
      running.job.resolve(this.#counting(answer.detections, running.job.minScore));
    }
    this.#dispatch();
  }

  #counting(
    detections: readonly Detection[],
    minScore: Readonly<Record<string, number>>,
  ): Detection[] {
    const { scores } = this.#options;
    return detections.filter(({ class: name, score }) =>
      score >= lowestScore(name, scores, minScore)
    );
  }

  #fail({ job, lost }: Running): void {
    lost.abort();
    this.#counts.failed += 1;
    job.resolve(null);
  }

  #drop(job: Job): void {
    this.#counts.dropped += 1;
    job.resolve(null);
  }
}
