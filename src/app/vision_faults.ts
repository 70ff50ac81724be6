/**
 * What vision could not do, kept in a small file for `lookback status`, which is a
 * program of its own and can't ask the one that records. The file is there only where
 * something went wrong since recording began; losing it costs these numbers alone.
 *
 * In:  the counters of the vision Worker. Out: a file below the storage root, and what
 * it says.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { ensureFolder } from "../host/durable.ts";

const log = logger("vision");

export const VISION_FAULTS_PATH = join("data", "upkeep", "vision.json");

/** Of all cameras together, since the vision Worker began. */
export interface VisionFaults {
  /** Pictures of events that could not be written. */
  readonly picturesLost: number;
  /** Those that were not tried, because the disk was full. */
  readonly picturesLeftOut: number;
  /** How often detectors failed and were started again. */
  readonly detectorRestarts: number;
  /** How often the Worker itself failed. */
  readonly workerFailures: number;
}

export const NO_VISION_FAULTS: VisionFaults = {
  picturesLost: 0,
  picturesLeftOut: 0,
  detectorRestarts: 0,
  workerFailures: 0,
};

/** What the file says; nothing went wrong where there is none that can be read. */
export async function readVisionFaults(root: string): Promise<VisionFaults> {
  try {
    const said = JSON.parse(await Deno.readTextFile(join(root, VISION_FAULTS_PATH)));
    const faults = { ...NO_VISION_FAULTS, ...said };
    return Object.values(faults).every(Number.isSafeInteger) ? faults : NO_VISION_FAULTS;
  } catch (error) {
    const isNone = error instanceof Deno.errors.NotFound || error instanceof SyntaxError;
    if (isNone) return NO_VISION_FAULTS;
    throw error;
  }
}

/** Keeps the file as the counters are. */
export class VisionFaultFile {
  readonly #root: string;
  #told: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(root: string) {
    this.#root = root;
  }

  /** Says what the counters are now. The first time that also forgets an earlier run's. */
  tell(faults: VisionFaults): void {
    const text = JSON.stringify(faults);
    if (text === this.#told) return;
    this.#told = text;
    this.#writing = this.#writing.then(async () => {
      // Counters that went on meanwhile are written by the call that told of them.
      if (text !== this.#told) return;
      const isNothing = Object.values(faults).every((count) => count === 0);
      await (isNothing ? this.#remove() : this.#write(text)).catch((error) => {
        // Told once more with the next change; the same numbers are in the page's report.
        log.warning("Cannot note what vision missed: {reason}", { reason: messageOf(error) });
      });
    });
  }

  /** Resolves when all that was told is written. */
  async stop(): Promise<void> {
    await this.#writing;
  }

  async #write(text: string): Promise<void> {
    const path = join(this.#root, VISION_FAULTS_PATH);
    await ensureFolder(dirname(path));
    await Deno.writeTextFile(`${path}.part`, `${text}\n`);
    await Deno.rename(`${path}.part`, path);
  }

  async #remove(): Promise<void> {
    try {
      await Deno.remove(join(this.#root, VISION_FAULTS_PATH));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
